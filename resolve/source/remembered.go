package source

import (
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/resolve"
)

// A document begins with this line. Then come the versions, each a line of fields between tabs, with a line for each of
// its needs below it. A lock of a large graph reads thousands of these, so they are made to be read fast.
const rememberedHeader = "conduit requirements 1"

const (
	providerNeed = "provider"
	serviceNeed  = "service"
	versionLine  = "version"
)

func formatRemembered(versions []string, packages map[string]resolve.Remembered) []byte {
	var b strings.Builder
	b.WriteString(rememberedHeader + "\n")
	for _, v := range versions {
		if text := formatPackage(packages[v]); text != "" {
			b.WriteString(text)
		}
	}
	return []byte(b.String())
}

// formatPackage is "" for what the format cannot hold.
func formatPackage(r resolve.Remembered) string {
	at := ""
	if !r.Revision.Time.IsZero() {
		at = r.Revision.Time.UTC().Format(time.RFC3339Nano)
	}
	var b strings.Builder
	ok := writeLine(&b, versionLine, r.Revision.Version, r.Kind, r.Revision.Commit, r.Revision.Integrity, r.Sum, at, r.File, r.SDK)
	for _, n := range r.Needs {
		ok = writeLine(&b, n.Kind, strconv.Itoa(n.Line), n.Source) && ok
	}
	if !ok {
		return ""
	}
	return b.String()
}

func writeLine(b *strings.Builder, fields ...string) bool {
	for i, f := range fields {
		if strings.ContainsAny(f, "\t\n") {
			return false
		}
		if i > 0 {
			b.WriteByte('\t')
		}
		b.WriteString(f)
	}
	b.WriteByte('\n')
	return true
}

// parseRemembered reads what formatRemembered wrote. From a line on that it does not understand, or that was cut short,
// nothing counts, the version before it included.
func parseRemembered(src resolve.Source, text string) map[string]resolve.Remembered {
	text, ok := strings.CutPrefix(text, rememberedHeader+"\n")
	if !ok {
		return nil
	}
	packages := map[string]resolve.Remembered{}
	var current resolve.Remembered
	keep := func() {
		if current.Kind != "" {
			packages[current.Revision.Version] = current
		}
	}
	for text != "" {
		line, rest, whole := strings.Cut(text, "\n")
		text = rest
		what, fields, _ := strings.Cut(line, "\t")
		switch what {
		case versionLine:
			keep()
			if current, whole = parseVersionLine(fields, whole); whole {
				current.Source = src
				current.Needs = make([]resolve.RememberedNeed, 0, needsAhead(text))
			}
		case providerNeed, serviceNeed:
			number, source, _ := strings.Cut(fields, "\t")
			n, err := strconv.Atoi(number)
			whole = whole && err == nil
			need := resolve.RememberedNeed{Kind: what}
			need.Source, need.Line = source, n
			current.Needs = append(current.Needs, need)
		default:
			whole = false
		}
		if !whole {
			return packages
		}
	}
	keep()
	return packages
}

// needsAhead counts the needs up to the next version.
func needsAhead(text string) int {
	if end := strings.Index(text, "\n"+versionLine+"\t"); end >= 0 {
		text = text[:end+1]
	}
	return strings.Count(text, "\n")
}

func parseVersionLine(line string, whole bool) (r resolve.Remembered, ok bool) {
	fields := [8]string{}
	n := 0
	for n < len(fields) {
		field, rest, more := strings.Cut(line, "\t")
		fields[n], line = field, rest
		n++
		if !more {
			break
		}
	}
	if !whole || n != len(fields) || fields[0] == "" || fields[1] == "" || fields[4] == "" {
		return r, false
	}
	r.Revision = resolve.Revision{Version: fields[0], Commit: fields[2], Integrity: fields[3]}
	r.Kind, r.Sum, r.File, r.SDK = fields[1], fields[4], fields[6], fields[7]
	if fields[5] != "" {
		at, err := time.Parse(time.RFC3339Nano, fields[5])
		if err != nil {
			return r, false
		}
		r.Revision.Time = at
	}
	return r, true
}
