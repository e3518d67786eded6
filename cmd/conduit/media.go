package main

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

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
	switch major, _, _ := strings.Cut(kind, "/"); major {
	case "image", "audio", "video":
		return plugin.Media{Type: major, MIME: kind, Path: abs}, nil
	case "model":
		return plugin.Media{Type: "3d", MIME: kind, Path: abs}, nil
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

// mediaTypes are types that systems know differently, or that the first bytes do not tell: the same file is to be the same
// input on every machine. As registered with IANA where they are.
var mediaTypes = map[string]string{
	".txt": "text/plain", ".md": "text/markdown", ".csv": "text/csv", ".srt": "text/plain", ".vtt": "text/vtt", ".ts": "text/plain",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".avif": "image/avif",
	".heic": "image/heic", ".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp", ".svg": "image/svg+xml",
	".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".flac": "audio/flac", ".m4a": "audio/mp4",
	".aac": "audio/aac", ".opus": "audio/opus", ".weba": "audio/webm", ".aiff": "audio/aiff",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mkv": "video/x-matroska",
	".avi": "video/x-msvideo", ".mpeg": "video/mpeg", ".mpg": "video/mpeg", ".ogv": "video/ogg",
	".glb": "model/gltf-binary", ".gltf": "model/gltf+json", ".obj": "model/obj", ".stl": "model/stl", ".usdz": "model/vnd.usdz+zip",
}

func mimeType(f *os.File) (string, error) {
	ext := strings.ToLower(filepath.Ext(f.Name()))
	kind := mediaTypes[ext]
	if kind == "" {
		kind = mime.TypeByExtension(ext)
	}
	if kind == "" {
		head := make([]byte, 512)
		n, err := io.ReadFull(f, head)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return "", err
		}
		kind = http.DetectContentType(head[:n])
	}
	kind, _, _ = strings.Cut(kind, ";")
	if kind == "application/ogg" { // most often sound, and then it has no other sign
		kind = "audio/ogg"
	}
	return kind, nil
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

// checkOutput finds out before the model runs, which may cost time and money, whether its answer could be written.
func checkOutput(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usage(path+" is a folder", "name a file in it with -o")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".conduit-*")
	if err != nil {
		return &report.Error{What: "cannot write the answer", Where: path, Err: err, Next: "name a file in a writable folder with -o"}
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// writeFile writes the content of m to the file that the user named: all of it, or the old content stays.
func writeFile(path string, m plugin.Media) (err error) {
	defer func() {
		if err != nil {
			err = &report.Error{What: "cannot write the answer", Where: path, Err: err, Next: "name a file in a writable folder with -o"}
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), ".conduit-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when the renaming went well
	if err := errors.Join(copyMedia(f, m), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
