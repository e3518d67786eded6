package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// inputFiles reads the files that the user names as inputs. What comes from a pipe can be read only once: it is kept in a temporary
// folder until the model has answered.
type inputFiles struct {
	ctx   context.Context // ends the wait for a pipe or a terminal
	stdin io.Reader
	spent bool   // stdin has been read
	dir   string // of what is kept; "" while nothing is
	kept  int
}

// remove ends the use of what was read.
func (in *inputFiles) remove() {
	if in.dir != "" {
		_ = os.RemoveAll(in.dir)
	}
}

// text reads standard input.
func (in *inputFiles) text() (string, error) {
	r, err := in.standardInput()
	if err != nil {
		return "", err
	}
	var all bytes.Buffer
	if err := copyUntil(in.ctx, &all, r); err != nil {
		return "", unreadable("standard input", err)
	}
	return all.String(), nil
}

// standardInput is what the user sends, once.
func (in *inputFiles) standardInput() (io.Reader, error) {
	if in.spent {
		return nil, usage("standard input is named twice, and can be read only once", "leave out one -")
	}
	in.spent = true
	return in.stdin, nil
}

// read describes a file for a provider, "-" for standard input: what it is by its name, else by its first bytes. Text is read,
// anything else goes by path.
func (in *inputFiles) read(path string) (plugin.Media, error) {
	if path == "-" {
		r, err := in.standardInput()
		if err != nil {
			return plugin.Media{}, err
		}
		return in.keep("standard input", r)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot tell the working folder", Err: err}
	}
	f, err := os.Open(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return plugin.Media{}, &report.Error{Kind: report.Usage, What: "no such input file", Where: path, Next: "check the name after -i"}
	}
	if err != nil {
		return plugin.Media{}, unreadable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return plugin.Media{}, unreadable(path, err)
	case info.IsDir():
		return plugin.Media{}, usage(path+" is a folder", "name a file in it with -i")
	case !info.Mode().IsRegular():
		return in.keep(path, f)
	}
	kind, err := mimeType(f)
	if err != nil {
		return plugin.Media{}, unreadable(path, err)
	}
	return fileInput(path, f, kind)
}

// keep reads what can be read only once into a file, whose name ends as its content tells.
func (in *inputFiles) keep(shown string, r io.Reader) (plugin.Media, error) {
	var err error
	if in.dir == "" {
		if in.dir, err = os.MkdirTemp("", "conduit-input-"); err != nil {
			return plugin.Media{}, &report.Error{What: "cannot make a temporary folder", Err: err, Next: "let TMPDIR name a writable folder"}
		}
	}
	in.kept++
	name, kind, err := in.write(r)
	if err == nil {
		var f *os.File
		if f, err = os.Open(name); err == nil {
			defer f.Close()
			return fileInput(shown, f, kind)
		}
	}
	var failed *fs.PathError
	if errors.As(err, &failed) && filepath.Dir(failed.Path) == in.dir {
		return plugin.Media{}, &report.Error{What: "cannot keep the input while the model works", Where: shown, Err: err, Next: "let TMPDIR name a writable folder with room for it"}
	}
	return plugin.Media{}, unreadable(shown, err)
}

// write copies r to a new file, and tells its name and media type.
func (in *inputFiles) write(r io.Reader) (name, kind string, err error) {
	f, err := os.Create(filepath.Join(in.dir, fmt.Sprint("input-", in.kept)))
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	if err := copyUntil(in.ctx, f, r); err != nil {
		return "", "", err
	}
	if kind, err = mimeType(f); err != nil {
		return "", "", err
	}
	name = f.Name() + media.Extension(kind)
	return name, kind, os.Rename(f.Name(), name)
}

// copyUntil copies r to w until ctx ends, also where r waits for somebody who sends nothing. After an error w belongs to it.
func copyUntil(ctx context.Context, w io.Writer, r io.Reader) error {
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(w, r)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func unreadable(shown string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &report.Error{What: "cannot read the input", Where: shown, Err: err, Next: "make it readable"}
}

// fileInput describes a regular file of a media type, which messages call shown.
func fileInput(shown string, f *os.File, kind string) (plugin.Media, error) {
	switch each := media.Kind(kind); each {
	case "image", "audio", "video", "3d":
		return plugin.Media{Type: each, MIME: kind, Path: f.Name()}, nil
	case "text":
		data, err := os.ReadFile(f.Name())
		if err != nil {
			return plugin.Media{}, unreadable(shown, err)
		}
		if !utf8.Valid(data) {
			return plugin.Media{}, &report.Error{Kind: report.Usage, What: "the text is not valid UTF-8", Where: shown, Next: "convert it, for example with iconv -f LATIN1 -t UTF-8"}
		}
		return plugin.Media{Type: "text", MIME: kind, Text: string(data)}, nil
	}
	if info, err := f.Stat(); err == nil && info.Size() <= textMost { // JSON, YAML, source code: text without being called so
		data, err := os.ReadFile(f.Name())
		if err == nil && strings.HasPrefix(http.DetectContentType(data), "text/") && utf8.Valid(data) {
			return plugin.Media{Type: "text", MIME: kind, Text: string(data)}, nil
		}
	}
	return plugin.Media{Type: "file", MIME: kind, Path: f.Name()}, nil
}

// textMost is the size in bytes up to which a file of another type is looked through for being text.
const textMost = 1 << 20

// mimeType is the media type of a file.
func mimeType(f *os.File) (string, error) {
	return media.Type(f.Name(), func() ([]byte, error) {
		head := make([]byte, media.HeadSize)
		n, err := f.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return head[:n], nil
	})
}
