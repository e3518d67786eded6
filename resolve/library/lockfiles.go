package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/report"
)

// foreignLock is the lock file of another package manager.
type foreignLock interface {
	root() lockRef
	all() []lockRef // the places of all installations
}

// lockFiles are the lock files that are read. The first that is there decides: npm's own before those of other package
// managers, and of npm's two the one that is published with a package.
var lockFiles = []struct {
	name   string
	parse  func(file string, data []byte) (foreignLock, error)
	remedy string // how its author writes it anew
}{
	{"npm-shrinkwrap.json", parseNPMLock, "npm shrinkwrap"},
	{"package-lock.json", parseNPMLock, "npm install --package-lock-only"},
	{"pnpm-lock.yaml", parsePNPMLock, "pnpm install --lockfile-only"},
	{"bun.lock", parseBunLock, "bun install --lockfile-only"},
}

// unreadable are lock files that only their own package manager can read, or that name no versions of npm's tree.
var unreadable = []string{"bun.lockb", "yarn.lock"}

func readLocks() []string {
	var names []string
	for _, l := range lockFiles {
		names = append(names, l.name)
	}
	return names
}

// readAuthorLock reads the lock file in dir, nil if there is none; ignored is one that is there and cannot be read.
func readAuthorLock(dir string) (lock foreignLock, ignored string, err error) {
	if dir == "" {
		return nil, "", nil
	}
	for _, l := range lockFiles {
		file := filepath.Join(dir, l.name)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			lock, err = l.parse(l.name, data)
		}
		if err != nil {
			return nil, "", &report.Error{What: "the author's lock file cannot be read", Where: file, Err: err,
				Next: "ask the author to write it anew with '" + l.remedy + "', or choose another version of the provider"}
		}
		return lock, "", nil
	}
	for _, name := range unreadable {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return nil, name, nil
		}
	}
	return nil, "", nil
}
