package lockfile

import (
	"bytes"
	"fmt"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// MarkersError says that a lock holds the conflict markers of an unfinished merge. It is the cause inside a
// [*report.Error] of kind [report.Lock]; find it with errors.As.
type MarkersError struct {
	Line         int   // the first marker's, from 1
	Ours, Theirs *Lock // the two sides; nil where a side is no valid lock by itself
}

func (e *MarkersError) Error() string {
	return fmt.Sprintf("conflict markers of git from line %d on", e.Line)
}

func markersError(data []byte, line int) error {
	e := &MarkersError{Line: line}
	ours, theirs := sides(data)
	// References are not checked: what git merged by itself may name things of the other side, and the sides only guide
	// the locking that follows.
	if l, err := parseLock(ours); err == nil {
		e.Ours = l
	}
	if l, err := parseLock(theirs); err == nil {
		e.Theirs = l
	}
	for _, side := range []*Lock{e.Ours, e.Theirs} {
		if side != nil {
			side.Torn = digests(data)
		}
	}
	return &report.Error{Kind: report.Lock, Where: at(Name, line, 0), What: "a merge has left conflict markers", Next: remedy, Err: e}
}

var digest = lazyregexp.New(`"((?:h1:|sha[0-9]+-)[0-9A-Za-z+/=]+)"`)

func digests(data []byte) map[string]bool {
	out := map[string]bool{}
	for _, m := range digest.FindAllSubmatch(data, -1) {
		out[string(m[1])] = true
	}
	return out
}

// sides parts a file with conflict markers into what each branch had. The common ancestor that the diff3 style shows
// between ||||||| and ======= belongs to neither.
func sides(data []byte) (ours, theirs []byte) {
	side := byte(0)
	for _, line := range bytes.SplitAfter(data, []byte("\n")) {
		if m := markerOf(bytes.TrimSuffix(line, []byte("\n"))); m != 0 {
			if side = m; m == '>' {
				side = 0
			}
			continue
		}
		if side == 0 || side == '<' {
			ours = append(ours, line...)
		}
		if side == 0 || side == '=' {
			theirs = append(theirs, line...)
		}
	}
	return ours, theirs
}
