package mcp

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// resourcePrefix is how the URIs of results begin; a name follows that cannot be guessed.
const resourcePrefix = "conduit://results/"

// readMost is how many bytes a resource may have that is read by the protocol, where all of it is in memory.
const readMost = 64 << 20

// results are the media that calls have made, as files in a folder.
type results struct {
	dir  string
	most int64 // bytes of all

	mu   sync.Mutex
	kept []result // the oldest first
	size int64    // bytes of kept
}

// result is one output.
type result struct {
	name string // of the file and in the URI
	path string
	mime string
	size int64 // bytes
}

func (r result) uri() string { return resourcePrefix + r.name }

// add stores an output under a name of its own, and removes the oldest results where there are too many. The files of
// providers are copied: where they lie is the providers' affair.
func (r *results) add(m plugin.Media) (result, error) {
	kept := result{name: rand.Text() + media.Extension(m.MIME), mime: m.MIME}
	kept.path = filepath.Join(r.dir, kept.name)
	var err error
	if kept.size, err = store(m, kept.path); err != nil {
		return result{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept, r.size = append(r.kept, kept), r.size+kept.size
	for r.size > r.most && len(r.kept) > 1 {
		if err := os.Remove(r.kept[0].path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return result{}, storeError(err)
		}
		r.size -= r.kept[0].size
		r.kept = r.kept[1:]
	}
	return kept, nil
}

// store writes an output's content to a file.
func store(m plugin.Media, path string) (size int64, err error) {
	if m.Path == "" {
		if err := os.WriteFile(path, m.Data, 0o600); err != nil {
			return 0, storeError(err)
		}
		return int64(len(m.Data)), nil
	}
	from, err := os.Open(m.Path)
	if err != nil {
		return 0, outputError(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, storeError(err)
	}
	size, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		return 0, storeError(err)
	}
	return size, nil
}

// find is the file of a result.
func (r *results) find(uri string) (path, mimeType string, err error) {
	name := strings.TrimPrefix(uri, resourcePrefix)
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.kept, func(each result) bool { return each.name == name })
	if at < 0 {
		return "", "", &report.Error{Kind: report.Usage, What: "there is no result " + uri, Why: "results are kept until the server ends, and the oldest go when there are many",
			Next: "call the tool that made it once more"}
	}
	return r.kept[at].path, r.kept[at].mime, nil
}

// read serves a result as a resource.
func (r *results) read(_ context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
	uri := req.Params.URI
	path, mimeType, err := r.find(uri)
	if err != nil {
		return nil, sdk.ResourceNotFoundError(uri)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, sdk.ResourceNotFoundError(uri)
	}
	if info.Size() > readMost {
		return nil, &report.Error{Kind: report.Usage, What: "the resource is too large for a message", Where: uri, Next: "give its URI to a tool, or have the provider make it smaller"}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, storeError(err)
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: mimeType, Blob: data}}}, nil
}
