package registry

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Registry is an npm registry on loopback. It serves full and abbreviated package documents, as they are and compressed,
// with ETags, and tarballs.
type Registry struct {
	upstream *upstream
	server   *http.Server
	base     string // address, without a slash at the end
	frozen   atomic.Bool
	distance atomic.Int64 // see SetDistance, in nanoseconds

	mu      sync.Mutex
	answers map[string]*answer // by what was asked for
}

// answer is what one address serves. It is made once.
type answer struct {
	once  sync.Once
	plain body
	zip   body // empty for tarballs, which are compressed already
	err   error
}

type body struct {
	data []byte
	etag string
}

// Start serves what the folder dir holds, and fills it with what is missing.
func Start(dir string) (*Registry, error) {
	up, err := newUpstream(dir)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Registry{upstream: up, base: "http://" + l.Addr().String(), answers: map[string]*answer{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(l) }() // returns when Close is called
	return r, nil
}

// URL is the registry's address, with a slash at the end.
func (r *Registry) URL() string { return r.base + "/" }

// Freeze ends recording: from now on what is not there is answered with an error, so that no measured run waits for the
// network.
func (r *Registry) Freeze() { r.frozen.Store(true) }

// SetDistance has every answer come so much later, as from a registry that is a round trip of that length away. Zero is
// nearby. How long it takes to connect, and how many bytes the network takes at once, stays as it is.
func (r *Registry) SetDistance(roundTrip time.Duration) { r.distance.Store(int64(roundTrip)) }

// Close ends the registry.
func (r *Registry) Close() error { return r.server.Close() }

// ServeHTTP answers as an npm registry does.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path, err := url.PathUnescape(q.URL.EscapedPath())
	if err != nil || strings.Contains(path, "..") || q.Method != http.MethodGet && q.Method != http.MethodHead {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(r.distance.Load()))
	name, file, isTarball := strings.Cut(strings.Trim(path, "/"), "/-/")
	h := w.Header()
	var a *answer
	switch {
	case isTarball:
		a = r.answer(q.Context(), name+"/-/"+file, func(ctx context.Context) (*answer, error) { return r.tarball(ctx, name, file) })
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Cache-Control", "public, immutable, max-age=31557600")
	case strings.Contains(q.Header.Get("Accept"), abbreviated):
		a = r.answer(q.Context(), "abbreviated "+name, func(ctx context.Context) (*answer, error) { return r.document(ctx, name, true) })
		h.Set("Content-Type", abbreviated)
	default:
		a = r.answer(q.Context(), "full "+name, func(ctx context.Context) (*answer, error) { return r.document(ctx, name, false) })
		h.Set("Content-Type", "application/json")
	}
	if a.err != nil {
		status := http.StatusBadGateway
		if errors.Is(a.err, fs.ErrNotExist) {
			status = http.StatusNotFound
		}
		http.Error(w, a.err.Error(), status)
		return
	}
	send(w, q, a)
}

func send(w http.ResponseWriter, q *http.Request, a *answer) {
	h, out := w.Header(), a.plain
	if len(a.zip.data) > 0 {
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Vary", "Accept, Accept-Encoding")
		if strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
			out = a.zip
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", out.etag)
	if q.Header.Get("If-None-Match") == out.etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", lengthOf(out.data))
	if q.Method == http.MethodGet {
		_, _ = w.Write(out.data) // whoever hung up does not want the rest
	}
}

// answer makes or finds what key means.
func (r *Registry) answer(ctx context.Context, key string, make func(context.Context) (*answer, error)) *answer {
	r.mu.Lock()
	a := r.answers[key]
	if a == nil {
		a = &answer{}
		r.answers[key] = a
	}
	r.mu.Unlock()
	a.once.Do(func() {
		// The first to ask may hang up; the others still want it.
		made, err := make(context.WithoutCancel(ctx))
		if err != nil {
			a.err = err
			return
		}
		a.plain, a.zip = made.plain, made.zip
	})
	return a
}

// at is where the folder keeps what belongs to a package.
func at(name string, rest ...string) string {
	return filepath.Join(append([]string{filepath.FromSlash(name)}, rest...)...)
}
