package call

import (
	"os"
	"sync"
)

// folders are the folders of calls. Most calls leave theirs empty, and making one takes longer than all else that the gateway
// does for a call of a text: an empty one is used again.
type folders struct {
	mu    sync.Mutex
	empty []string
}

// foldersMost is how many empty folders are kept.
const foldersMost = 256

// Folder returns an empty folder for one call; the caller gives it back with Release.
func (c *Caller) Folder() (string, error) {
	c.folders.mu.Lock()
	if n := len(c.folders.empty); n > 0 {
		dir := c.folders.empty[n-1]
		c.folders.empty = c.folders.empty[:n-1]
		c.folders.mu.Unlock()
		return dir, nil
	}
	c.folders.mu.Unlock()
	dir, err := os.MkdirTemp(c.Scratch, "call-")
	if err != nil {
		return "", storeError(err)
	}
	return dir, nil
}

// Release gives a call's folder back. clean says that the call has ended well, so that its provider puts nothing there any more. What
// cannot be removed goes when the gateway starts again.
func (c *Caller) Release(dir string, clean bool) {
	entries, err := os.ReadDir(dir)
	if err != nil { // it became a job's
		return
	}
	c.folders.mu.Lock()
	again := clean && len(entries) == 0 && len(c.folders.empty) < foldersMost
	if again {
		c.folders.empty = append(c.folders.empty, dir)
	}
	c.folders.mu.Unlock()
	if !again {
		_ = os.RemoveAll(dir)
	}
}
