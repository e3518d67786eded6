package npmtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// inAbbreviated are the members of a version that an abbreviated document has. The real registry leaves libc out.
var inAbbreviated = []string{"name", "version", "dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta", "bundleDependencies", "bin", "engines", "os", "cpu", "deprecated", "dist", "hasInstallScript", "_hasShrinkwrap"}

// ServeHTTP answers as an npm registry does.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path, err := url.PathUnescape(q.URL.EscapedPath())
	if err != nil || strings.Contains(path, "..") {
		http.Error(w, "bad path", http.StatusBadRequest)
		return
	}
	path = strings.Trim(path, "/")
	name, file, isTarball := strings.Cut(path, "/-/")
	what := "document"
	if isTarball {
		what = "tarball"
	}
	r.mu.Lock()
	r.requests = append(r.requests, q.Method+" /"+path)
	token := r.token
	r.mu.Unlock()
	fault := r.fault(name, what)
	if fault != nil && fault.Until != "" {
		r.await(q, fault.Until)
	}
	if fault != nil && fault.answer(w, q) {
		return
	}
	if token != "" && q.Header.Get("Authorization") != "Bearer "+token {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, `{"error":"authentication required"}`, http.StatusUnauthorized)
		return
	}
	if fault == nil {
		fault = &Fault{}
	}
	if path == bulkPath {
		r.serveAdvisories(w, q)
		return
	}
	if path == keysPath {
		r.serveKeys(w)
		return
	}
	if id, ok := strings.CutPrefix(path, attestationsPath); ok {
		r.serveAttestations(w, id, fault)
		return
	}
	if of, version, ok := versioned(name); ok && !isTarball {
		r.serveVersion(w, q, of, version, fault)
		return
	}
	if isTarball {
		r.serveTarball(w, q, name, file, fault)
	} else {
		r.serveDocument(w, q, name, fault)
	}
}

func (r *Registry) serveTarball(w http.ResponseWriter, q *http.Request, name, file string, fault *Fault) {
	data, err := r.tarball(q, name, file)
	if err != nil {
		notFound(w, err)
		return
	}
	if fault.Corrupt {
		data = slices.Clone(data)
		data[len(data)/2] ^= 1
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", fmt.Sprintf("\"%x\"", sha256.Sum256(data)))
	switch {
	case fault.Truncate, fault.Stall:
		cut(w, q, data, fault.Stall)
	case fault.Endless:
		pour(w, data)
		return
	case fault.NoRange:
		_, _ = w.Write(data) // the client may be gone
		return
	}
	http.ServeContent(w, q, "", time.Time{}, bytes.NewReader(data))
}

func notFound(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, `{"error":"Not found"}`, http.StatusNotFound)
		return
	}
	http.Error(w, err.Error(), http.StatusBadGateway)
}

func (r *Registry) tarball(q *http.Request, name, file string) ([]byte, error) {
	r.mu.Lock()
	p, dirs := r.packages[name], slices.Clone(r.dirs)
	if p != nil {
		base := name[strings.LastIndex(name, "/")+1:]
		version, ok := strings.CutSuffix(strings.TrimPrefix(file, base+"-"), ".tgz")
		rel := p.versions[version]
		r.mu.Unlock()
		if !ok || rel == nil {
			return nil, fs.ErrNotExist
		}
		return rel.tarball, nil
	}
	r.mu.Unlock()
	for _, dir := range dirs {
		if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name), "-", filepath.FromSlash(file))); err == nil {
			return data, nil
		}
	}
	if r.upstream.has(name) {
		return r.upstream.tarball(q.Context(), name, file)
	}
	return nil, fs.ErrNotExist
}

func (r *Registry) serveDocument(w http.ResponseWriter, q *http.Request, name string, fault *Fault) {
	doc, err := r.document(q, name)
	if err != nil {
		notFound(w, err)
		return
	}
	fault.spoil(doc)
	if strings.Contains(q.Header.Get("Accept"), "application/vnd.npm.install-v1+json") {
		doc = abbreviate(doc)
		w.Header().Set("Content-Type", "application/vnd.npm.install-v1+json")
	} else {
		w.Header().Set("Content-Type", "application/json")
	}
	body, err := json.Marshal(doc)
	if err != nil {
		notFound(w, err)
		return
	}
	etag := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(body))[:32])
	w.Header().Set("ETag", etag)
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	if q.Header.Get("If-None-Match") == etag {
		r.mu.Lock()
		r.fresh++
		r.mu.Unlock()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if fault.Pad > 0 {
		pad(w, body, fault.Pad)
		return
	}
	if strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		var buf bytes.Buffer
		zip := gzip.NewWriter(&buf)
		_, _ = zip.Write(body) // to memory: never fails
		_ = zip.Close()
		body = buf.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	if fault.Truncate || fault.Stall {
		cut(w, q, body, fault.Stall)
	}
	_, _ = w.Write(body) // the client may be gone
}

// document builds the full document of a package that was published here, or reads a snapshot's.
func (r *Registry) document(q *http.Request, name string) (map[string]any, error) {
	r.mu.Lock()
	p, dirs := r.packages[name], slices.Clone(r.dirs)
	if p != nil {
		defer r.mu.Unlock()
		return r.built(name, p)
	}
	r.mu.Unlock()
	for _, dir := range dirs {
		if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name), documentFile)); err == nil {
			return r.rewritten(name, data)
		}
	}
	if r.upstream.has(name) {
		data, err := r.upstream.document(q.Context(), name)
		if err != nil {
			return nil, err
		}
		return r.rewritten(name, data)
	}
	return nil, fs.ErrNotExist
}

func (r *Registry) built(name string, p *packageState) (map[string]any, error) {
	versions, times := map[string]any{}, map[string]any{}
	created, modified := time.Time{}, time.Time{}
	for v, rel := range p.versions {
		data, err := json.Marshal(rel.manifest) // a copy, which the answer to one request may change
		if err != nil {
			return nil, err
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			return nil, err
		}
		m["_id"] = name + "@" + v
		dist := map[string]any{"integrity": rel.integrity, "shasum": rel.shasum, "tarball": r.tarballURL(name, v), "signatures": []any{rel.signature}}
		if rel.attested {
			dist["attestations"] = map[string]any{"url": r.url + attestationsPath + name + "@" + v, "provenance": map[string]any{"predicateType": "https://slsa.dev/provenance/v1"}}
		}
		m["dist"] = dist
		versions[v] = m
		times[v] = rel.time.Format("2006-01-02T15:04:05.000Z")
		if created.IsZero() || rel.time.Before(created) {
			created = rel.time
		}
		if rel.time.After(modified) {
			modified = rel.time
		}
	}
	times["created"], times["modified"] = created.Format(time.RFC3339), modified.Format(time.RFC3339)
	tags := map[string]any{}
	for t, v := range p.tags {
		tags[t] = v
	}
	return map[string]any{"_id": name, "name": name, "dist-tags": tags, "versions": versions, "time": times}, nil
}

func (r *Registry) tarballURL(name, version string) string {
	return r.url + name + "/-/" + name[strings.LastIndex(name, "/")+1:] + "-" + version + ".tgz"
}

// rewritten is a real document with the addresses of its tarballs made ours.
func (r *Registry) rewritten(name string, data []byte) (map[string]any, error) {
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	eachDist(doc, func(version string, dist map[string]any) { dist["tarball"] = r.tarballURL(name, version) })
	return doc, nil
}

func eachDist(doc map[string]any, f func(version string, dist map[string]any)) {
	versions, _ := doc["versions"].(map[string]any)
	for v, m := range versions {
		if m, ok := m.(map[string]any); ok {
			if dist, ok := m["dist"].(map[string]any); ok {
				f(v, dist)
			}
		}
	}
}

func abbreviate(doc map[string]any) map[string]any {
	out := map[string]any{"name": doc["name"], "dist-tags": doc["dist-tags"]}
	if times, ok := doc["time"].(map[string]any); ok {
		out["modified"] = times["modified"]
	}
	short := map[string]any{}
	versions, _ := doc["versions"].(map[string]any)
	for v, m := range versions {
		m, ok := m.(map[string]any)
		if !ok {
			continue
		}
		if s, ok := m["scripts"].(map[string]any); ok && (s["preinstall"] != nil || s["install"] != nil || s["postinstall"] != nil) {
			m["hasInstallScript"] = true
		}
		kept := map[string]any{}
		for _, k := range inAbbreviated {
			if x, ok := m[k]; ok {
				kept[k] = x
			}
		}
		short[v] = kept
	}
	out["versions"] = short
	return out
}
