package source

import (
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/resolve"
)

// A section has lines of fields between tabs: the state with the releases that belong to it, then the versions, each with a
// line for each of its needs and notes below it. A lock of a large graph reads thousands of them, so they are made to be
// read fast.
const (
	stateLine    = "known" // earlier ones, which say nothing of attestations, begin with another word and do not count
	attestedLine = "attested"
	releaseLine  = "release"
	tagLine      = "tag"
	branchLine   = "branch"
	versionLine  = "version"

	formerStateLine = "state"
	noteLine        = "note"
	providerNeed    = "provider"
	serviceNeed     = "service"
)

func formatRemembered(r remembered) string {
	text := formatReleases(r)
	for _, p := range r.packages {
		text += formatPackage(p)
	}
	return text
}

// lines is text that is given up as a whole when a field does not fit into it.
type lines struct {
	strings.Builder
	unfit bool
}

func (l *lines) add(fields ...string) {
	for i, f := range fields {
		l.unfit = l.unfit || strings.ContainsAny(f, "\t\n")
		if i > 0 {
			l.WriteByte('\t')
		}
		l.WriteString(f)
	}
	l.WriteByte('\n')
}

// text is "" for what the format cannot hold.
func (l *lines) text() string {
	if l.unfit {
		return ""
	}
	return l.String()
}

func formatReleases(r remembered) string {
	if r.known == "" {
		return ""
	}
	var l lines
	l.add(stateLine, r.known)
	for i, v := range r.releases.Versions {
		if why, ok := r.releases.Deprecated[v]; ok {
			l.add(releaseLine, v, r.identities[i], why)
		} else {
			l.add(releaseLine, v, r.identities[i])
		}
	}
	for _, v := range r.releases.Attested {
		l.add(attestedLine, v)
	}
	for _, t := range r.releases.Tags {
		l.add(tagLine, t)
	}
	for _, b := range r.releases.Branches {
		l.add(branchLine, b)
	}
	return l.text()
}

func formatPackage(r resolve.Remembered) string {
	at := ""
	if !r.Revision.Time.IsZero() {
		at = r.Revision.Time.UTC().Format(time.RFC3339Nano)
	}
	var l lines
	l.add(versionLine, r.Revision.Version, r.Kind, r.Revision.Commit, r.Revision.Integrity, r.Sum, at, r.File, r.SDK)
	for _, n := range r.Needs {
		l.add(n.Kind, strconv.Itoa(n.Line), n.Source)
	}
	for _, n := range r.Notes {
		l.add(noteLine, n)
	}
	return l.text()
}

// parseRemembered reads what formatRemembered wrote. From a line on that it does not understand, or that was cut short,
// nothing counts, what the line belongs to included.
func parseRemembered(src resolve.Source, text string) (out remembered) {
	head, versions := "", text
	if !strings.HasPrefix(text, versionLine+"\t") {
		end := strings.Index(text, "\n"+versionLine+"\t")
		if head, versions = text[:end+1], text[end+1:]; end < 0 {
			head, versions = text, ""
		}
	}
	if head != "" && !parseReleases(&out, head) {
		if out = (remembered{}); !strings.HasPrefix(head, formerStateLine+"\t") {
			return out
		}
	}
	out.packages = parsePackages(src, versions)
	return out
}

// nextLine cuts a line into its first field and the others. ok is false for one that was cut short.
func nextLine(text string) (what, fields, rest string, ok bool) {
	line, rest, ok := strings.Cut(text, "\n")
	what, fields, _ = strings.Cut(line, "\t")
	return what, fields, rest, ok
}

func parseReleases(out *remembered, text string) bool {
	what, state, text, ok := nextLine(text)
	if !ok || what != stateLine {
		return false
	}
	n := strings.Count(text, "\n")
	out.known, out.identities, out.releases.Versions = state, make([]string, 0, n), make([]string, 0, n)
	for text != "" {
		if what, state, text, ok = nextLine(text); !ok {
			return false
		}
		switch what {
		case releaseLine:
			v, id, _ := strings.Cut(state, "\t")
			id, why, deprecated := strings.Cut(id, "\t")
			if deprecated {
				if out.releases.Deprecated == nil {
					out.releases.Deprecated = map[string]string{}
				}
				out.releases.Deprecated[v] = why
			}
			out.releases.Versions = append(out.releases.Versions, v)
			out.identities = append(out.identities, id)
		case attestedLine:
			out.releases.Attested = append(out.releases.Attested, state)
		case tagLine:
			out.releases.Tags = append(out.releases.Tags, state)
		case branchLine:
			out.releases.Branches = append(out.releases.Branches, state)
		default:
			return false
		}
	}
	return true
}

// parsePackages reads versions, each with its needs and notes below it. The needs of all lie in one piece of memory.
func parsePackages(src resolve.Source, text string) []resolve.Remembered {
	if text == "" {
		return nil
	}
	packages := make([]resolve.Remembered, 0, 1+strings.Count(text, "\n"+versionLine+"\t"))
	needs := make([]resolve.RememberedNeed, 0, strings.Count(text, "\n"))
	for begun := 0; text != ""; {
		what, fields, rest, ok := nextLine(text)
		if what == versionLine {
			r := resolve.Remembered{Source: src}
			if !ok || !parseVersion(&r, fields) {
				return packages
			}
			packages, begun = append(packages, r), len(needs)
		} else {
			r := &packages[len(packages)-1] // the text begins with a version
			if !ok || !parseBelow(r, &needs, what, fields) {
				return packages[:len(packages)-1]
			}
			if len(needs) > begun {
				r.Needs = needs[begun:len(needs):len(needs)]
			}
		}
		text = rest
	}
	return packages
}

// parseBelow reads a line below that of a version.
func parseBelow(r *resolve.Remembered, needs *[]resolve.RememberedNeed, kind, fields string) bool {
	switch kind {
	case providerNeed:
		kind = providerNeed // the constant: equal texts compare faster where they are the same
	case serviceNeed:
		kind = serviceNeed
	case noteLine:
		r.Notes = append(r.Notes, fields)
		return true
	default:
		return false
	}
	number, source, _ := strings.Cut(fields, "\t")
	line, err := strconv.Atoi(number)
	*needs = append(*needs, resolve.RememberedNeed{Kind: kind, Need: manifest.Need{Source: source, Line: line}})
	return err == nil
}

func parseVersion(r *resolve.Remembered, line string) bool {
	fields := [8]string{}
	n := 0
	for more := true; more && n < len(fields); n++ {
		fields[n], line, more = strings.Cut(line, "\t")
	}
	if n != len(fields) || fields[0] == "" || fields[1] == "" || fields[4] == "" {
		return false
	}
	r.Revision = resolve.Revision{Version: fields[0], Commit: fields[2], Integrity: fields[3]}
	r.Kind, r.Sum, r.File, r.SDK = fields[1], fields[4], fields[6], fields[7]
	if fields[5] != "" {
		at, err := time.Parse(time.RFC3339Nano, fields[5])
		if err != nil {
			return false
		}
		r.Revision.Time = at
	}
	return true
}
