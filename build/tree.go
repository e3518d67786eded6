package build

import (
	"io/fs"
	"os"
	"path"
)

// maxFiles bounds how many files of one tree are looked at.
const maxFiles = 200_000

// openTree opens a module's folder so that no name and no link leads out of it.
func openTree(dir string) (*os.Root, error) { return os.OpenRoot(dir) }

// files is a file system with its names listed beforehand: lookups depend neither on the disk's idea of case nor on its
// speed. It implements nodejs.Files.
type files struct {
	fs   fs.FS
	kind map[string]bool // name to whether it is a directory
}

// listFiles lists the tree. What other tools put there and no import may reach is left out.
func listFiles(tree fs.FS) (*files, error) {
	f := &files{tree, map[string]bool{".": true}}
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case e.IsDir() && (e.Name() == ".git" || e.Name() == "node_modules"):
			return fs.SkipDir
		case len(f.kind) > maxFiles:
			return fs.SkipAll
		case e.Type()&fs.ModeSymlink != 0:
			info, err := fs.Stat(tree, name) // refused where the link leads out of the tree
			if err == nil && info.Mode().IsRegular() {
				f.kind[name] = false
			}
			return nil
		case e.IsDir() || e.Type().IsRegular():
			f.kind[name] = e.IsDir()
		}
		return nil
	})
	return f, err
}

func (f *files) IsFile(name string) bool {
	dir, ok := f.kind[name]
	return ok && !dir
}

func (f *files) IsDir(name string) bool { return f.kind[name] }

func (f *files) Read(name string) ([]byte, error) { return fs.ReadFile(f.fs, path.Clean(name)) }
