package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Take makes a file of a model's one of the gateway's: it moves a file that lies in dir, which was made for the call, and copies
// any other.
func Take(from, to, dir string) error {
	if info, err := os.Lstat(from); err == nil && info.Mode().IsRegular() && filepath.Dir(from) == filepath.Clean(dir) {
		if err := os.Rename(from, to); err == nil {
			return os.Chmod(to, 0o600)
		}
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
