package main

import (
	"context"
	"embed"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/project"
)

// work is the provider and its peers.
//
//go:embed work
var work embed.FS

// install makes a project with the provider in dir, with everything in place.
func install(ctx context.Context, dir string) (*project.Project, error) {
	files, err := fs.Sub(work, "work")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return nil, err
	}
	manifest := "conduit = \"0.1\"\n[providers]\noverhead = \"file:./provider\"\n"
	if err := os.WriteFile(filepath.Join(dir, lockfile.ManifestName), []byte(manifest), 0o666); err != nil {
		return nil, err
	}
	store, err := cache.Open(os.Getenv("CONDUIT_CACHE"))
	if err != nil {
		return nil, err
	}
	p, err := project.Open(ctx, project.Options{Dir: dir, Cache: store})
	if err != nil {
		return nil, err
	}
	_, err = p.Sync(ctx, project.SyncOptions{})
	return p, err
}
