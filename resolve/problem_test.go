package resolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve"
)

// readProblem reads a conduit.toml of the tests, one requirement or setting a line:
//
//	p = provider github:a/p ^1.0
//	s = service ./s
//	replace github:a/s ../s
//	exclude github:a/s v1.2.0
//	alias short github:a/s@^1
func readProblem(t *testing.T, text string) resolve.Problem {
	t.Helper()
	p := resolve.Problem{Exclude: map[string][]string{}, Aliases: map[string]string{}, SDK: "0.1.9"}
	source := func(s string) (resolve.Source, string) {
		src, query, err := resolve.FollowAlias(s, p.Aliases)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return src, query
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		where := fmt.Sprintf("conduit.toml:%d", n)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "alias":
			p.Aliases[words[1]] = words[2]
		case words[0] == "exclude":
			p.Exclude[words[1]] = append(p.Exclude[words[1]], words[2:]...)
		case words[0] == "replace":
			r := resolve.Replace{Where: where}
			r.Old, _ = source(words[1])
			var query string
			r.New, query = source(words[2])
			var err error
			if r.Range, err = resolve.ParseRange(query); err != nil {
				t.Fatal(err)
			}
			p.Replace = append(p.Replace, r)
		case len(words) > 3 && words[1] == "=":
			src, _ := source(words[3])
			rng, err := resolve.ParseRange(strings.Join(words[4:], " "))
			if err != nil {
				t.Fatal(err)
			}
			p.Root = append(p.Root, resolve.Requirement{Name: words[0], Kind: words[2], Source: src, Range: rng, Where: resolve.At("conduit.toml", n)})
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return p
}

// printGraph writes one line for each module: what it is, and by which versions it requires others.
func printGraph(g *resolve.Graph) string {
	var b strings.Builder
	for _, m := range g.Modules {
		b.WriteString(m.ID())
		if m.Replaced != nil {
			b.WriteString(" for " + m.Replaced.String())
		}
		for i, l := range m.Requires {
			if i == 0 {
				b.WriteString(":")
			}
			b.WriteString(" " + l.Target.String())
			if l.Version != "" {
				b.WriteString("@" + l.Version)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// lock is a graph as the next solution finds it in conduit.lock; root carries over what was selected for conduit.toml.
func lock(g *resolve.Graph, p *resolve.Problem) {
	p.Locked = nil
	for _, m := range g.Modules {
		l := resolve.Locked{Source: m.Source, Version: m.Version, Kind: m.Kind, Commit: m.Commit, Integrity: m.Integrity, Sum: m.Sum, Time: m.Time}
		for _, r := range m.Requires {
			l.Requires = append(l.Requires, resolve.LockedNeed{Source: r.Source.String(), Range: r.Range.String(), Version: r.Version})
		}
		p.Locked = append(p.Locked, l)
	}
	for i := range p.Root {
		r := &p.Root[i]
		same := func(l resolve.Link) bool {
			return l.Name == r.Name && l.Source == r.Source && l.Range.String() == r.Range.String()
		}
		if j := slices.IndexFunc(g.Root, same); j >= 0 {
			r.Locked = g.Root[j].Version
		}
	}
}
