package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// gitDir is never part of a tree: it is how the tree was fetched, not what was published.
const gitDir = ".git"

// errLoop, errOutside and errSpecial are the reasons why a tree has no sum.
var (
	errLoop    = errors.New("the symbolic link leads back to a folder that contains it")
	errOutside = errors.New("the symbolic link leaves the folder that is hashed")
	errSpecial = errors.New("neither a regular file, a folder nor a symbolic link")
)

// walker lists the regular files of a tree by their slash-separated names.
type walker struct {
	root  string            // the tree's root, all links resolved
	skip  []string          // base names that are left out at every depth
	files map[string]string // name to the path it is read from
}

func walk(dir string, skip []string) (*walker, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "hash", Path: dir, Err: errors.New("not a folder")}
	}
	w := &walker{root: root, skip: append([]string{gitDir}, skip...), files: map[string]string{}}
	return w, w.folder(root, "", []string{root})
}

// folder lists dir under prefix. open are the real paths of the folders being listed, to find loops of links.
func (w *walker) folder(dir, prefix string, open []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if slices.Contains(w.skip, e.Name()) {
			continue
		}
		if err := w.entry(filepath.Join(dir, e.Name()), prefix+e.Name(), e.Type(), open); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(path, name string, mode fs.FileMode, open []string) error {
	switch {
	case mode.IsDir():
		return w.folder(path, name+"/", append(open[:len(open):len(open)], path))
	case mode.IsRegular():
		w.files[name] = path
		return nil
	case mode&fs.ModeSymlink == 0:
		return &fs.PathError{Op: "hash", Path: path, Err: errSpecial}
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if target != w.root && !strings.HasPrefix(target, w.root+string(filepath.Separator)) {
		return &fs.PathError{Op: "hash", Path: path, Err: errOutside}
	}
	if slices.Contains(open, target) {
		return &fs.PathError{Op: "hash", Path: path, Err: errLoop}
	}
	info, err := os.Lstat(target)
	if err != nil {
		return err
	}
	return w.entry(target, name, info.Mode().Type(), open)
}

func (w *walker) names() []string {
	names := make([]string, 0, len(w.files))
	for name := range w.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (w *walker) open(name string) (io.ReadCloser, error) {
	path, ok := w.files[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return os.Open(path)
}
