package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// ignored is left out of a folder's sum, beside .git.
const ignored = "node_modules"

// Origin implements [resolve.Origin] for folders.
type Origin struct {
	project string
}

// New returns the origin of the folders that a project names; relative paths start from the folder project.
func New(project string) *Origin { return &Origin{project: project} }

// Releases is empty: a folder has no versions. It fails if there is no such folder.
func (o *Origin) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	_, err := o.folder(src)
	return resolve.Releases{}, err
}

// Find knows the name "HEAD" alone: the folder as it is.
func (o *Origin) Find(ctx context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	if _, err := o.folder(src); err != nil {
		return resolve.Revision{}, err
	}
	if name != "HEAD" {
		return resolve.Revision{}, &report.Error{What: src.String() + " has no revision " + name,
			Why: "a folder has no versions, branches or tags", Err: resolve.ErrNoSuchRevision,
			Next: "write " + src.String() + " without @" + name}
	}
	return resolve.Revision{}, nil
}

// Fetch hashes the folder as it is now.
func (o *Origin) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	dir, err := o.folder(src)
	if err != nil {
		return resolve.Tree{}, err
	}
	sum, err := verify.FolderSum(dir, ignored)
	if err != nil {
		return resolve.Tree{}, &report.Error{What: "cannot read the folder of " + src.String(), Where: dir, Err: err,
			Next: "make every file in it readable, and remove links that leave it"}
	}
	return resolve.Tree{Path: dir, Sum: sum}, nil
}

// folder is the absolute path of the folder that src names.
func (o *Origin) folder(src resolve.Source) (string, error) {
	dir := filepath.FromSlash(src.Path)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(o.project, dir)
	}
	dir = filepath.Join(dir, filepath.FromSlash(src.Dir))
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if at := strings.LastIndex(src.Path, "@"); at > 0 && src.Dir == "" {
			before := resolve.Source{Kind: src.Kind, Path: src.Path[:at]}
			if _, err := o.folder(before); err == nil {
				return "", &report.Error{What: "a folder has no versions: " + src.String(), Where: dir, Why: "it does not exist", Next: "name the folder alone: " + before.String()}
			}
		}
		return "", &report.Error{What: "there is no folder for " + src.String(), Where: dir, Why: "it does not exist",
			Next: "correct the path (in conduit.toml, paths start from the folder of that file), or create the folder"}
	case err != nil:
		return "", &report.Error{What: "cannot read the folder of " + src.String(), Where: dir, Err: err,
			Next: "make it readable for this user"}
	case !info.IsDir():
		return "", &report.Error{What: src.String() + " is not a folder", Where: dir,
			Next: "name the folder that holds the package's files"}
	}
	return dir, nil
}
