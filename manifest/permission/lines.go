package permission

import (
	"fmt"
	"slices"
	"strings"
)

// none begins the line that stands for an empty list of [Net] or [Run]: "no net".
const none = "no "

// Lines are the set as conduit.lock keeps it: "net HOST:PORT", "env NAME", and "no net" for an empty list, sorted. What is as by default has
// no line, so that a package which declares nothing has none.
func (s Set) Lines() (out []string) {
	for _, key := range Keys {
		list := *s.List(key)
		if !Limited(key, list) {
			continue
		}
		for _, text := range list {
			out = append(out, key+" "+text)
		}
		if len(list) == 0 && (key == Net || key == Run) {
			out = append(out, none+key)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ParseLines is the set that [Set.Lines] wrote.
func ParseLines(lines []string) (Set, error) {
	var s Set
	for _, line := range lines {
		key, text, ok := strings.Cut(line, " ")
		if rest, empty := strings.CutPrefix(line, none); empty && (rest == Net || rest == Run) {
			key, text, ok = rest, "", true
		} else if ok && Check(key, text) != nil {
			ok = false
		}
		list := s.List(key)
		if !ok || list == nil || text == Any {
			return Set{}, fmt.Errorf("%q is no permission", line)
		}
		if *list == nil {
			*list = []string{}
		}
		if text != "" {
			*list = append(*list, text)
		}
	}
	return s, nil
}

// Effective are the set in words, what is so by default included: "any net".
func (s Set) Effective() (out []string) {
	for _, key := range Keys {
		list := *s.List(key)
		if !Limited(key, list) {
			out = append(out, "any "+key)
			continue
		}
		for _, text := range slices.Compact(slices.Sorted(slices.Values(list))) {
			out = append(out, key+" "+text)
		}
	}
	return out
}
