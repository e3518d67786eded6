package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/MediaConduit/conduit/report"
)

// EnvDir is the environment variable that names the cache's folder.
const EnvDir = "CONDUIT_CACHE"

// Folders below the cache's own. Each kind of entry has one more, named after it.
const (
	recordDir = "record" // completion records, laid out like the entries that they complete
	lockDir   = "lock"   // lock files, one for each key that is being written
	workDir   = "tmp"    // unfinished entries, named like the lock that their writer holds
	metaDir   = "meta"   // small mutable documents
)

// tagFile marks the folder for backup programs, https://bford.info/cachedir/.
const tagFile = "CACHEDIR.TAG"

const tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is conduit's cache. 'conduit cache prune' empties it.\n"

// Cache is one folder of cached entries. It is safe for use by several goroutines and several processes at once.
type Cache struct {
	dir     string
	mu      sync.Mutex
	waiting map[string]chan struct{} // locks held by this process, by lock name; closed on release
	prepare func() error             // makes the folders and sweeps leftovers, once
	supply  *Supply                  // nil for none
	unread  atomic.Pointer[error]    // see Unread
}

// DefaultDir is the folder that CONDUIT_CACHE names (it must be absolute), else "conduit" in the user's cache folder.
func DefaultDir() (string, error) {
	if dir := os.Getenv(EnvDir); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", &report.Error{Kind: report.Usage, What: EnvDir + " is not an absolute path", Where: dir,
				Next: "set " + EnvDir + " to the full path of a folder, or unset it"}
		}
		return filepath.Clean(dir), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", &report.Error{Kind: report.Failure, What: "there is no cache folder for this user", Err: err,
			Next: "set " + EnvDir + " to the full path of a folder"}
	}
	return filepath.Join(dir, "conduit"), nil
}

// Open returns the cache in dir. Nothing is created until the first entry is written, so that a cache that was filled
// beforehand may lie on a read-only file system.
func Open(dir string) (*Cache, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, &report.Error{What: "cannot open the cache", Where: dir, Err: err}
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, StorageError(abs, "open", err)
	case !info.IsDir():
		return nil, &report.Error{Kind: report.Usage, What: "the cache is not a folder", Where: abs,
			Next: "remove that file, or set " + EnvDir + " to the full path of a folder"}
	case info.Mode().Perm()&0o002 != 0 && runtime.GOOS != "windows": // where these bits say nothing
		return nil, &report.Error{Kind: report.Policy, What: "every user of this machine can change the cache", Where: abs,
			Why: "whoever writes to it decides what runs here", Next: "look who did; then: chmod -R o-w " + abs + "    or set " + EnvDir + " to a folder of your own"}
	}
	c := &Cache{dir: abs, waiting: map[string]chan struct{}{}}
	c.prepare = sync.OnceValue(c.makeFolders)
	return c, nil
}

// Dir is the absolute path of the cache's folder.
func (c *Cache) Dir() string { return c.dir }

func (c *Cache) makeFolders() error {
	for _, name := range []string{recordDir, lockDir, workDir, metaDir} {
		if err := os.MkdirAll(filepath.Join(c.dir, name), 0o775); err != nil {
			return StorageError(c.dir, "create", err)
		}
	}
	tag := filepath.Join(c.dir, tagFile)
	if _, err := os.Lstat(tag); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(tag, []byte(tagText), 0o664); err != nil {
			return StorageError(tag, "write", err)
		}
	}
	c.sweep()
	return nil
}
