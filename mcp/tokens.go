package mcp

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Tokens is an [HTTPOptions.Allowed] for requests that have one of tokens (Authorization: Bearer TOKEN), in a time that does
// not depend on them; for all requests where there are no tokens.
func Tokens(tokens []string) func(*http.Request) error {
	var sums [][sha256.Size]byte
	for _, token := range tokens {
		sums = append(sums, sha256.Sum256([]byte(token)))
	}
	return func(r *http.Request) error {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		sum := sha256.Sum256([]byte(strings.TrimSpace(given)))
		found := 0
		for _, each := range sums {
			found |= subtle.ConstantTimeCompare(sum[:], each[:])
		}
		if len(sums) == 0 || ok && found == 1 {
			return nil
		}
		return &report.Error{Kind: report.Policy, What: "the request has no token that is valid here", Next: "have the client send the header Authorization: Bearer TOKEN"}
	}
}
