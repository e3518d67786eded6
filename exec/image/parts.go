package image

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// Media types of Docker that the OCI specification does not name.
const (
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerIndex    = "application/vnd.docker.distribution.manifest.list.v2+json"
)

const (
	maxDocument = 4 << 20 // bytes of a manifest or index: what the OCI distribution specification has registries take
	maxNesting  = 3       // indexes within indexes
	maxLayers   = 1000
)

// Blobs has blobs, by descriptors: what an image of a registry is made of. What it hands out may be anything; whoever reads
// it compares.
type Blobs interface {
	// Open opens a blob. The error has io/fs.ErrNotExist in its chain where there is none, and the image has to come from
	// its registry. Of a descriptor that a reference names, nothing but the digest is known.
	Open(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error)
}

// Parts are what the image of one platform is made of.
type Parts struct {
	Indexes  []ocispec.Descriptor // from the digest that was asked for to the manifest; none where it names a manifest
	Manifest ocispec.Descriptor
	Config   ocispec.Descriptor
	Layers   []ocispec.Descriptor // the lowest first; one digest may stand here twice
}

// All are the blobs of the image, each once.
func (p Parts) All() []ocispec.Descriptor {
	var out []ocispec.Descriptor
	seen := map[digest.Digest]bool{}
	for _, d := range slices.Concat(p.Indexes, []ocispec.Descriptor{p.Manifest, p.Config}, p.Layers) {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			out = append(out, d)
		}
	}
	return out
}

// Size is how many bytes the blobs of the image have.
func (p Parts) Size() (n int64) {
	for _, d := range p.All() {
		n += d.Size
	}
	return n
}

// ErrPlatform is in the chain of the error for an image that does not exist for a platform.
var ErrPlatform = errors.New("not for this platform")

// Find reads what the image of a digest is made of on a platform ("linux/amd64"): its manifest, and the indexes on the way there,
// each compared with its digest. ref names the image in errors. They are of kind Integrity for bytes that are others, with
// [ErrPlatform] in their chain where there is no such image, and those of from.
func Find(ctx context.Context, from Blobs, ref, want, platform string) (Parts, error) {
	on, err := platforms.Parse(platform)
	if err != nil {
		return Parts{}, &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no platform of images", platform), Err: err, Next: "write it as linux/amd64 or linux/arm64"}
	}
	var p Parts
	at := ocispec.Descriptor{Digest: digest.Digest(want)}
	for range maxNesting {
		data, err := document(ctx, from, ref, at)
		if err != nil {
			return Parts{}, err
		}
		at.Size = int64(len(data))
		doc, err := parse(data)
		if err != nil {
			return Parts{}, unsupported(ref, at, err)
		}
		at.MediaType = doc.MediaType
		if doc.Config != nil {
			p.Manifest, p.Config, p.Layers = at, *doc.Config, doc.Layers
			return p, nil
		}
		p.Indexes = append(p.Indexes, at)
		next, err := choose(doc.Manifests, on)
		if err != nil {
			return Parts{}, &report.Error{Kind: report.Service, What: "there is no image " + ref + " for " + platforms.Format(on), Why: "it is for " + err.Error(), Err: ErrPlatform,
				Next: "name another platform (platform: in the compose file), or ask for another image"}
		}
		at = next
	}
	return Parts{}, unsupported(ref, at, errors.New("indexes within indexes"))
}

// index or manifest, whose fields have no name in common but the media type.
type manifest struct {
	MediaType string               `json:"mediaType"`
	Manifests []ocispec.Descriptor `json:"manifests"`
	Config    *ocispec.Descriptor  `json:"config"`
	Layers    []ocispec.Descriptor `json:"layers"`
	FSLayers  json.RawMessage      `json:"fsLayers"` // of the first version of manifests
}

func parse(data []byte) (m manifest, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return m, err
	}
	index := m.MediaType == ocispec.MediaTypeImageIndex || m.MediaType == dockerIndex
	single := m.MediaType == ocispec.MediaTypeImageManifest || m.MediaType == dockerManifest
	switch {
	case m.MediaType == "" && m.Config == nil && m.Manifests != nil:
		m.MediaType, index = ocispec.MediaTypeImageIndex, true
	case m.MediaType == "" && m.Config != nil:
		m.MediaType, single = ocispec.MediaTypeImageManifest, true
	}
	// One document that is both would be one image for one reader and another for the next.
	switch {
	case m.FSLayers != nil || !index && !single || index && (m.Config != nil || m.Layers != nil) || single && (m.Config == nil || m.Manifests != nil):
		return m, fmt.Errorf("its manifest is of the type %q", m.MediaType)
	case len(m.Layers) > maxLayers:
		return m, fmt.Errorf("it has %d layers", len(m.Layers))
	}
	for i := range m.Layers {
		if d := &m.Layers[i]; !IsDigest(d.Digest.String()) || d.Size < 0 {
			return m, fmt.Errorf("a layer has the digest %q and %d bytes", d.Digest, d.Size)
		} else if IsDocument(*d) {
			d.MediaType = "application/octet-stream" // whatever it is said to be, it is no manifest
		}
	}
	if single {
		if c := m.Config; !IsDigest(c.Digest.String()) || c.Size < 0 || c.Size > maxDocument {
			return m, fmt.Errorf("its configuration has the digest %q and %d bytes", c.Digest, c.Size)
		} else if IsDocument(*c) {
			c.MediaType = "application/octet-stream"
		}
	}
	return m, nil
}

// choose finds the manifest of a platform as engines do: the one that fits best.
func choose(all []ocispec.Descriptor, on ocispec.Platform) (ocispec.Descriptor, error) {
	matcher := platforms.Only(on)
	var found []ocispec.Descriptor
	var others []string
	for _, d := range all {
		switch {
		case !IsDigest(d.Digest.String()) || !IsDocument(d):
		case d.Platform == nil && len(all) == 1, d.Platform != nil && matcher.Match(*d.Platform):
			found = append(found, d)
		case d.Platform != nil && d.Platform.OS != "unknown": // which is how statements about an image stand there
			others = append(others, platforms.Format(*d.Platform))
		}
	}
	if len(found) == 0 {
		return ocispec.Descriptor{}, errors.New(strings.Join(append(others, "nothing else")[:max(1, len(others))], ", "))
	}
	slices.SortStableFunc(found, func(a, b ocispec.Descriptor) int {
		switch {
		case a.Platform == nil || b.Platform == nil:
			return 0
		case matcher.Less(*a.Platform, *b.Platform):
			return -1
		case matcher.Less(*b.Platform, *a.Platform):
			return 1
		}
		return 0
	})
	return found[0], nil
}

func unsupported(ref string, at ocispec.Descriptor, err error) error {
	return &report.Error{Kind: report.Service, What: "the image " + ref + " is of a kind that cannot be carried", Where: at.Digest.String(), Err: err,
		Next: "have it published anew with a current docker, or leave it to the engine: --no-images"}
}

// document reads a small blob and compares it.
func document(ctx context.Context, from Blobs, ref string, d ocispec.Descriptor) ([]byte, error) {
	in, err := from.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, unsupported(ref, d, fmt.Errorf("its manifest has more than %d bytes", maxDocument))
	}
	return data, Check(ref, d, digest.FromBytes(data))
}

// Check is the error of kind Integrity where a blob of the image ref does not have the digest got.
func Check(ref string, d ocispec.Descriptor, got digest.Digest) error {
	if got == d.Digest {
		return nil
	}
	return verify.Mismatch("a part of the image "+ref, "digest", d.Digest.String(), got.String())
}

// Verify compares what from has of an image, of whatever platforms, with the digests that lead there. found is false where it has
// nothing of it.
func Verify(ctx context.Context, from Blobs, ref, want string) (found bool, err error) {
	return verifyBelow(ctx, from, ref, ocispec.Descriptor{Digest: digest.Digest(want)}, maxNesting)
}

func verifyBelow(ctx context.Context, from Blobs, ref string, d ocispec.Descriptor, depth int) (found bool, err error) {
	if !IsDocument(d) {
		in, err := from.Open(ctx, d)
		if err != nil {
			return false, present(err)
		}
		defer in.Close()
		hash := digest.SHA256.Digester()
		if _, err := io.Copy(hash.Hash(), reading{ctx, in}); err != nil {
			return true, err
		}
		return true, Check(ref, d, hash.Digest())
	}
	data, err := document(ctx, from, ref, d)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist), present(err)
	}
	doc, err := parse(data)
	if err != nil || depth == 0 {
		return true, err
	}
	below := slices.Concat(doc.Manifests, doc.Layers)
	if doc.Config != nil {
		below = append(below, *doc.Config)
	}
	var errs []error
	for _, b := range below {
		if IsDigest(b.Digest.String()) {
			_, err := verifyBelow(ctx, from, ref, b, depth-1)
			errs = append(errs, err)
		}
	}
	return true, errors.Join(errs...)
}

// present is the error of what is there.
func present(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Integrity is a digest in the way in which the cache and mirrors name content.
func Integrity(d digest.Digest) (verify.Integrity, error) {
	raw, err := hex.DecodeString(d.Encoded())
	if err != nil || !IsDigest(d.String()) {
		return verify.Integrity{}, fmt.Errorf("%q is no digest that is known here", d)
	}
	return verify.Integrity{Algorithm: "sha256", Sum: string(raw)}, nil
}

// IsDocument tells a manifest or index, which registries have apart from other blobs.
func IsDocument(d ocispec.Descriptor) bool {
	switch d.MediaType {
	case "", ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest, dockerIndex, dockerManifest:
		return true
	}
	return false
}
