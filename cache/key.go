package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/verify"
)

// Kind is what an entry of the cache is.
type Kind string

// The kinds of entries.
const (
	Module    Kind = "module"    // unpacked source tree; ID is source "@" commit or version
	Library   Kind = "library"   // npm tarball; ID is its integrity ("sha512-…"), which is verified while it is written
	Artifact  Kind = "artifact"  // built folder; ID is its digest ("sha256:…"), which is verified
	Toolchain Kind = "toolchain" // unpacked runtime; ID is its npm package "@" version "-" and a part of the integrity
	Unpacked  Kind = "unpacked"  // files of an npm tarball; ID is the tarball's integrity
	Layout    Kind = "layout"    // artifact with libraries beside it; ID is a hash over what it is made of
	Blob      Kind = "blob"      // part of a service's image; ID is its digest as an integrity ("sha256-…"), which is verified while it is written
	Build     Kind = "build"     // record without content: from a hash over a build's inputs to its artifact's digest
)

// Kinds lists all kinds.
var Kinds = []Kind{Module, Library, Artifact, Toolchain, Unpacked, Layout, Blob, Build}

// sharded reports the kinds whose entries lie in folders of two digits, because there are thousands.
func (k Kind) sharded() bool { return k == Library || k == Unpacked || k == Blob }

// Key names an entry. ID may be any string.
type Key struct {
	Kind Kind
	ID   string
}

// String is "KIND ID".
func (k Key) String() string { return string(k.Kind) + " " + k.ID }

// name is the entry's slash-separated path below its kind's folder. Different IDs have different names, also on a file
// system that folds case and on one that reserves names or characters.
func (k Key) name() string {
	if k.Kind.sharded() {
		// base64 depends on case, hexadecimal does not; the first two digits keep folders small.
		if i, err := verify.ParseWeakIntegrity(k.ID); err == nil && i.String() == k.ID {
			digest := i.Hex()
			return digest[:2] + "/" + i.Algorithm + "-" + digest
		}
	}
	return escape(k.ID)
}

// maxName keeps names, with the endings that are added to them, below the 255 bytes that file systems allow.
const maxName = 160

// escape maps s to a portable file name, one to one. Lower-case letters, digits and "._@-" stay; capital letters become
// "!" and the small letter, as in Go's module cache; "/" becomes "+", ":" becomes "~", every other byte "=" and two hex
// digits. What is too long ends in "=h" and a hash; the empty string is "=".
func escape(s string) string {
	if s == "" {
		return "="
	}
	const hexDigits = "0123456789abcdef"
	var b strings.Builder
	b.Grow(len(s) + len(s)/4) // thousands are made
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case 'a' <= ch && ch <= 'z', '0' <= ch && ch <= '9', ch == '_', ch == '@', ch == '-',
			ch == '.' && i > 0 && i < len(s)-1:
			b.WriteByte(ch)
		case 'A' <= ch && ch <= 'Z':
			b.WriteByte('!')
			b.WriteByte(ch + 'a' - 'A')
		case ch == '/':
			b.WriteByte('+')
		case ch == ':':
			b.WriteByte('~')
		default:
			b.Write([]byte{'=', hexDigits[ch>>4], hexDigits[ch&15]})
		}
	}
	if name := b.String(); len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(s))
	return b.String()[:maxName-66] + "=h" + hex.EncodeToString(sum[:])
}

// path is where the entry called name lies.
func (c *Cache) path(kind Kind, name string) string {
	return filepath.Join(c.dir, string(kind), filepath.FromSlash(name))
}

// recordPath is where the completion record of the entry called name lies.
func (c *Cache) recordPath(kind Kind, name string) string {
	return filepath.Join(c.dir, recordDir, string(kind), filepath.FromSlash(name)+recordExt)
}

// lockName is the name of the entry's lock file and of its unfinished content. It depends on the entry's place alone, so
// that content without a record can be locked too.
func lockName(kind Kind, name string) string {
	sum := sha256.Sum256([]byte(string(kind) + "/" + name))
	return hex.EncodeToString(sum[:16])
}
