package image

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/MediaConduit/conduit/report"
)

// published is an image for two platforms in a registry of the test's own, whose blobs the fault changes on their way.
type published struct {
	ref, digest string
	arm, amd    v1.Image

	mu    sync.Mutex
	fault func(http.ResponseWriter, *http.Request, []byte) bool // false leaves the answer as it is
	asked []string
}

func (p *published) set(fault func(http.ResponseWriter, *http.Request, []byte) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.asked = fault, nil
}

func (p *published) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func publish(t *testing.T) *published {
	t.Helper()
	p := &published{}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		fault := p.fault
		p.asked = append(p.asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
		p.mu.Unlock()
		if fault != nil && r.Method == http.MethodGet && r.URL.Path != "/v2/" {
			whole := httptest.NewRecorder()
			plain := r.Clone(r.Context())
			plain.Header.Del("Range")
			inner.ServeHTTP(whole, plain)
			if fault(w, r, whole.Body.Bytes()) {
				return
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	make := func(arch string) v1.Image {
		img, err := random.Image(100_000, 2)
		if err != nil {
			t.Fatal(err)
		}
		about, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		about = about.DeepCopy()
		about.OS, about.Architecture = "linux", arch
		if img, err = mutate.ConfigFile(img, about); err != nil {
			t.Fatal(err)
		}
		return img
	}
	p.amd, p.arm = make("amd64"), make("arm64")
	index := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: p.arm, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}}},
		mutate.IndexAddendum{Add: p.amd, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: empty.Image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}})
	p.ref = strings.TrimPrefix(server.URL, "http://") + "/acme/cow:1"
	ref, err := name.ParseReference(p.ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index); err != nil {
		t.Fatal(err)
	}
	sum, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	p.digest = sum.String()
	p.set(nil)
	return p
}

// remoteBlobs are the blobs of a registry, without a cache.
type remoteBlobs struct{ *Repository }

func (r remoteBlobs) Open(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	var b bytes.Buffer
	err := r.Copy(ctx, d, &b)
	return io.NopCloser(&b), err
}

func registered(t *testing.T, p *published) remoteBlobs {
	t.Helper()
	r, err := Registry(context.Background(), p.ref)
	if err != nil {
		t.Fatal(err)
	}
	return remoteBlobs{r}
}

// TestFind finds the manifest that an engine of the platform would take, and says for which others there is an image.
func TestFind(t *testing.T) {
	p := publish(t)
	ctx := context.Background()
	for platform, img := range map[string]v1.Image{"linux/arm64": p.arm, "linux/amd64": p.amd, "linux/arm64/v8": p.arm} {
		parts, err := Find(ctx, registered(t, p), p.ref, p.digest, platform)
		if err != nil {
			t.Fatal(err)
		}
		want, err := img.ConfigName()
		if err != nil || parts.Config.Digest.String() != want.String() || len(parts.Layers) != 2 || parts.Root().Digest.String() != p.digest {
			t.Errorf("%s: %+v, want the configuration %s (%v)", platform, parts, want, err)
		}
	}
	_, err := Find(ctx, registered(t, p), p.ref, p.digest, "linux/s390x")
	if !errors.Is(err, ErrPlatform) || !strings.Contains(err.Error(), "it is for linux/arm64/v8, linux/amd64") {
		t.Errorf("for a platform that it does not exist for: %v", err)
	}
	if _, err := Find(ctx, registered(t, p), p.ref, p.digest, "pdp11"); report.KindOf(err) != report.Usage {
		t.Errorf("a platform that is none: %v", err)
	}
}

// TestSpoilt takes no manifest that is not the one that was asked for, whatever a registry says, and tells both digests.
func TestSpoilt(t *testing.T) {
	p := publish(t)
	p.set(func(w http.ResponseWriter, r *http.Request, whole []byte) bool {
		_, _ = w.Write(append(whole, ' '))
		return true
	})
	_, err := Find(context.Background(), registered(t, p), p.ref, p.digest, "linux/amd64")
	if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "expected "+p.digest) || !strings.Contains(err.Error(), "got      sha256:") {
		t.Errorf("%v", err)
	}
}

// TestCopyGoesOn asks for what is missing of a blob after each break, of a registry that sends parts and of one that does not.
func TestCopyGoesOn(t *testing.T) {
	t.Parallel()
	for _, ranges := range []bool{true, false} {
		t.Run(fmt.Sprintf("ranges %v", ranges), func(t *testing.T) {
			p := publish(t)
			parts, err := Find(context.Background(), registered(t, p), p.ref, p.digest, "linux/amd64")
			if err != nil {
				t.Fatal(err)
			}
			blob := parts.Layers[0]
			var mu sync.Mutex
			sent := 0
			p.set(func(w http.ResponseWriter, r *http.Request, whole []byte) bool {
				mu.Lock()
				defer mu.Unlock()
				at, status := 0, http.StatusOK
				if text := r.Header.Get("Range"); text != "" && ranges {
					_, _ = fmt.Sscanf(text, "bytes=%d-", &at)
					status = http.StatusPartialContent
					w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, len(whole)-1, len(whole)))
				}
				sent = min(sent+40_000, len(whole))
				w.Header().Set("Content-Length", fmt.Sprint(len(whole)-at))
				w.WriteHeader(status)
				_, _ = w.Write(whole[at:sent]) // and the connection ends
				return true
			})
			var got bytes.Buffer
			if err := registered(t, p).Copy(context.Background(), blob, &got); err != nil {
				t.Fatal(err)
			}
			if digest.FromBytes(got.Bytes()) != blob.Digest {
				t.Errorf("%d bytes, other than those that were sent", got.Len())
			}
			if n := len(p.requests()); n != 4 { // one for the login
				t.Errorf("%d requests: %q", n, p.requests())
			}
		})
	}
}

// TestCopyFails says why a blob does not come, and what helps.
func TestCopyFails(t *testing.T) {
	p := publish(t)
	parts, err := Find(context.Background(), registered(t, p), p.ref, p.digest, "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status int
		body   string
		kind   report.Kind
		says   string
	}{
		{http.StatusNotFound, "", report.Network, "conduit update"},
		{http.StatusForbidden, "", report.Network, "docker login"},
		{http.StatusOK, strings.Repeat("x", 300_000), report.Integrity, "sends more than it said"},
	} {
		p.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
			return true
		})
		err := registered(t, p).Copy(context.Background(), parts.Layers[0], io.Discard)
		if report.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("status %d: %v", c.status, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.set(nil)
	from := registered(t, p)
	if err := from.Copy(ctx, parts.Layers[0], io.Discard); report.KindOf(err) != report.Interrupted {
		t.Errorf("interrupted: %v", err)
	}
}

// kept has blobs in memory.
type kept map[digest.Digest][]byte

func (k kept) Open(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	data, ok := k[d.Digest]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// TestAmbiguous refuses documents that could be read as an index and as a manifest, those of old, and what is none.
func TestAmbiguous(t *testing.T) {
	sum := "sha256:" + strings.Repeat("a", 64)
	for _, text := range []string{
		`{"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [], "config": {"digest": "` + sum + `"}}`,
		`{"mediaType": "application/vnd.oci.image.manifest.v1+json", "manifests": [], "config": {"digest": "` + sum + `"}}`,
		`{"manifests": [], "layers": []}`,
		`{"schemaVersion": 1, "fsLayers": []}`,
		`{"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "` + sum + `"}, "layers": [{"digest": "../../etc/passwd"}]}`,
		`{"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "` + sum + `", "size": 99999999}}`,
		`{"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "md5:00"}}`,
		`[]`, `{`, ``,
	} {
		at := digest.FromString(text)
		_, err := Find(context.Background(), kept{at: []byte(text)}, "acme/cow:1", at.String(), "linux/amd64")
		if report.KindOf(err) != report.Service {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestArchive writes what ggcr reads as an image of an OCI layout and as what docker save wrote, both the published one.
func TestArchive(t *testing.T) {
	p := publish(t)
	ctx := context.Background()
	parts, err := Find(ctx, registered(t, p), p.ref, p.digest, "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	local, err := LocalName(p.ref, p.digest, "")
	if err != nil || local != strings.TrimSuffix(p.ref, "1")+strings.Replace(p.digest, ":", "-", 1) {
		t.Fatalf("%s %v", local, err)
	}
	var out bytes.Buffer
	if err := Archive(ctx, &out, registered(t, p), p.ref, local, parts); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := p.amd.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(local)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := tarball.ImageFromPath(file, &tag)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := saved.ConfigName(); err != nil || got != want {
		t.Errorf("as docker save: %v %v, want %v", got, err, want)
	}
	dir := t.TempDir()
	for r := tar.NewReader(&out); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, filepath.FromSlash(h.Name))
		data, err := io.ReadAll(r)
		if err == nil && h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(at, 0o755)
		} else if err == nil {
			err = os.WriteFile(at, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	images, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := images.IndexManifest()
	if err != nil || len(listed.Manifests) != 1 {
		t.Fatalf("%+v %v", listed, err)
	}
	img, err := images.Image(listed.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := img.ConfigName(); err != nil || got != want {
		t.Errorf("as a layout: %v %v, want %v", got, err, want)
	}
}

// TestArchiveSpoilt ends without an end of the tar where a layer is not the one that the manifest names.
func TestArchiveSpoilt(t *testing.T) {
	p := publish(t)
	ctx := context.Background()
	parts, err := Find(ctx, registered(t, p), p.ref, p.digest, "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"changed": func(b []byte) []byte { b = bytes.Clone(b); b[100] ^= 1; return b },
		"cut":     func(b []byte) []byte { return b[:len(b)-1] },
		"longer":  func(b []byte) []byte { return append(bytes.Clone(b), 0) },
	} {
		blobs := kept{}
		for _, d := range parts.All() {
			in, err := registered(t, p).Open(ctx, d)
			if err != nil {
				t.Fatal(err)
			}
			if blobs[d.Digest], err = io.ReadAll(in); err != nil {
				t.Fatal(err)
			}
		}
		if found, err := Verify(ctx, blobs, p.ref, p.digest); err != nil || !found {
			t.Errorf("%s: before: %v %v", name, found, err)
		}
		layer := parts.Layers[1].Digest
		blobs[layer] = spoil(blobs[layer])
		var out bytes.Buffer
		err := Archive(ctx, &out, blobs, p.ref, "cow:1", parts)
		if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), layer.String()) {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.Contains(out.Bytes(), []byte("RepoTags")) {
			t.Errorf("%s: the archive says what it holds", name)
		}
		if _, err := Verify(ctx, blobs, p.ref, p.digest); report.KindOf(err) != report.Integrity {
			t.Errorf("%s: verified: %v", name, err)
		}
	}
	if found, err := Verify(ctx, kept{}, p.ref, p.digest); err != nil || found {
		t.Errorf("nothing of it: %v %v", found, err)
	}
}

// TestIndex lists images by name, keeps what is there, and gives a name that has moved to the new image.
func TestIndex(t *testing.T) {
	at := func(c string) ocispec.Descriptor {
		return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.Digest("sha256:" + strings.Repeat(c, 64)), Size: 1}
	}
	first, err := Index(nil, []Named{{"b:1@sha256:x", at("b")}, {"a:1", at("a")}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Index(first, []Named{{"a:1", at("c")}, {"b:1", at("b")}})
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{"a:1": at("c").Digest.String(), "b:1": at("b").Digest.String(), "b:1@sha256:x": at("b").Digest.String()} {
		if got, err := NamedDigest(second, ref); err != nil || got != want {
			t.Errorf("%s: %s %v", ref, got, err)
		}
	}
	if _, err := NamedDigest(second, "z:1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a name that it does not have: %v", err)
	}
	var doc ocispec.Index
	if err := json.Unmarshal(second, &doc); err != nil || len(doc.Manifests) != 3 || doc.SchemaVersion != 2 {
		t.Errorf("%s %v", second, err)
	}
	if again, err := Index(second, []Named{{"a:1", at("c")}}); err != nil || !bytes.Equal(again, second) {
		t.Errorf("written again it differs: %s %v", again, err)
	}
}
