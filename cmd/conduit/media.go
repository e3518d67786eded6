package main

import (
	"errors"
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

// fileInput describes a file for a provider: what it is by its name, else by its first bytes. Text is read, anything else
// goes by path.
func fileInput(path string) (plugin.Media, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot tell the working folder", Err: err}
	}
	f, err := os.Open(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return plugin.Media{}, &report.Error{Kind: report.Usage, What: "no such input file", Where: path, Next: "check the name after -i"}
	}
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot read the input file", Where: path, Err: err, Next: "make it readable"}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return plugin.Media{}, usage(path+" is a folder", "name a file in it with -i")
	}
	kind, err := mimeType(f)
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot read the input file", Where: path, Err: err}
	}
	switch each := media.Kind(kind); each {
	case "image", "audio", "video", "3d":
		return plugin.Media{Type: each, MIME: kind, Path: abs}, nil
	case "text":
		data, err := os.ReadFile(abs)
		if err != nil {
			return plugin.Media{}, &report.Error{What: "cannot read the input file", Where: path, Err: err}
		}
		if !utf8.Valid(data) {
			return plugin.Media{}, &report.Error{Kind: report.Usage, What: "the text is not valid UTF-8", Where: path, Next: "convert it, for example with iconv -f LATIN1 -t UTF-8"}
		}
		return plugin.Media{Type: "text", MIME: kind, Text: string(data)}, nil
	}
	if info, err := f.Stat(); err == nil && info.Size() <= textMost { // JSON, YAML, source code: text without being called so
		data, err := os.ReadFile(abs)
		if err == nil && strings.HasPrefix(http.DetectContentType(data), "text/") && utf8.Valid(data) {
			return plugin.Media{Type: "text", MIME: kind, Text: string(data)}, nil
		}
	}
	return plugin.Media{Type: "file", MIME: kind, Path: abs}, nil
}

// textMost is the size in bytes up to which a file of another type is looked through for being text.
const textMost = 1 << 20

func mimeType(f *os.File) (string, error) {
	return media.Type(f.Name(), func() ([]byte, error) {
		head := make([]byte, media.HeadSize)
		n, err := io.ReadFull(f, head)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		return head[:n], nil
	})
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
