package project

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/report"
)

// access is what a provider may reach besides the system and its own. folders are the user's own that its package is in.
func (p *Project) access(ctx context.Context, name string, granted []Granted, data string, folders []string) *plugin.Access {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = ""
	}
	private := []string{p.dir, p.cache.Dir(), data}
	if home != "" {
		private = append(private, home)
	}
	warnUnenforced(ctx, name, granted)
	out := &plugin.Access{
		Run: folders, Private: private, Calls: filepath.Join(filepath.Dir(data), ".calls", name), Allowed: map[string][]string{},
	}
	for _, g := range granted {
		out.Allowed[g.Key] = g.Allowed
		switch {
		case g.Key == permission.Net && !g.Any:
			out.Limits.Ports = []uint16{}
			for _, each := range g.Allowed {
				if port, ok := permission.Port(each); ok {
					out.Limits.Ports = append(out.Limits.Ports, port)
				}
			}
		case g.Key == permission.Run && !g.Any:
			out.Limits.Programs = g.Allowed
		case (g.Key == permission.Read || g.Key == permission.Write) && g.From == byPackage:
			out.Fixed = append(out.Fixed, p.declaredPlaces(ctx, name, g, home, private)...)
		case g.Key == permission.Read:
			out.Read = p.places(g.Allowed, home)
		case g.Key == permission.Write:
			out.Write = p.places(g.Allowed, home)
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

// declaredPlaces are the paths that a package declares. It gets none that holds the project, the home folder or what conduit keeps, or is in
// one of conduit's own folders, and none that is reached by a symbolic link: a provider could make one that leads anywhere. conduit.toml
// can allow these.
func (p *Project) declaredPlaces(ctx context.Context, name string, g Granted, home string, private []string) (out []plugin.FixedPath) {
	own := []string{p.cache.Dir(), p.dir}
	if state, err := service.StateDir(); err == nil {
		own = append(own, state)
	}
	real := home
	if resolved, err := filepath.EvalSymlinks(home); err == nil {
		real = resolved
	}
	for _, text := range g.Allowed {
		path := text
		if rest, below := strings.CutPrefix(text, "~/"); below {
			if home == "" {
				continue
			}
			path = filepath.Join(real, rest)
		}
		refused := ""
		holds := func(parent, child string) bool {
			rel, err := filepath.Rel(parent, child)
			return err == nil && filepath.IsLocal(rel)
		}
		for _, folder := range append(own, private...) {
			if holds(path, folder) || holds(path, realOf(folder)) {
				refused = "it holds " + folder
			}
		}
		for _, folder := range own {
			if holds(folder, path) || holds(realOf(folder), path) {
				refused = "it is in " + folder
			}
		}
		if resolved, err := filepath.EvalSymlinks(path); refused == "" && err == nil && resolved != path {
			refused = "it is reached by a symbolic link, and leads to " + resolved
		}
		if refused != "" {
			report.Warn(ctx, name, lockfile.ManifestName, "does not get "+g.Key+" "+text+", which its package declares: "+refused+"; permissions = { "+g.Key+" = "+tomlList(g.Allowed)+" } gives it what it leads to")
			continue
		}
		out = append(out, plugin.FixedPath{Path: path, Write: g.Key == permission.Write})
	}
	return out
}

// realOf is a path without symbolic links, as far as it is there.
func realOf(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// warnUnenforced says which limits nothing enforces here.
func warnUnenforced(ctx context.Context, name string, granted []Granted) {
	limited := func(key string) bool {
		return slices.ContainsFunc(granted, func(g Granted) bool { return g.Key == key && !g.Any && g.From != byDefault })
	}
	kernel := landlock.Supported()
	switch {
	case !kernel.Files && slices.ContainsFunc([]string{permission.Net, permission.Read, permission.Write, permission.Run}, limited):
		report.Warn(ctx, name, lockfile.ManifestName, "its permissions are not enforced here, but for env: that takes Linux with Landlock (conduit doctor)")
	case !kernel.Ports && limited(permission.Net):
		report.Warn(ctx, name, lockfile.ManifestName, "permissions.net is not enforced here: that takes Linux 6.7 or newer (conduit doctor)")
	}
}
