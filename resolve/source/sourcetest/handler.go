package sourcetest

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"strings"
)

// Fault is what goes wrong with the requests for a repository.
type Fault struct {
	Status   int    // answer with this status
	Hang     bool   // never answer
	Truncate int64  // cut the connection after so many bytes of the answer
	Flip     int64  // change the byte at this position of the answer
	Path     string // only requests for this path: "info/refs", "git-upload-pack"
}

type login struct{ user, password string }

// Know makes the host know a user: one who logs in is told of a missing repository that it is missing.
func (g *Git) Know(user, password string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known = login{user, password}
}

func (g *Git) knows(who login) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.known == who && who != login{}
}

// Fail makes requests for repo fail until it is called with nil.
func (g *Git) Fail(repo string, fault *Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if fault == nil {
		delete(g.faults, place(repo))
		return
	}
	g.faults[place(repo)] = fault
}

// Private makes repo demand credentials (HTTP basic authentication).
func (g *Git) Private(repo, user, password string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.private[place(repo)] = login{user, password}
}

// handler hands requests to git http-backend, after it has noted them and applied faults.
func (g *Git) handler() http.Handler {
	backend := &cgi.Handler{
		Path: g.backend,
		Dir:  g.dir,
		// What goes wrong here goes wrong on purpose.
		Logger: log.New(io.Discard, "", 0),
		Stderr: io.Discard,
		Env:    append(gitEnv(g.dir), "GIT_PROJECT_ROOT="+g.dir, "GIT_HTTP_EXPORT_ALL=1"),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		repo, path, ok := splitPath(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		fault, need := g.note(repo, path, r)
		user, password, _ := r.BasicAuth()
		_, err := os.Stat(filepath.Join(g.dir, filepath.FromSlash(repo), "HEAD"))
		if err != nil && g.knows(login{user, password}) {
			http.Error(w, "Repository not found.", http.StatusNotFound)
			return
		}
		if err != nil || need != (login{}) && need != (login{user, password}) {
			// GitHub does not tell whether a repository is missing or private.
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
			http.Error(w, "Repository not found.", http.StatusUnauthorized)
			return
		}
		r.URL.Path = "/" + repo + "/" + path
		if fault == nil || fault.Path != "" && fault.Path != path {
			backend.ServeHTTP(w, r)
			return
		}
		g.fail(fault, backend, w, r)
	})
}

// splitPath splits "/HOST/OWNER/REPO[.git]/PATH".
func splitPath(p string) (repo, path string, ok bool) {
	for _, path := range []string{"info/refs", "git-upload-pack"} {
		if repo, found := strings.CutSuffix(strings.TrimPrefix(p, "/"), "/"+path); found {
			return strings.TrimSuffix(repo, ".git"), path, true
		}
	}
	return "", "", false
}

func (g *Git) note(repo, path string, r *http.Request) (*Fault, login) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = append(g.requests, Request{Repo: trimHost(repo), Method: r.Method, Path: path, Authorization: r.Header.Get("Authorization")})
	return g.faults[repo], g.private[repo]
}

func (g *Git) fail(f *Fault, backend http.Handler, w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-g.done:
		}
	case f.Status != 0:
		http.Error(w, http.StatusText(f.Status), f.Status)
	default:
		b := &badWriter{ResponseWriter: w, fault: f}
		backend.ServeHTTP(b, r)
		if b.cut {
			panic(http.ErrAbortHandler) // closes the connection in the middle of the answer
		}
	}
}

// badWriter changes or cuts the body of an answer.
type badWriter struct {
	http.ResponseWriter
	fault *Fault
	n     int64
	cut   bool
}

var errCut = errors.New("the test cuts the connection here")

func (b *badWriter) Write(p []byte) (int, error) {
	if b.fault.Truncate > 0 && b.n+int64(len(p)) > b.fault.Truncate {
		n, _ := b.ResponseWriter.Write(p[:b.fault.Truncate-b.n])
		b.n += int64(n)
		b.cut = true
		return n, errCut
	}
	if i := b.fault.Flip - b.n; b.fault.Flip > 0 && i >= 0 && i < int64(len(p)) {
		p = bytes.Clone(p)
		p[i] ^= 1
	}
	n, err := b.ResponseWriter.Write(p)
	b.n += int64(n)
	return n, err
}
