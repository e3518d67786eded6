package resolve

import (
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// replacements follows [replace] from a source to what stands in its place.
type replacements map[Source]Replace

func newReplacements(list []Replace) replacements {
	m := replacements{}
	for _, r := range list {
		// conduit.local.toml goes before conduit.toml.
		if old, ok := m[r.Old.Fold()]; !ok || r.Local || !old.Local {
			m[r.Old.Fold()] = r
		}
	}
	return m
}

// apply returns what stands in the place of src. Replacements follow each other; found is nil where there is none, else
// what led to the last source, with the range that counts and Local where any step is local.
func (m replacements) apply(src Source) (target Source, found *Replace, err error) {
	target = src
	if len(m) == 0 {
		return target, nil, nil
	}
	seen := map[Source]bool{}
	path := []string{src.String()}
	for {
		r, ok := m[target.Fold()]
		if !ok {
			return target, found, nil
		}
		if seen[target.Fold()] {
			return Source{}, nil, &report.Error{Kind: report.Failure, What: "[replace] goes round in a circle", Where: r.Where,
				Why: strings.Join(path, " → "), Next: fmt.Sprintf("take the line of %q from [replace]", r.Old)}
		}
		seen[target.Fold()] = true
		if found == nil {
			found = &Replace{Old: src, Where: r.Where}
		}
		found.New, found.Local = r.New, found.Local || r.Local
		if r.Range.String() != "" {
			found.Range = r.Range
		}
		target = r.New
		path = append(path, target.String())
		if r.New.Fold() == r.Old.Fold() {
			// It pins a version or settles a spelling, and leads nowhere else.
			return target, found, nil
		}
	}
}
