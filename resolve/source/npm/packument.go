package npm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// abbreviated is the media type of documents without what nobody needs to install a package.
const abbreviated = "application/vnd.npm.install-v1+json"

type docKey struct {
	name string
	full bool
}

// docCall is one document that is being fetched or was. done is closed when the other fields are set.
type docCall struct {
	done chan struct{}
	doc  *Packument
	err  error
}

// Packument returns the document of name, abbreviated or full (with publication times and libc). What the cache has is
// revalidated once in a client's life; offline it is taken as it is. Errors are of kind Network, Integrity for a document
// about another package, and Failure with [library.ErrNoSuchPackage] in the chain where the registry has none.
func (c *Client) Packument(ctx context.Context, name string, full bool) (*Packument, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	for {
		call, mine := c.join(name, full)
		if mine {
			call.doc, call.err = c.loadDocument(ctx, name, full)
			if call.err == nil {
				call.err = c.strengthen(ctx, call.doc)
			}
			if call.err != nil && ctx.Err() != nil { // our caller gave up, which is no answer for others
				c.mu.Lock()
				delete(c.docs, docKey{name, full})
				c.mu.Unlock()
			}
			close(call.done)
			return call.doc, call.err
		}
		select {
		case <-call.done:
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

// stored is a document as it lies in the cache: one line of this, then the reduced document.
type stored struct {
	ETag string `json:"etag,omitempty"`
}

func (c *Client) metaName(name string, full bool) string {
	kind := "abbreviated"
	if full {
		kind = "full"
	}
	return "npm " + kind + " " + c.config.documentURL(name)
}

// cached reads a document from the cache. One that cannot be read counts as absent.
func (c *Client) cached(name string, full bool) (etag string, doc *Packument) {
	data, ok := c.cache.Meta(c.metaName(name, full))
	if !ok {
		return "", nil
	}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	var s stored
	if !ok || json.Unmarshal(head, &s) != nil {
		return "", nil
	}
	doc, err := library.ParsePackument(name, body)
	if err != nil {
		return "", nil
	}
	return s.ETag, doc
}

func (c *Client) loadDocument(ctx context.Context, name string, full bool) (*Packument, error) {
	etag, old := c.cached(name, full)
	if c.offline {
		if old == nil && !full {
			_, old = c.cached(name, true)
		}
		if old == nil {
			return nil, &report.Error{Kind: report.Network, What: "the document of " + name + " is not in the cache, and conduit is offline", Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
		}
		return old, nil
	}
	var doc *Packument
	err := c.http.do(ctx, request{
		url:      c.config.documentURL(name),
		registry: c.config.registry(name),
		subject:  name,
		header: func(h http.Header) {
			h.Set("Accept", "application/json")
			if !full {
				h.Set("Accept", abbreviated+"; q=1.0, application/json; q=0.8, */*")
			}
			if old != nil && etag != "" {
				h.Set("If-None-Match", etag)
			}
		},
		consume: func(r *http.Response) (err error) {
			if r.StatusCode == http.StatusNotModified && old != nil {
				doc = old
				return nil
			}
			doc, err = c.readDocument(name, full, r)
			return err
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
	doc, err := library.ParsePackument(name, reduced)
	if err != nil {
		return nil, finalError{err}
	}
	head, err := json.Marshal(stored{ETag: r.Header.Get("ETag")})
	if err != nil {
		return nil, finalError{err}
	}
	if err := c.cache.PutMeta(c.metaName(name, full), append(append(head, '\n'), reduced...)); err != nil {
		return nil, finalError{err}
	}
	return doc, nil
}
