package mirror

import (
	"strings"

	"github.com/MediaConduit/conduit/verify"
)

// MarkFile is in the root of every mirror and tells one from any other folder.
const MarkFile = "conduit-mirror.json"

// Version is the version of the layout, which the mark states.
const Version = 1

// Mark is the content of [MarkFile].
type Mark struct {
	Version int `json:"version"`
}

// Refs is the file with the refs of a repository, which lies at the address url.
func Refs(url string) string { return repository(url) + "/refs.json" }

// Pack is the file with a commit of a repository: a git pack of the commit, its trees and its files.
func Pack(url, commit string) string { return repository(url) + "/" + commit + ".pack" }

// Document is the file with an npm package's document.
func Document(name string) string { return "npm/" + escape(name) + "/document.json" }

// Attestations is the file with what the registry answers about the attestations of an npm package's version.
func Attestations(name, version string) string {
	return "npm/" + escape(name) + "/attestations/" + escape(version) + ".json"
}

// Tarball is the file with the tarball that has this integrity.
func Tarball(want verify.Integrity) string {
	digest := want.Hex()
	return "tarball/" + want.Algorithm + "/" + digest[:2] + "/" + digest + ".tgz"
}

// Image is a file of the OCI image layout in which a mirror has the images of services.
func Image(file string) string { return imageFolder + file }

const imageFolder = "image/"

// repository is the folder of a repository. GitHub does not tell cases apart, and neither may two spellings be two folders.
func repository(url string) string {
	path := strings.TrimPrefix(url, "https://")
	if strings.HasPrefix(path, "github.com/") {
		path = strings.ToLower(path)
	}
	return "git/" + escape(path)
}

// escape makes a path that is the same on every file system and needs no escape in an address: lower-case letters, digits and
// "_@-." stay, a capital letter is "!" and the small one, everything else "=" and two hex digits. No element of it begins with a dot.
func escape(s string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '@', c == '-', c == '/', c == '.' && i > 0 && s[i-1] != '/':
			b.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			b.WriteByte('!')
			b.WriteByte(c + 'a' - 'A')
		default:
			b.Write([]byte{'=', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
