package layout

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// linkTree makes to a copy of the folder from, of hard links where the file system has them.
func linkTree(from, to string) error {
	linked := true
	return eachFile(from, to, func(name, target string) (err error) {
		if linked {
			if err = os.Link(name, target); err == nil {
				return nil
			}
			linked = false // another disk, no such feature, or too many links
		}
		return copyFile(name, target)
	})
}

// linkFile makes to a hard link of a file, or a copy where there can be none.
func linkFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// eachFile makes the folders of from below to, too, and calls do for each file with its name below both.
func eachFile(from, to string, do func(name, target string) error) error {
	return filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(name, from))
		if e.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		return do(name, target)
	})
}
