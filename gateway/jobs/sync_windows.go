package jobs

import (
	"errors"
	"os"
)

// syncPath has a file's content on disk when it returns. Windows syncs files that are open for writing only, and no folders: NTFS
// journals names by itself.
func syncPath(path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
