package project

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// access is what a provider may reach besides the system and its own. folders are the user's own that its package is in.
func (p *Project) access(ctx context.Context, set lockfile.Entry, data string, folders []string) *plugin.Access {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = ""
	}
	private := []string{p.dir, p.cache.Dir(), data}
	if home != "" {
		private = append(private, home)
	}
	allowed := set.Permissions
	warnUnenforced(ctx, set.Name, allowed)
	out := &plugin.Access{
		Run: folders, Read: p.places(allowed.Read, home), Write: p.places(allowed.Write, home), Private: private,
		Calls: filepath.Join(filepath.Dir(data), ".calls", set.Name), Limits: plugin.Limits{Programs: allowed.Run},
	}
	if allowed.Net != nil {
		out.Limits.Ports = []uint16{}
		for _, each := range allowed.Net {
			if port, ok := lockfile.PermittedPort(each); ok {
				out.Limits.Ports = append(out.Limits.Ports, port)
			}
		}
	}
	return out
}

// places are paths of conduit.toml as the system knows them.
func (p *Project) places(paths []string, home string) (out []string) {
	for _, path := range paths {
		switch rest, below := strings.CutPrefix(path, "~/"); {
		case below && home == "":
			continue
		case below:
			path = filepath.Join(home, rest)
		case !filepath.IsAbs(path):
			path = filepath.Join(p.dir, path)
		}
		out = append(out, path)
	}
	return out
}

// warnUnenforced says which limits of conduit.toml nothing enforces here.
func warnUnenforced(ctx context.Context, name string, allowed lockfile.Permissions) {
	kernel := landlock.Supported()
	switch {
	case !kernel.Files && (allowed.Net != nil || allowed.Run != nil):
		report.Warn(ctx, name, lockfile.ManifestName, "permissions are not enforced here: the kernel has no Landlock (conduit doctor)")
	case !kernel.Ports && allowed.Net != nil:
		report.Warn(ctx, name, lockfile.ManifestName, "permissions.net is not enforced here: that takes Linux 6.7 or newer (conduit doctor)")
	}
}
