package image

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/MediaConduit/conduit/report"
)

const example = `# syntax=docker/dockerfile:1.7
ARG BASE=python
ARG VERSION
FROM --platform=linux/amd64 ${BASE}:${VERSION:-3.12} \
    AS Builder
RUN --mount=type=bind,from=golang:1,target=/go echo from=golang:1
FROM builder AS test
FROM alpine
COPY --from=builder /a /a
COPY --from=0 /a /a
COPY --from=nginx:1.27 /b /b
FROM unused:1
`

// TestDockerfileImages finds every image that a build can pull, and only those: not stages, not scratch, not what stands
// behind the target.
func TestDockerfileImages(t *testing.T) {
	for _, c := range []struct {
		name, text string
		build      Build
		want       string
	}{
		{"all", example, Build{}, "alpine docker/dockerfile:1.7 golang:1 nginx:1.27 python:3.12 unused:1"},
		{"arguments", example, Build{Args: map[string]string{"BASE": "debian", "VERSION": "12"}, Target: "builder"}, "debian:12 docker/dockerfile:1.7 golang:1"},
		{"target by number", example, Build{Target: "2"}, "alpine docker/dockerfile:1.7 golang:1 nginx:1.27 python:3.12"},
		{"context instead of an image", "FROM base\nCOPY --from=files /a /a\n", Build{Contexts: []string{"files"}}, "base"},
		{"scratch", "FROM scratch\nCOPY a /a\n", Build{}, ""},
		{"an argument of BuildKit", "ARG TARGETARCH\nFROM alpine-${TARGETARCH}\n", Build{}, "alpine-${TARGETARCH}"},
	} {
		d, err := ParseDockerfile([]byte(c.text), c.build)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(d.Images(), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, err := ParseDockerfile([]byte("FROM a\nFRUM b\n"), Build{}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a mistake in line 2: %v", err)
	}
}

// TestDockerfilePin names the images by digest, and leaves everything else, the line numbers too.
func TestDockerfilePin(t *testing.T) {
	d, err := ParseDockerfile([]byte(example), Build{})
	if err != nil {
		t.Fatal(err)
	}
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	got := string(d.Pin(map[string]string{
		"python:3.12": "python:3.12@" + digest("a"), "golang:1": "golang:1@" + digest("b"), "nginx:1.27": "nginx:1.27@" + digest("c"), "alpine": "alpine@" + digest("d"),
		"docker/dockerfile:1.7": "docker/dockerfile:1.7@" + digest("e"),
	}))
	want := `# syntax=docker/dockerfile:1.7@` + digest("e") + `
ARG BASE=python
ARG VERSION
FROM --platform=linux/amd64 python:3.12@` + digest("a") + ` AS builder

RUN --mount=type=bind,from=golang:1@` + digest("b") + `,target=/go echo from=golang:1
FROM builder AS test
FROM alpine@` + digest("d") + `
COPY --from=builder /a /a
COPY --from=0 /a /a
COPY --from=nginx:1.27@` + digest("c") + ` /b /b
FROM unused:1
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, err := ParseDockerfile([]byte(got), Build{})
	if err != nil || len(again.Images()) != len(d.Images()) {
		t.Errorf("what was pinned reads as %v, %v", again.Images(), err)
	}
	if plain := string(d.Pin(nil)); plain != example {
		t.Errorf("with nothing to pin the text is\n%s", plain)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for file, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func sum(t *testing.T, c Context) string {
	t.Helper()
	s, err := c.Sum()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestContextSum changes with what the build reads, and with nothing else: not with the place, nor with what
// .dockerignore excludes.
func TestContextSum(t *testing.T) {
	files := map[string]string{
		"Dockerfile": "FROM scratch\nCOPY . /\n", ".dockerignore": "*.md\n!keep.md\nsecret\nDockerfile\n", "app.py": "1", "README.md": "a", "keep.md": "b",
		"secret/key": "x", ".git/HEAD": "main", "sub/.git/HEAD": "main",
	}
	one, two := t.TempDir(), t.TempDir()
	write(t, one, files)
	write(t, two, files)
	at := func(dir string) Context { return Context{Dir: dir, Dockerfile: filepath.Join(dir, "Dockerfile")} }
	first := sum(t, at(one))
	if other := sum(t, at(two)); other != first {
		t.Errorf("two copies: %s and %s", first, other)
	}
	for _, c := range []struct {
		file    string
		changes bool
	}{
		{"app.py", true}, {"keep.md", true}, {"Dockerfile", true}, {".dockerignore", true}, {"new", true},
		{"README.md", false}, {"secret/key", false}, {"secret/other", false}, {".git/HEAD", false}, {"sub/.git/HEAD", false},
	} {
		dir := t.TempDir()
		write(t, dir, files)
		write(t, dir, map[string]string{c.file: files[c.file] + "\n# changed"})
		if got := sum(t, at(dir)); (got != first) != c.changes {
			t.Errorf("%s: the sum changes %v, want %v", c.file, got != first, c.changes)
		}
	}
	inline := Context{Dir: one, Inline: "FROM scratch"}
	if sum(t, inline) == first {
		t.Error("another Dockerfile, the same sum")
	}
	elsewhere := Context{Dir: one, Dockerfile: filepath.Join(two, "Dockerfile")}
	if sum(t, elsewhere) == "" {
		t.Error("a Dockerfile outside of the context")
	}
}

// TestStage hands the builder the files of the context with another Dockerfile, and touches none of them.
func TestStage(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{"docker/Dockerfile": "FROM old\n", ".dockerignore": "docker\nnotes\n", "a/b": "text", "notes": "n", "Dockerfile": "other\n"})
	if err := os.Symlink("b", filepath.Join(dir, "a", "link")); err != nil {
		t.Fatal(err)
	}
	c := Context{Dir: dir, Dockerfile: filepath.Join(dir, "docker", "Dockerfile")}
	before := sum(t, c)
	file, err := c.Stage(to, []byte("FROM new\n"))
	if err != nil {
		t.Fatal(err)
	}
	if file != filepath.Join(to, "docker", "Dockerfile") || read(t, file) != "FROM new\n" {
		t.Errorf("the Dockerfile is %s", file)
	}
	for name, want := range map[string]string{"a/b": "text", "a/link": "text", "Dockerfile": "other\n", ".dockerignore": "docker\nnotes\n"} {
		if got := read(t, filepath.Join(to, filepath.FromSlash(name))); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "notes")); err == nil {
		t.Error("what is ignored was sent")
	}
	if sum(t, c) != before {
		t.Error("the context has changed")
	}
	inline := Context{Dir: dir, Inline: "FROM inline\n"}
	to = t.TempDir()
	if file, err = inline.Stage(to, []byte(inline.Inline)); err != nil || read(t, file) != inline.Inline || read(t, filepath.Join(to, "Dockerfile")) != "other\n" {
		t.Errorf("a Dockerfile of the compose file is %s, %v", file, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDigest speaks the registry protocol with a registry in this process.
func TestDigest(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	host := strings.TrimPrefix(server.URL, "http://")
	ctx := context.Background()
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	index, err := random.Index(64, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	one, many := tag(t, host+"/acme/one:1"), tag(t, host+"/acme/many")
	if err := remote.Write(one, image); err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(many, index); err != nil {
		t.Fatal(err)
	}
	single, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	all, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{host + "/acme/one:1": single.String(), host + "/acme/many": all.String(), host + "/x@" + single.String(): single.String()} {
		if got, err := Digest(ctx, ref); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", ref, got, err, want)
		}
	}
	wrong(t, ctx, host+"/acme/none:1", report.Network, "there is no image", "404")
	wrong(t, ctx, "Not A Name", report.Service, "no name of an image")
	server.Close()
	wrong(t, ctx, host+"/acme/one:1", report.Network, host+" can be reached")
}

func tag(t *testing.T, text string) name.Tag {
	t.Helper()
	parsed, err := name.NewTag(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func wrong(t *testing.T, ctx context.Context, ref string, kind report.Kind, texts ...string) {
	t.Helper()
	_, err := Digest(ctx, ref)
	if report.KindOf(err) != kind || err == nil || slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(err.Error(), text) }) {
		t.Errorf("%s: %v, want %v with %q", ref, err, kind, texts)
	}
}

// TestDigestOfPrivateImage uses what docker login has left, and says how to log in where there is nothing.
func TestDigestOfPrivateImage(t *testing.T) {
	config := t.TempDir()
	t.Setenv("DOCKER_CONFIG", config)
	real := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		real.ServeHTTP(w, r)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref := host + "/acme/private:1"
	if err := remote.Write(tag(t, ref), image, remote.WithAuth(&authn.Basic{Username: "ann", Password: "secret"})); err != nil {
		t.Fatal(err)
	}
	wrong(t, context.Background(), ref, report.Network, "is private, or does not exist", "docker login "+host)
	write(t, config, map[string]string{"config.json": `{"auths":{"` + host + `":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("ann:secret")) + `"}}}`})
	want, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Digest(context.Background(), ref); err != nil || got != want.String() {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// TestDigestOfSpoiltAnswer believes no manifest that came otherwise than the registry has it, where nothing but its bytes tell the digest.
func TestDigestOfSpoiltAnswer(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	real := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var published, spoil atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case published.Load() && r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/manifests/"):
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/manifests/1") && spoil.Load():
			answer := httptest.NewRecorder()
			real.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
			_, _ = w.Write(bytes.Replace(answer.Body.Bytes(), []byte("sha256:"), []byte("sha256;"), 1))
		default:
			real.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/acme/one:1"
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag(t, ref), image); err != nil {
		t.Fatal(err)
	}
	published.Store(true)
	want, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Digest(context.Background(), ref); err != nil || got != want.String() {
		t.Errorf("a registry that answers GET alone: %s, %v, want %s", got, err, want)
	}
	spoil.Store(true)
	wrong(t, context.Background(), ref, report.Network, "does not have what it answers", "run the command again")
}
