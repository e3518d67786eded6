package layout

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/verify"
)

// overlay puts what a library's install scripts made over its own files in the folder to.
func (p *Plan) overlay(ctx context.Context, each item, to string, put func(from, to string) error) error {
	if each.Output == "" {
		return nil
	}
	from, err := p.in.Output(ctx, each.ID)
	if err != nil {
		return err
	}
	return eachFile(from, to, func(name, target string) error {
		if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return put(name, target)
	})
}

// wantOutput adds the files of an output, which must have the locked digest.
func (p *Plan) wantOutput(ctx context.Context, each item, want map[string]func() (io.ReadCloser, error)) error {
	if each.Output == "" {
		return nil
	}
	dir, err := p.in.Output(ctx, each.ID)
	if err != nil {
		return err
	}
	got, err := verify.ArtifactDigest(dir)
	if err != nil {
		return err
	}
	if err := verify.Check("the native build of "+each.lib.Name+"@"+each.lib.Version, each.Output, got); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			want[each.Path+filepath.ToSlash(strings.TrimPrefix(name, dir))] = func() (io.ReadCloser, error) { return os.Open(name) }
		}
		return err
	})
}
