package project

import (
	"context"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// engines are the ranges of Node.js that providers which were read ask for (engines.node of package.json).
type engines struct {
	mu     sync.Mutex
	wished map[string]string // by subject
}

// wish notes what a provider asks for.
func (e *engines) wish(m *lockfile.Module, about *manifest.Provider) {
	if about.Node == "" {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wished == nil {
		e.wished = map[string]string{}
	}
	e.wished[subject(m)] = about.Node
}

// take returns what was noted since the last time.
func (e *engines) take() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.wished
	e.wished = nil
	return out
}

// warnEngines warns of providers whose authors ask for another Node.js than the one that will run them: as with npm, an
// author's word on this is advice. For the one in PATH it has to be asked for its version.
func (p *Project) warnEngines(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) {
	wished := p.engines.take()
	if len(wished) == 0 {
		return
	}
	version, where := "", "the one in PATH"
	if tools := lock.Tools(nodeTool); m.Node != "" && len(tools) > 0 {
		version, where = tools[0].Version, "the one of "+lockfile.Name
	} else if out, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		version = library.Clean(strings.TrimSpace(string(out)))
	}
	if version == "" {
		return // without any Node.js, run says so
	}
	for _, name := range slices.Sorted(maps.Keys(wished)) {
		rng, err := library.ParseRange(wished[name])
		if err != nil || rng.Allows(version) {
			continue
		}
		report.Warn(ctx, name, "", "its package.json asks for Node.js "+wished[name]+", and "+where+" is "+version+"; [toolchain] node in "+lockfile.ManifestName+" chooses another")
	}
}
