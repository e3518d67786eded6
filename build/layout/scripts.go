package layout

import (
	"context"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
)

// Script is a script that npm would run after it has unpacked a package.
type Script struct {
	Event    string // "preinstall", "install" or "postinstall"
	Command  string // for the shell
	Compiles bool   // it makes machine code, or downloads it
}

// InstallScripts lists the scripts of the package in dir in the order in which npm runs them. A package that has a
// binding.gyp and no install or preinstall script of its own is compiled by node-gyp.
func InstallScripts(dir string) []Script {
	m := readManifest(dir)
	var out []Script
	_, err := os.Stat(filepath.Join(dir, "binding.gyp"))
	gyp := err == nil && (m.Gypfile == nil || *m.Gypfile) && m.Scripts["preinstall"] == "" && m.Scripts["install"] == ""
	for _, event := range []string{"preinstall", "install", "postinstall"} {
		command := m.Scripts[event]
		if event == "install" && gyp {
			command = "node-gyp rebuild"
		}
		if command != "" {
			out = append(out, Script{event, command, compiles.MatchString(command)})
		}
	}
	return out
}

// Copy writes the laid out libraries to the folder dir, as files that may be changed, and returns the tarball of the one
// that the plan was made for.
func (p *Plan) Copy(ctx context.Context, c *cache.Cache, dir string) (*tarball.Archive, error) {
	var root *tarball.Archive
	for _, each := range p.placed {
		a, err := p.open(ctx, each.lib)
		if err != nil {
			return nil, err
		}
		to := filepath.Join(dir, filepath.FromSlash(each.Path))
		if err := cache.RemoveAll(to); err != nil { // see fill
			return nil, err
		}
		if err := os.MkdirAll(to, 0o777); err != nil {
			return nil, err
		}
		if err := a.Extract(to); err != nil {
			return nil, err
		}
		if err := p.overlay(ctx, each, to, copyFile); err != nil {
			return nil, err
		}
		if p.isRoot(each.ID) {
			root = a
		}
	}
	return root, nil
}
