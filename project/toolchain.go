package project

import (
	"context"
	"os/exec"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// checkNode refuses a machine without Node.js and, where conduit.toml has [toolchain] node, a version that it does not
// allow. Without that key any version will do that the host accepts. It comes before services are started.
func (p *Project) checkNode(ctx context.Context, m *lockfile.Manifest, spec plugin.Spec) error {
	if _, err := exec.LookPath(spec.Node); err != nil {
		return &report.Error{Kind: report.Provider, What: "providers run under Node.js, and there is none in PATH", Err: err, Next: "install Node.js 20 or newer and have it in PATH"}
	}
	if m.Node == "" {
		return nil
	}
	allowed, err := library.ParseRange(m.Node)
	if err != nil {
		return &report.Error{Kind: report.Usage, What: "malformed range of node: " + m.Node, Where: lockfile.ManifestName, Err: err, Next: "[toolchain] node = \"^22\""}
	}
	cmd := exec.CommandContext(ctx, spec.Node, "--version")
	cmd.Env = spec.Env
	out, err := cmd.Output()
	if err != nil {
		return &report.Error{Kind: report.Provider, What: "cannot ask " + spec.Node + " for its version", Err: err, Next: "install Node.js " + m.Node + " and have it in PATH"}
	}
	if have := strings.TrimSpace(string(out)); !allowed.Allows(library.Clean(have)) {
		return &report.Error{Kind: report.Provider, What: "Node.js " + have + " is not the one that this project asks for", Where: lockfile.ManifestName,
			Why: "[toolchain] node is \"" + m.Node + "\"", Next: "have such a Node.js first in PATH, or change [toolchain] node"}
	}
	return nil
}
