package native

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/cache/tarball"
)

// Limits of what a step may make, those for unpacking a package.
const (
	maxBytes = 1 << 30
	maxFiles = 200_000
)

// leavings are folders that compilers work in: nothing loads what is in them, and they make every output larger.
var leavings = []string{"obj", "obj.target", ".deps", "node_gyp_bins", "__pycache__", "node_modules"}

// collect copies to the folder to what in the package's folder below scratch is not as in its tarball. Links to files of the package
// become copies; links that lead elsewhere are left out, for nothing that they lead to is locked.
func collect(scratch, pkg string, plain *tarball.Archive, to string) error {
	for dir := pkg; dir != scratch; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			return errors.New("its scripts put something else in the place of " + filepath.Base(dir))
		}
	}
	// The cache may lie behind a link.
	pkg, err := filepath.EvalSymlinks(pkg)
	if err != nil {
		return err
	}
	count, size := 0, int64(0)
	return filepath.WalkDir(pkg, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name != pkg && slices.Contains(leavings, e.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(pkg, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		real, err := filepath.EvalSymlinks(name)
		if err != nil || !strings.HasPrefix(real, pkg+string(filepath.Separator)) {
			return nil
		}
		info, err := os.Stat(real)
		if err != nil || !info.Mode().IsRegular() || path.Ext(rel) == ".o" {
			return err
		}
		if old, ok := plain.File(rel); ok && int64(len(old)) == info.Size() {
			if data, err := os.ReadFile(real); err != nil || string(data) == string(old) {
				return err
			}
		}
		if count, size = count+1, size+info.Size(); count > maxFiles || size > maxBytes {
			return errors.New("its scripts made more than 200,000 files or 1 GiB")
		}
		return copyFile(real, filepath.Join(to, filepath.FromSlash(rel)), info.Mode())
	})
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644|mode&0o111)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
