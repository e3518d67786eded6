package image

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// LocalName is what an image is called in an engine into which it was loaded: its repository with the locked digest as the tag,
// since an engine that loads an image forgets which digest it has in a registry. A platform other than the engine's own is
// part of the name.
func LocalName(ref, locked, platform string) (string, error) {
	named, err := reference.ParseNormalizedNamed(Tagged(ref))
	if err != nil {
		return "", err
	}
	tag := strings.Replace(locked, ":", "-", 1)
	if platform != "" {
		tag += "-" + strings.ReplaceAll(platform, "/", "-")
	}
	tagged, err := reference.WithTag(reference.TrimNamed(named), tag)
	if err != nil {
		return "", err
	}
	return reference.FamiliarString(tagged), nil
}

// IDs are what an engine may call the image after it was loaded: the digest of its configuration, or that of its manifest or index
// where the engine keeps images as registries do. All of them follow from the locked digest.
func (p Parts) IDs() []string {
	ids := []string{p.Config.Digest.String(), p.Manifest.Digest.String()}
	for _, d := range p.Indexes {
		ids = append(ids, d.Digest.String())
	}
	return ids
}

// Archive writes an image as engines load it, under a local name: a tar that is an OCI image layout and, for engines that do not
// read those, what docker save wrote before. Every blob is compared with its digest as it passes; after the first that differs,
// with an error of kind Integrity, the tar has no end, and no engine takes anything of it.
func Archive(ctx context.Context, w io.Writer, from Blobs, ref, local string, p Parts) error {
	to := tar.NewWriter(w)
	for _, dir := range []string{blobFolder + "/", blobFolder + "/sha256/"} {
		if err := to.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755}); err != nil {
			return err
		}
	}
	blobs := append([]ocispec.Descriptor{p.Manifest, p.Config}, p.Layers...)
	written := map[digest.Digest]bool{}
	for _, d := range blobs {
		if written[d.Digest] {
			continue
		}
		written[d.Digest] = true
		if err := archiveBlob(ctx, to, from, ref, d); err != nil {
			return err
		}
	}
	named, err := reference.ParseNormalizedNamed(local)
	if err != nil {
		return err
	}
	manifest := ocispec.Descriptor{MediaType: p.Manifest.MediaType, Digest: p.Manifest.Digest, Size: p.Manifest.Size, Annotations: map[string]string{
		"io.containerd.image.name": named.String(), ocispec.AnnotationRefName: local[strings.LastIndexByte(local, ':')+1:],
	}}
	old := dockerImageFile{Config: BlobFile(p.Config.Digest), RepoTags: []string{local}}
	for _, l := range p.Layers {
		old.Layers = append(old.Layers, BlobFile(l.Digest))
	}
	for _, f := range []struct {
		name    string
		content any
	}{
		{LayoutFile, json.RawMessage(LayoutText)},
		{IndexFile, ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{manifest}}},
		{"manifest.json", []dockerImageFile{old}},
	} {
		data, err := json.Marshal(f.content)
		if err == nil {
			err = to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(data))})
		}
		if err == nil {
			_, err = to.Write(data)
		}
		if err != nil {
			return err
		}
	}
	return to.Close()
}

// dockerImageFile is an entry of the manifest.json that docker save writes.
type dockerImageFile struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func archiveBlob(ctx context.Context, to *tar.Writer, from Blobs, ref string, d ocispec.Descriptor) error {
	in, err := from.Open(ctx, d)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: BlobFile(d.Digest), Mode: 0o644, Size: d.Size}); err != nil {
		return err
	}
	hash := digest.SHA256.Digester()
	n, err := io.Copy(to, io.TeeReader(io.LimitReader(reading{ctx, in}, d.Size), hash.Hash()))
	if err != nil {
		return err
	}
	more, err := io.Copy(hash.Hash(), reading{ctx, in})
	if err != nil {
		return err
	}
	if err := Check(ref, d, hash.Digest()); err != nil {
		return err
	}
	if n+more != d.Size {
		return unsupported(ref, d, fmt.Errorf("its manifest says that the blob has %d bytes, and it has %d", d.Size, n+more))
	}
	return nil
}

// reading ends with its context.
type reading struct {
	ctx context.Context
	in  io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, errors.Join(r.ctx.Err(), context.Cause(r.ctx))
	}
	return r.in.Read(p)
}
