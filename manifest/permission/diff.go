package permission

import (
	"slices"
	"strings"
)

// Diff is how what a package declares differs from one version to the next, in the words of [Set.Effective].
type Diff struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Wider   []string `json:"wider,omitempty"` // those of Added that the old version did not have in other words
}

// Empty tells that nothing differs.
func (d Diff) Empty() bool { return len(d.Added) == 0 && len(d.Removed) == 0 }

// Compare compares two sets.
func Compare(old, new Set) Diff {
	before, after := old.Effective(), new.Effective()
	d := Diff{Added: without(after, before), Removed: without(before, after)}
	for _, line := range d.Added {
		if !old.covers(line) {
			d.Wider = append(d.Wider, line)
		}
	}
	return d
}

func without(list, others []string) (out []string) {
	for _, each := range list {
		if !slices.Contains(others, each) {
			out = append(out, each)
		}
	}
	return out
}

// KeyOf is the kind that a line of a [Diff] is about.
func KeyOf(line string) string {
	key, rest, _ := strings.Cut(line, " ")
	if key == "any" {
		return rest
	}
	return key
}

// covers tells whether the set allows what a line of another one's [Set.Effective] allows.
func (s Set) covers(line string) bool {
	key, text, _ := strings.Cut(line, " ")
	if key == "any" {
		return !Limited(text, *s.List(text))
	}
	list := *s.List(key)
	switch key {
	case Net:
		return !Limited(key, list) || slices.Contains(list, text) || slices.Contains(list, "*"+text[max(0, strings.LastIndexByte(text, ':')):])
	case Run:
		return !Limited(key, list) || slices.Contains(list, text)
	case Read:
		return below(text, list) || below(text, s.Write)
	case Write:
		return below(text, list)
	}
	return slices.Contains(list, text)
}

// below tells whether a path is one of a list, or in a folder of it.
func below(path string, list []string) bool {
	return slices.ContainsFunc(list, func(parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") })
}
