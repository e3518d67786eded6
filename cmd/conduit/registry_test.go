package main

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"
)

// imageRegistry is a registry of images at $REGISTRY, which speaks the real protocol. An engine takes http from the loopback
// address.
type imageRegistry struct {
	server *httptest.Server
	mu     sync.Mutex
	fault  string
	seen   []string
	own    bool // what comes now is the script's own doing
}

func newImageRegistry() *imageRegistry {
	r := &imageRegistry{}
	real := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		fault := r.fault
		if !r.own {
			r.seen = append(r.seen, req.Method+" "+req.URL.Path)
		} else {
			fault = ""
		}
		r.mu.Unlock()
		manifest := strings.Contains(req.URL.Path, "/manifests/")
		switch {
		case fault == "down":
			w.WriteHeader(http.StatusServiceUnavailable)
		case fault == "gone" && manifest:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}`)
		case fault == "tampered" && manifest:
			answer := httptest.NewRecorder()
			real.ServeHTTP(answer, req)
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
			_, _ = w.Write(append(answer.Body.Bytes(), '\n'))
		default:
			real.ServeHTTP(w, req)
		}
	}))
	return r
}

func (r *imageRegistry) host() string { return strings.TrimPrefix(r.server.URL, "http://") }

func (r *imageRegistry) set(fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = fault
}

// take returns the requests since the last call.
func (r *imageRegistry) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

// push NAME:TAG VARIABLE [PROGRAM] pushes an image for two platforms to the scripts' registry and sets the variable to the
// digest of its index. What it holds depends on the variable's name, and is the program where one is named.
func push(ts *testscript.TestScript, _ bool, args []string) {
	r := of(ts).images
	layers := map[string][]byte{"label": []byte(args[1])}
	config := v1.Config{Env: []string{"PATH=/", "PORT=80"}, Labels: map[string]string{"made": args[1]}}
	if len(args) > 2 {
		program, err := os.ReadFile(ts.MkAbs(args[2]))
		ts.Check(err)
		layers["program"] = program
		config.Entrypoint = []string{"/program"}
	}
	image := empty.Image
	for _, file := range []string{"label", "program"} {
		if layers[file] == nil {
			continue
		}
		layer, err := tarball.LayerFromOpener(archived(ts, file, layers[file]))
		ts.Check(err)
		image, err = mutate.AppendLayers(image, layer)
		ts.Check(err)
	}
	about, err := image.ConfigFile()
	ts.Check(err)
	about = about.DeepCopy()
	about.OS, about.Architecture, about.Config = "linux", runtime.GOARCH, config
	image, err = mutate.ConfigFile(image, about)
	ts.Check(err)
	ref, err := name.ParseReference(r.host() + "/" + args[0])
	ts.Check(err)
	platform := &v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	other := &v1.Platform{OS: "linux", Architecture: "s390x"}
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}},
		mutate.IndexAddendum{Add: empty.Image, Descriptor: v1.Descriptor{Platform: other}})
	r.mine(func() { ts.Check(remote.WriteIndex(ref, index)) })
	digest, err := index.Digest()
	ts.Check(err)
	ts.Setenv(args[1], digest.String())
}

// mine keeps what do does out of the requests that are counted.
func (r *imageRegistry) mine(do func()) {
	set := func(own bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.own = own
	}
	set(true)
	defer set(false)
	do()
}

// archived is a layer with one file.
func archived(ts *testscript.TestScript, file string, data []byte) tarball.Opener {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	ts.Check(w.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(data)), Typeflag: tar.TypeReg}))
	_, err := w.Write(data)
	ts.Check(err)
	ts.Check(w.Close())
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
}

// fill FILE... replaces $REGISTRY in files by the address of the scripts' registry.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		data, err := os.ReadFile(ts.MkAbs(file))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(file), bytes.ReplaceAll(data, []byte("$REGISTRY"), []byte(of(ts).images.host())), 0o644))
	}
}
