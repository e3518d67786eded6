package mcp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// arguments reads a call's arguments: the inputs, text first, and the model's options. What is too large for a message is
// written to dir.
func (s *Server) arguments(m project.Model, raw json.RawMessage, dir string) ([]plugin.Media, map[string]any, error) {
	var given map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &given); err != nil {
			return nil, nil, &report.Error{Kind: report.Usage, What: "the arguments are no JSON object", Err: err, Next: "compare them with the tool's inputSchema"}
		}
	}
	known := []string{"text", "parameters"}
	if !onlyText(m) {
		for _, kind := range takes(m) {
			known = append(known, argument(kind))
		}
	}
	for name := range given {
		if !slices.Contains(known, name) {
			return nil, nil, usage(fmt.Sprintf("there is no argument %q", name), "use "+strings.Join(known, ", ")+"; options of the model stand in parameters")
		}
	}
	parameters, ok := given["parameters"].(map[string]any)
	if !ok && given["parameters"] != nil {
		return nil, nil, usage("parameters is no object", `write "parameters": {"name": value}`)
	}
	var inputs []plugin.Media
	if value, there := given["text"]; there && value != nil {
		text, ok := value.(string)
		if !ok {
			return nil, nil, usage("text is no string", `write "text": "…"`)
		}
		inputs = append(inputs, plugin.Text(text))
	}
	for _, kind := range kinds {
		for _, each := range list(given[argument(kind)]) {
			text, ok := each.(string)
			if !ok || text == "" {
				return nil, nil, usage(argument(kind)+" is no string", where(kind, s.opts.Files))
			}
			input, err := s.input(kind, text, filepath.Join(dir, fmt.Sprintf("input-%d", len(inputs))))
			if err != nil {
				return nil, nil, err
			}
			inputs = append(inputs, input)
		}
	}
	if len(inputs) == 0 {
		return nil, nil, usage("nothing to work on", "give one of "+strings.Join(slices.DeleteFunc(known, func(name string) bool { return name == "parameters" }), ", "))
	}
	return inputs, parameters, nil
}

func usage(what, next string) error {
	return &report.Error{Kind: report.Usage, What: what, Next: next}
}

// list is what an argument holds that may be a list.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// input is what a text stands for: a result, content in the text itself, or a file. target is where content may be written.
func (s *Server) input(kind, text, target string) (plugin.Media, error) {
	switch {
	case strings.HasPrefix(text, resourcePrefix):
		path, mimeType, err := s.results.find(text)
		return plugin.Media{Type: kind, MIME: mimeType, Path: path}, err
	case strings.HasPrefix(text, "data:"):
		return dataInput(kind, text, target)
	case !s.opts.Files:
		return plugin.Media{}, &report.Error{Kind: report.Policy, What: argument(kind) + " names a file, and this server reads none",
			Why: "whoever may call it is not known to be the user whose files they are", Next: where(kind, false)}
	}
	path := text
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" {
		path = filepath.FromSlash(u.Path)
	} else if err == nil && len(u.Scheme) > 1 { // one letter is a drive
		return plugin.Media{}, usage("the address "+text+" is not fetched", where(kind, true))
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot tell the working folder", Err: err}
	}
	return fileInput(kind, path)
}

// dataInput is the content of a data URI (RFC 2397).
func dataInput(kind, text, target string) (plugin.Media, error) {
	head, body, ok := strings.Cut(strings.TrimPrefix(text, "data:"), ",")
	head, encoded := strings.CutSuffix(head, ";base64")
	if !ok || !encoded {
		return plugin.Media{}, usage(argument(kind)+" is a malformed data URI", "write data:TYPE;base64, and the bytes in base64")
	}
	data, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return plugin.Media{}, &report.Error{Kind: report.Usage, What: argument(kind) + " is not base64", Err: err, Next: "encode the bytes as RFC 4648 says, with padding"}
	}
	mimeType, _, err := mime.ParseMediaType(head)
	if err != nil {
		if mimeType, err = media.Type("", func() ([]byte, error) { return data[:min(len(data), media.HeadSize)], nil }); err != nil {
			return plugin.Media{}, usage(argument(kind)+" has no type", "write data:image/png;base64, and the like")
		}
	}
	if len(data) <= plugin.MaxInline {
		return plugin.Media{Type: kind, MIME: mimeType, Data: data}, nil
	}
	path := target + media.Extension(mimeType)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return plugin.Media{}, storeError(err)
	}
	return plugin.Media{Type: kind, MIME: mimeType, Path: path}, nil
}

// fileInput is a file of this machine.
func fileInput(kind, path string) (plugin.Media, error) {
	f, err := os.Open(path)
	if err != nil {
		return plugin.Media{}, &report.Error{Kind: report.Usage, What: "cannot read the input file", Where: path, Err: errors.Unwrap(err), Next: "name an existing file by its absolute path"}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return plugin.Media{}, usage(path+" is no file", "name a file in it")
	}
	mimeType, err := media.Type(path, func() ([]byte, error) {
		var head bytes.Buffer
		_, err := io.CopyN(&head, f, media.HeadSize)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return head.Bytes(), err
	})
	if err != nil {
		return plugin.Media{}, &report.Error{What: "cannot read the input file", Where: path, Err: err}
	}
	return plugin.Media{Type: kind, MIME: mimeType, Path: path}, nil
}
