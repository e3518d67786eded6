package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// keyHeader numbers the format of build keys.
const keyHeader = "conduit build 1\n"

// buildKey is a hash over everything that the artifact is a function of. The subject is not part of it: the same tree
// under another name is the same artifact.
func buildKey(in Input) cache.Key {
	return hashKey(struct {
		Builder, SDK, Sum, Main, PackageMain, ExportName, Type string
		Nodes                                                  []resolve.Node
		Libraries, External                                    []string
		Unbundled                                              bool
	}{Version(), sdkSum(), in.Sum, in.Provider.Main, in.Provider.PackageMain, in.Provider.ExportName, in.Provider.Type,
		in.Nodes, used(in.Nodes, in.Libraries), slices.Compact(slices.Sorted(slices.Values(in.External))), in.Unbundled})
}

func hashKey(of any) cache.Key {
	data, err := json.Marshal(of)
	if err != nil {
		panic(err) // strings and slices of them always marshal
	}
	sum := sha256.Sum256(append([]byte(keyHeader), data...))
	return cache.Key{Kind: cache.Build, ID: hex.EncodeToString(sum[:])}
}

// used lists the identities of the libraries that nodes mean, sorted.
func used(nodes []resolve.Node, libraries []resolve.Library) []string {
	wanted := map[string]bool{}
	for _, node := range nodes {
		wanted[node.ID], wanted[resolve.LibraryID(node.ID)] = true, true
	}
	var list []string
	for _, lib := range libraries {
		if id := lib.Name + "@" + lib.Version; wanted[id] {
			list = append(list, id+" "+lib.Integrity)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// metaWarnings is the name under which a build's record keeps its warnings.
const metaWarnings = "warnings"

func (b *Builder) remember(key cache.Key, a Artifact) error {
	warnings, err := json.Marshal(a.Warnings)
	if err != nil {
		return err
	}
	return b.cache.Put(key, cache.Record{Sum: a.Digest, Meta: map[string]string{metaWarnings: string(warnings)}})
}

// built is the artifact that an earlier build of key made, if it is still there.
func (b *Builder) built(key cache.Key) (Artifact, bool) {
	_, rec, ok := b.cache.Lookup(key)
	if !ok {
		return Artifact{}, false
	}
	a, ok := b.Find(rec.Sum)
	if !ok {
		return Artifact{}, false
	}
	var warnings []report.Event
	if json.Unmarshal([]byte(rec.Meta[metaWarnings]), &warnings) != nil {
		return Artifact{}, false
	}
	a.Warnings = warnings
	return a, true
}
