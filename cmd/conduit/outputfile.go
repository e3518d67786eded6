package main

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// checkOutput finds out before the model runs, which may cost time and money, whether its answer could be written.
func checkOutput(path string) error {
	if path == "" {
		return nil
	}
	target, old, err := existing(path)
	if err == nil && old != nil && old.IsDir() {
		return usage(path+" is a folder", "name a file in it with -o")
	}
	if err == nil && old != nil && !old.Mode().IsRegular() {
		return nil // whoever reads a pipe may come later
	}
	var f *os.File
	if err == nil {
		f, err = createBeside(target)
	}
	if err != nil {
		return &report.Error{What: "cannot write the answer", Where: path, Err: err, Next: "name a file in a writable folder with -o"}
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// writeFile writes the content of m to the file that the user named: all of it, or the old content stays.
func writeFile(path string, m plugin.Media) error {
	if err := replaceFile(path, func(w io.Writer) error { return copyMedia(w, m) }); err != nil {
		return &report.Error{What: "cannot write the answer", Where: path, Err: err, Next: "name a file in a writable folder with -o"}
	}
	return nil
}

// copyMedia writes the content of m to w.
func copyMedia(w io.Writer, m plugin.Media) error {
	switch {
	case m.Path != "":
		f, err := os.Open(m.Path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	case m.Data != nil:
		_, err := w.Write(m.Data)
		return err
	}
	_, err := io.WriteString(w, m.Text)
	return err
}

// replaceFile makes path a file with what write writes: all of it, or the old content stays. As with a shell's redirection a link
// stays a link, a file keeps its permissions, and a device or a pipe is written to.
func replaceFile(path string, write func(io.Writer) error) error {
	path, old, err := existing(path)
	if err != nil {
		return err
	}
	if old != nil && !old.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := createBeside(path)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when the renaming went well
	err = write(f)
	if err == nil && old != nil {
		err = f.Chmod(old.Mode().Perm())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// existing returns what path leads to by way of links, and what is there; nil where nothing is.
func existing(path string) (target string, old fs.FileInfo, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	old, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	return path, old, err
}

// createBeside creates a file in the folder of path, with the permissions that the user's files usually have.
func createBeside(path string) (*os.File, error) {
	return os.OpenFile(filepath.Join(filepath.Dir(path), ".conduit-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}
