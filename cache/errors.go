package cache

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/MediaConduit/conduit/report"
)

// StorageError explains a failure of the file system at path, for this package and for who works in a folder of
// [Cache.Scratch]: as a [*report.Error] that says how to make room. Errors that are none of the file system pass unchanged.
func StorageError(path, verb string, err error) error {
	var known *report.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	// An error number alone may come from the network.
	onFile := errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError))
	e := &report.Error{What: "cannot " + verb + " a file of the cache", Where: path, Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.What = "the disk that holds the cache is full"
		e.Next = "free some space, run 'conduit cache prune', or set " + EnvDir + " to a folder on another disk"
	case onFile && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		e.Next = "make the cache's folder writable for this user, or set " + EnvDir + " to one that is"
	case onFile:
		e.Next = "set " + EnvDir + " to another folder if this one cannot be mended"
	default:
		return err
	}
	return e
}
