//go:build unix

package jobs

import (
	"errors"
	"os"
)

// syncPath has a file's or folder's content on disk when it returns.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
