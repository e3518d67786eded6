package image

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Files of a folder in the OCI image layout, slash-separated.
const (
	LayoutFile = ocispec.ImageLayoutFile
	IndexFile  = ocispec.ImageIndexFile
	blobFolder = ocispec.ImageBlobsDir
)

// LayoutText is the content of the file that marks an OCI image layout.
const LayoutText = `{"imageLayoutVersion":"` + ocispec.ImageLayoutVersion + `"}`

// BlobFile is where an OCI image layout has a blob. The digest must be one that [IsDigest] knows.
func BlobFile(d digest.Digest) string {
	return blobFolder + "/" + d.Algorithm().String() + "/" + d.Encoded()
}

// Layout is a folder in the OCI image layout, such as vendor/image. It may lack what an index in it names: the images of other
// platforms.
type Layout string

var _ Blobs = Layout("")

// Open opens a blob of the layout.
func (l Layout) Open(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if !IsDigest(d.Digest.String()) {
		return nil, &fs.PathError{Op: "open", Path: d.Digest.String(), Err: fs.ErrNotExist}
	}
	return os.Open(filepath.Join(string(l), filepath.FromSlash(BlobFile(d.Digest))))
}

// Named is an image in an OCI image layout.
type Named struct {
	Ref  string // as a compose file or a Dockerfile names it
	Root ocispec.Descriptor
}

// Root is the blob that the lock names: the index where there is one.
func (p Parts) Root() ocispec.Descriptor {
	if len(p.Indexes) > 0 {
		return p.Indexes[0]
	}
	return p.Manifest
}

// Index is the index.json of an OCI image layout that has the images besides those of old, which may be nil. A name that old has
// for another image is that of the new one afterwards.
func Index(old []byte, images []Named) ([]byte, error) {
	doc := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	if old != nil {
		if err := json.Unmarshal(old, &doc); err != nil {
			return nil, err
		}
	}
	for _, i := range images {
		ref := Tagged(i.Ref)
		doc.Manifests = slices.DeleteFunc(doc.Manifests, func(d ocispec.Descriptor) bool {
			if d.Annotations[ocispec.AnnotationRefName] == ref {
				delete(d.Annotations, ocispec.AnnotationRefName) // it stays, without a name
			}
			return d.Digest == i.Root.Digest && (d.Annotations[ocispec.AnnotationRefName] == "" || d.Annotations[ocispec.AnnotationRefName] == ref)
		})
		doc.Manifests = append(doc.Manifests, ocispec.Descriptor{MediaType: i.Root.MediaType, Digest: i.Root.Digest, Size: i.Root.Size,
			Annotations: map[string]string{ocispec.AnnotationRefName: ref}})
	}
	slices.SortFunc(doc.Manifests, func(a, b ocispec.Descriptor) int {
		return cmp.Or(cmp.Compare(a.Annotations[ocispec.AnnotationRefName], b.Annotations[ocispec.AnnotationRefName]), cmp.Compare(a.Digest, b.Digest))
	})
	data, err := json.MarshalIndent(doc, "", "  ")
	return append(data, '\n'), err
}

// NamedDigest is the digest that an index.json has for a reference; the error is fs.ErrNotExist where it has none.
func NamedDigest(index []byte, ref string) (string, error) {
	var doc ocispec.Index
	if err := json.Unmarshal(index, &doc); err != nil {
		return "", err
	}
	for _, d := range doc.Manifests {
		if d.Annotations[ocispec.AnnotationRefName] == Tagged(ref) && IsDigest(d.Digest.String()) {
			return d.Digest.String(), nil
		}
	}
	return "", fs.ErrNotExist
}

// Tagged is a reference without its digest, by which layouts name images.
func Tagged(ref string) string {
	name, _, _ := strings.Cut(ref, "@")
	return name
}

// IsLayout reports whether a folder is an OCI image layout.
func IsLayout(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, LayoutFile))
	return !errors.Is(err, fs.ErrNotExist)
}
