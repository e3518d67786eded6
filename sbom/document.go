package sbom

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Kind is what a component is.
type Kind string

// The kinds of components.
const (
	Project  Kind = "project"
	Provider Kind = "provider"
	Service  Kind = "service"
	Library  Kind = "library"
	Image    Kind = "image" // of containers: from a registry, or built from a service's files
	Runtime  Kind = "runtime"
)

// Document is a bill of materials.
type Document struct {
	Version string      // of conduit, which writes it
	Made    time.Time   // zero where nothing says when
	Newest  time.Time   // when the newest of the components was published; zero where nothing says so
	Project Component   // what all others are for
	Parts   []Component // sorted by ID
}

// Component is a part of a project, or the project.
type Component struct {
	ID        string // unique in its document
	Kind      Kind
	Name      string
	Version   string // "" for none
	PURL      string // package URL (https://github.com/package-url/purl-spec); "" where its kinds have none for it
	Repo      string // where its files are, as git takes it: "https://HOST/PATH"; "" for none
	Commit    string // in Repo
	Dir       string // in Repo
	URL       string // of the file that holds it, where it comes from an address; "" for none
	Hashes    []Hash // of that file, of an npm package's tarball or of an image
	Licence   string // as its package.json states it; "" for none
	Facts     []Fact // what else the lock says of it, sorted by Name
	DependsOn []string
}

// Hash is a digest.
type Hash struct {
	Algorithm string // as SRI calls it: "sha512"
	Hex       string
}

// Fact is something that neither format has a field for.
type Fact struct{ Name, Value string }

// uuid is a UUID of version 8 (RFC 9562) that stands for data.
func uuid(data []byte) string {
	sum := sha256.Sum256(data)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	x := hex.EncodeToString(sum[:16])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
