package npm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// abbreviated is the media type of documents without what nobody needs to install a package.
const abbreviated = "application/vnd.npm.install-v1+json"

type docKey struct {
	name string
	full bool
}

// docCall is one document that is being fetched or was. done is closed when the other fields are set.
type docCall struct {
	done  chan struct{}
	doc   *Packument
	err   error
	asked bool // whether the registry was asked
}

// Packument returns the document of name, abbreviated or full (with publication times and libc). What the cache has is
// revalidated once in a client's life, unless the registry said that it stays fresh for some minutes more (see
// [Revalidate]); offline it is taken as it is. Errors are of kind Network, Integrity for a document about another package,
// and Failure with [library.ErrNoSuchPackage] in the chain where the registry has none.
func (c *Client) Packument(ctx context.Context, name string, full bool) (*Packument, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	for {
		call, mine := c.join(name, full)
		if mine {
			call.doc, call.asked, call.err = c.loadDocument(ctx, name, full)
			if call.err == nil {
				call.err = c.strengthen(ctx, call.doc)
			}
			if call.err != nil && ctx.Err() != nil { // our caller gave up, which is no answer for others
				c.forget(call)
			}
			close(call.done)
			return call.doc, call.err
		}
		select {
		case <-call.done:
			if call.err == nil && !call.asked && !c.offline && revalidates(ctx) {
				c.forget(call)
				continue
			}
			if call.err == nil || !errors.Is(call.err, context.Canceled) && !errors.Is(call.err, context.DeadlineExceeded) {
				return call.doc, call.err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// forget makes the next who wants the document fetch it anew.
func (c *Client) forget(call *docCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.docs, func(_ docKey, other *docCall) bool { return other == call })
}

// join returns the call for a document, and whether the caller has to make it.
func (c *Client) join(name string, full bool) (call *docCall, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !full { // a full document serves as well
		if call := c.docs[docKey{name, true}]; call != nil {
			return call, false
		}
	}
	if call := c.docs[docKey{name, full}]; call != nil {
		return call, false
	}
	call = &docCall{done: make(chan struct{})}
	c.docs[docKey{name, full}] = call
	return call, true
}

// checkName refuses what could not be a package's name, before it becomes a part of an address.
func checkName(name string) error {
	scope, base, scoped := strings.Cut(name, "/")
	if !scoped {
		scope, base = "@x", name
	}
	ok := len(name) <= 214 && len(scope) > 1 && scope[0] == '@' && base != ""
	for _, part := range []string{scope[min(1, len(scope)):], base} {
		ok = ok && part != "" && part[0] != '.' && !strings.ContainsFunc(part, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune(`/\@:?#%"<>[]{}|^`+"`", r)
		})
	}
	if !ok {
		return &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no name of an npm package", name), Next: `write it as in package.json: "axios" or "@scope/name"`}
	}
	return nil
}

// stored begins a document in the cache: one line of this, then the reduced document.
type stored struct {
	Form  int    `json:"form,omitempty"` // what [library.Reduce] kept of the document, see [form]
	ETag  string `json:"etag,omitempty"`
	Fresh int64  `json:"fresh,omitempty"` // until when the registry need not be asked again, seconds since 1970
	Sum   uint32 `json:"sum"`             // CRC-32C of the document: a power failure may have left something else
}

// form counts what is kept of documents: 1 is with whether there are attestations. One of an older form is fetched anew where that is possible.
const form = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c *Client) metaName(name string, full bool) string {
	kind := "abbreviated"
	if full {
		kind = "full"
	}
	if source := "npm:" + name; c.mirror.Mirrored(source) { // what a mirror says is not what the registry says
		kind += " by way of " + c.mirror.String()
	}
	return "npm " + kind + " " + c.config.documentURL(name)
}

// document is what the cache has: its first line, the reduced document, and what it says. doc is nil where it has none.
type document struct {
	stored
	body []byte
	doc  *Packument
}

// cached reads a document from the cache. One that cannot be read counts as absent.
func (c *Client) cached(name string, full bool) document {
	data, ok := c.cache.Meta(c.metaName(name, full))
	line, body, _ := bytes.Cut(data, []byte("\n"))
	var head stored
	if !ok || json.Unmarshal(line, &head) != nil || crc32.Checksum(body, castagnoli) != head.Sum {
		return document{}
	}
	doc, err := library.ParseReduced(name, body)
	if err != nil {
		return document{}
	}
	return document{head, body, doc}
}

// keep writes a reduced document to the cache.
func (c *Client) keep(name string, full bool, r *http.Response, etag string, reduced []byte) error {
	head, err := json.Marshal(stored{Form: form, ETag: etag, Fresh: freshUntil(r.Header, time.Now()), Sum: crc32.Checksum(reduced, castagnoli)})
	if err != nil {
		return err
	}
	return c.cache.PutMeta(c.metaName(name, full), append(append(head, '\n'), reduced...))
}

func (c *Client) loadDocument(ctx context.Context, name string, full bool) (doc *Packument, asked bool, err error) {
	old := c.cached(name, full)
	if c.offline {
		if old.doc == nil && !full {
			old = c.cached(name, true)
		}
		if old.doc == nil {
			return nil, false, &report.Error{Kind: report.Network, What: "the document of " + name + " is not in the cache, and conduit is offline", Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
		}
		return old.doc, false, nil
	}
	if old.Form != form {
		old = document{}
	}
	if old.doc != nil && old.Fresh > time.Now().Unix() && !revalidates(ctx) {
		return old.doc, false, nil
	}
	err = c.mirror.Fetch(ctx, "npm:"+name, mirror.Document(name), c.limits.Document, func(in io.Reader) (err error) {
		doc, err = c.mirroredDocument(name, full, in)
		return err
	}, func() (err error) {
		doc, err = c.askDocument(ctx, name, full, old)
		return err
	})
	return doc, true, err
}

// askDocument asks the registry. old is what the cache has.
func (c *Client) askDocument(ctx context.Context, name string, full bool, old document) (doc *Packument, err error) {
	err = c.http.do(ctx, request{
		url:      c.config.documentURL(name),
		registry: c.config.registry(name),
		subject:  name,
		header: func(h http.Header) {
			h.Set("Accept-Encoding", "gzip")
			h.Set("Accept", "application/json")
			if !full {
				h.Set("Accept", abbreviated+"; q=1.0, application/json; q=0.8, */*")
			}
			if old.doc != nil && old.ETag != "" {
				h.Set("If-None-Match", old.ETag)
			}
		},
		consume: func(r *http.Response) (err error) {
			if r.StatusCode != http.StatusNotModified || old.doc == nil {
				doc, err = c.readDocument(name, full, r)
				return err
			}
			doc = old.doc
			if freshUntil(r.Header, time.Now()) == 0 && old.Fresh == 0 {
				return nil
			}
			if err := c.keep(name, full, r, old.ETag, old.body); err != nil {
				return finalError{err}
			}
			return nil
		},
	})
	return doc, err
}

// readUpTo reads a body; it is nil where there is more than most bytes.
func readUpTo(r *http.Response, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, nil
	}
	var out bytes.Buffer
	if r.ContentLength > 0 {
		out.Grow(int(r.ContentLength) + bytes.MinRead) // room for the read that finds the end
	}
	if _, err := out.ReadFrom(io.LimitReader(r.Body, most+1)); err != nil {
		return nil, err
	}
	if int64(out.Len()) > most {
		return nil, nil
	}
	return out.Bytes(), nil
}

func (c *Client) readDocument(name string, full bool, r *http.Response) (*Packument, error) {
	if err := unzip(r); err != nil {
		return nil, err
	}
	body, err := readUpTo(r, c.limits.Document)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, finalError{&report.Error{Kind: report.Policy, What: "the registry's document of " + name + " is too large", Where: r.Request.URL.Host,
			Why: fmt.Sprintf("it has more than %d MiB; no package that is in use comes near to that", c.limits.Document>>20), Next: "check the name of the package, and that 'npm config get registry' is the registry you mean"}}
	}
	reduced, err := library.Reduce(body)
	if err != nil { // cut short, or a page of some proxy
		return nil, fmt.Errorf("the answer is no package document: %w", err)
	}
	doc, err := library.ParseReduced(name, reduced)
	if err != nil {
		return nil, finalError{err}
	}
	if err := c.keep(name, full, r, r.Header.Get("ETag"), reduced); err != nil {
		return nil, finalError{err}
	}
	return doc, nil
}
