package source

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// What is remembered lies in so many documents, each with that of many sources: a large graph would otherwise open
// thousands of files.
const shards = 64

// shardOf is the number of the document that a source of that name belongs to.
func shardOf(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return int(h.Sum32() % shards)
}

// shardName is how the cache calls a document.
func shardName(n int) string { return "requirements " + strconv.Itoa(n) }

// shard is one document: its sections by source.
type shard struct {
	once     sync.Once
	sections map[string]string
}

// A document begins with this line. Then comes a section for each source, which begins with a line of its name.
const (
	shardHeader   = "conduit requirements 2\n"
	sectionPrefix = "source\t"
)

// parseShard cuts a document into sections. A last one that was cut short is not whole when it is read.
func parseShard(text string) map[string]string {
	sections := make(map[string]string, 32)
	text, ok := strings.CutPrefix(text, shardHeader+sectionPrefix)
	for ok {
		section, rest := text, ""
		end := strings.Index(text, "\n"+sectionPrefix)
		if ok = end >= 0; ok {
			section, rest = text[:end+1], text[end+1+len(sectionPrefix):]
		}
		source, lines, _ := strings.Cut(section, "\n")
		sections[source], text = lines, rest
	}
	return sections
}

func formatShard(sections map[string]string) []byte {
	var b strings.Builder
	b.WriteString(shardHeader)
	for _, source := range slices.Sorted(maps.Keys(sections)) {
		b.WriteString(sectionPrefix + source + "\n" + sections[source])
	}
	return []byte(b.String())
}
