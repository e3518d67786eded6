package mirror

import (
	"crypto/sha256"
	"crypto/subtle"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Handler serves the mirror in root to whoever has one of the tokens, as a bearer token or as the password of any user; to
// everybody where there is none. Nothing but the files of a mirror is served, and no folder is listed.
func Handler(root fs.FS, tokens []string) http.Handler {
	files := http.FileServerFS(root)
	return Guard(tokens, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "a mirror is only read", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		info, err := fs.Stat(root, path.Clean(name))
		if err != nil || !info.Mode().IsRegular() || path.Clean(name) != name || !served(name) {
			http.NotFound(w, r)
			return
		}
		if strings.HasSuffix(name, ".json") {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-cache")
		} else {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // their names are their hashes
		}
		files.ServeHTTP(w, r)
	}))
}

// Guard lets those in who have one of the tokens, as a bearer token or as the password of any user; everybody where there is none.
func Guard(tokens []string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !admitted(r, tokens) {
			w.Header().Set("WWW-Authenticate", `Basic realm="conduit"`)
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func served(name string) bool {
	if name == MarkFile {
		return true
	}
	if file, ok := strings.CutPrefix(name, imageFolder); ok {
		digest, blob := strings.CutPrefix(file, "blobs/sha256/")
		return file == "oci-layout" || file == "index.json" || blob && len(digest) == 64 && strings.Trim(digest, "0123456789abcdef") == ""
	}
	for _, at := range []string{"git/", "npm/", "tarball/"} {
		if strings.HasPrefix(name, at) {
			return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".pack") || strings.HasSuffix(name, ".tgz")
		}
	}
	return false
}

// admitted compares in constant time.
func admitted(r *http.Request, tokens []string) bool {
	if len(tokens) == 0 {
		return true
	}
	_, given, _ := r.BasicAuth()
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		given = bearer
	}
	sum := sha256.Sum256([]byte(given))
	found := 0
	for _, token := range tokens {
		want := sha256.Sum256([]byte(token))
		found |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	return found == 1
}
