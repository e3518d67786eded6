package mcp

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/MediaConduit/conduit/project"
)

// nameMost is how long names of tools may be where clients hand them on to the APIs of language models. The protocol itself
// allows 128 characters, and dots and slashes, which those do not.
const nameMost = 64

// names are the names of models' tools: PROVIDER_MODEL of letters, digits, "_" and "-". Where that loses something, so that
// two models would have one name, or it is too long, a digest of the whole follows; a name does not depend on other models
// then, and stays.
func names(models []project.Model) []string {
	out := make([]string, len(models))
	count := map[string]int{}
	for i, m := range models {
		out[i] = clean(m.Provider) + "_" + clean(m.ID)
		count[out[i]]++
	}
	for i, m := range models {
		if count[out[i]] > 1 || len(out[i]) > nameMost {
			sum := sha256.Sum256([]byte(m.Provider + "/" + m.ID))
			digest := "_" + hex.EncodeToString(sum[:4])
			out[i] = out[i][:min(len(out[i]), nameMost-len(digest))] + digest
		}
	}
	return out
}

func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
}
