package sumdb

import (
	"crypto/rand"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/MediaConduit/conduit/report"
)

// NewKey makes a key for a log: what signs, which the server keeps to itself, and what verifies, which clients are given.
// name is best the host that the log is at.
func NewKey(name string) (signer, verifier string, err error) {
	if name == "" || strings.ContainsAny(name, "+ \t\n/") {
		return "", "", &report.Error{Kind: report.Usage, What: "a log cannot have this name", Where: name, Next: "conduit sumdb key sums.example.com FILE"}
	}
	return note.GenerateKey(rand.Reader, name)
}
