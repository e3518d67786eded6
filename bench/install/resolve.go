package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	_ "github.com/MediaConduit/conduit/cmd/conduit/pace" // conduit collects garbage at this pace
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/direct"
	"github.com/MediaConduit/conduit/resolve/source/npm"
)

// resolveOnce selects the libraries of all projects in the folder dir, as conduit lock does before it builds. It runs as a
// process of its own.
func resolveOnce(dir string) error {
	store, err := cache.Open(os.Getenv(cache.EnvDir))
	if err != nil {
		return err
	}
	client, err := npm.New(npm.Options{Cache: store})
	if err != nil {
		return err
	}
	packages := direct.New(client, source.New(source.Options{Cache: store, NPM: npm.NewOrigin(client)}), store)
	files, err := filepath.Glob(filepath.Join(dir, "*", "package.json"))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(context.Background())
	group.SetLimit(4)
	for _, file := range files {
		group.Go(func() error {
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			var manifest struct{ Dependencies map[string]string }
			if err := json.Unmarshal(data, &manifest); err != nil {
				return err
			}
			_, err = library.Resolve(ctx, packages, library.Request{Subject: file, Dependencies: manifest.Dependencies})
			return err
		})
	}
	return group.Wait()
}
