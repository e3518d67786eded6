package lockfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/report"
)

// WriteFile replaces conduit.lock in the folder dir with data, at once or not at all: a reader sees the old content or
// the new one. A file that holds these bytes already is not touched; permissions stay.
func WriteFile(dir string, data []byte) error { return write(filepath.Join(dir, Name), data) }

// WriteManifest is [WriteFile] for conduit.toml.
func WriteManifest(dir string, data []byte) error {
	return write(filepath.Join(dir, ManifestName), data)
}

func write(name string, data []byte) error {
	if err := replaceFile(name, data); err != nil {
		return &report.Error{What: "the file cannot be written", Where: filepath.Base(name), Err: err,
			Next: "check the permissions of the folder " + filepath.Dir(name) + " and the space on its disk"}
	}
	return nil
}

func replaceFile(name string, data []byte) error {
	// A link stays one: what it points to is replaced.
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	mode := fs.FileMode(0o644)
	switch old, err := os.ReadFile(name); {
	case err == nil && bytes.Equal(old, data):
		return nil
	case err == nil:
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	// The folder is not synced: a rename that a power failure undoes leaves the old file, which is whole.
	return os.Rename(f.Name(), name)
}
