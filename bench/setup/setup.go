package setup

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/project"
)

// Folder makes a scratch folder. done removes it, read-only entries of a cache included; with keep it stays, and its name is
// printed.
func Folder(keep bool) (dir string, done func() error, err error) {
	dir, err = os.MkdirTemp("", "conduit-bench-")
	if err != nil {
		return "", nil, err
	}
	if keep {
		fmt.Println(dir)
		return dir, func() error { return nil }, nil
	}
	return dir, func() error { return cache.RemoveAll(dir) }, nil
}

// Project makes a project of the files below work, its conduit.toml among them, in dir, with a cache of its own there and
// everything in place.
func Project(ctx context.Context, files fs.FS, dir string) (*project.Project, error) {
	below, err := fs.Sub(files, "work")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, below); err != nil {
		return nil, err
	}
	store, err := cache.Open(filepath.Join(dir, "cache"))
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
