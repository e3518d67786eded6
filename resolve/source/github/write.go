package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// Git LFS replaces a file by a text of at most 1024 bytes that begins so
// (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
const (
	lfsMark    = "version https://git-lfs.github.com/spec/"
	lfsMaxSize = 1024
)

// maxDepth is how many folders may lie in one another: more than any path of a usable name has.
const maxDepth = 512

// treeWriter writes the files of a commit.
type treeWriter struct {
	remote     *remote
	src        resolve.Source
	subject    string
	out        *extract.Writer
	pointers   []string // files that Git LFS holds elsewhere
	submodules []string
}

func (w *treeWriter) write(ctx context.Context, commit *object.Commit, dir string, limits extract.Limits) error {
	tree, err := commit.Tree()
	if err == nil && w.src.Dir != "" {
		tree, err = tree.Tree(w.src.Dir)
		if errors.Is(err, object.ErrDirectoryNotFound) || errors.Is(err, object.ErrEntryNotFound) {
			return &report.Error{What: w.subject + " has no such directory", Err: resolve.ErrNoSuchRevision,
				Why:  "the repository has no directory " + w.src.Dir + " at commit " + commit.Hash.String(),
				Next: "correct what follows // in the source, or leave it out to use the whole repository"}
		}
	}
	if err != nil {
		return w.remote.damaged(err)
	}
	if w.out, err = extract.NewWriter(w.subject, dir, limits); err != nil {
		return err
	}
	if err := w.folder(ctx, tree, "", 0); err != nil {
		w.out.Abort()
		return err
	}
	if len(w.pointers) > 0 {
		report.Warn(ctx, w.subject, "", "files kept by Git LFS are not fetched: "+strings.Join(w.pointers, ", "))
	}
	if len(w.submodules) > 0 {
		report.Warn(ctx, w.subject, "", "submodules are not fetched: "+strings.Join(w.submodules, ", "))
	}
	return w.out.Close()
}

func (w *treeWriter) folder(ctx context.Context, tree *object.Tree, prefix string, depth int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if depth > maxDepth {
		return w.out.Refuse(prefix, "too deep a folder")
	}
	for i := range tree.Entries {
		e := &tree.Entries[i]
		name := prefix + e.Name
		if strings.Contains(e.Name, "/") || e.Name == "" {
			return w.out.Refuse(name, "a name that git does not allow")
		}
		if err := w.entry(ctx, tree, e, name, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *treeWriter) entry(ctx context.Context, tree *object.Tree, e *object.TreeEntry, name string, depth int) error {
	switch e.Mode {
	case filemode.Dir:
		sub, err := tree.Tree(e.Name)
		if err != nil {
			return w.remote.damaged(fmt.Errorf("%s: %w", name, err))
		}
		return w.folder(ctx, sub, name+"/", depth+1)
	case filemode.Submodule:
		w.submodules = append(w.submodules, name)
		return nil
	case filemode.Symlink, filemode.Regular, filemode.Deprecated, filemode.Executable:
	default:
		return w.out.Refuse(name, "of a kind that git does not know")
	}
	file, err := tree.TreeEntryFile(e)
	if err != nil {
		return w.remote.damaged(fmt.Errorf("%s: %w", name, err))
	}
	r, err := file.Reader()
	if err != nil {
		return w.remote.damaged(fmt.Errorf("%s: %w", name, err))
	}
	defer r.Close()
	if e.Mode == filemode.Symlink {
		target, err := io.ReadAll(io.LimitReader(r, 4096))
		if err != nil {
			return w.remote.damaged(err)
		}
		return w.out.Link(name, string(target))
	}
	if file.Size > lfsMaxSize {
		return w.out.File(name, e.Mode == filemode.Executable, r)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return w.remote.damaged(err)
	}
	if bytes.HasPrefix(content, []byte(lfsMark)) {
		w.pointers = append(w.pointers, name)
	}
	return w.out.File(name, e.Mode == filemode.Executable, bytes.NewReader(content))
}
