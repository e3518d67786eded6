package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
)

// DirSum is the "h1:" sum (golang.org/x/mod/sumdb/dirhash, Hash1) over the files below dir, with slash-separated names
// relative to dir. Anything named ".git" is left out. A link that leaves dir, a loop of links, a device, a socket and a
// name that holds a newline are errors.
func DirSum(dir string) (string, error) { return FolderSum(dir) }

// FolderSum is [DirSum] without the files and folders that have one of the names in skip, at any depth.
func FolderSum(dir string, skip ...string) (string, error) {
	w, err := walk(dir, skip)
	if err != nil {
		return "", err
	}
	return FilesSum(w.names(), w.open)
}

// FilesSum is the "h1:" sum over the named files, in whatever order they are given.
func FilesSum(names []string, open func(name string) (io.ReadCloser, error)) (string, error) {
	return dirhash.Hash1(names, open)
}

// artifactHeader separates artifact digests from every other use of SHA-256, and numbers their format.
const artifactHeader = "conduit artifact 1\n"

// ArtifactDigest is the digest of a built artifact, "sha256:" and 64 hex digits: SHA-256 over a header and one line
// "HEX  NAME" for each file below dir, sorted by name, where HEX is the SHA-256 of the content.
func ArtifactDigest(dir string) (string, error) {
	w, err := walk(dir, nil)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	io.WriteString(sum, artifactHeader)
	for _, name := range w.names() {
		if strings.Contains(name, "\n") {
			return "", fmt.Errorf("hash %s: the name %q holds a newline", dir, name)
		}
		line, err := fileLine(w, name)
		if err != nil {
			return "", err
		}
		io.WriteString(sum, line)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

func fileLine(w *walker, name string) (string, error) {
	r, err := w.open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x  %s\n", sum.Sum(nil), name), nil
}
