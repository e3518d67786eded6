package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// fail prints err and returns the exit code for it, 0 for nil. The codes are those of report.Kind; what has no kind of
// its own is classified here, and only here.
func (a *app) fail(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	kind := classify(ctx, err)
	err = report.OfDisk(err)
	if kind == report.Interrupted { // whatever broke on the way says nothing that the user does not know
		err = &report.Error{Kind: kind, What: "interrupted"}
	}
	if a.json && a.lost == nil {
		a.printJSON(map[string]any{"error": describe(kind, err)})
	} else {
		fmt.Fprintln(a.stderr, "conduit: "+printable(err.Error()))
	}
	return kind.ExitCode()
}

func classify(ctx context.Context, err error) report.Kind {
	if ctx.Err() != nil {
		return report.Interrupted
	}
	return report.Classify(err)
}

type jsonError struct {
	Kind  string `json:"kind"`
	Exit  int    `json:"exit"`
	What  string `json:"what"`
	Where string `json:"where,omitempty"`
	Why   string `json:"why,omitempty"`
	Next  string `json:"next,omitempty"`
}

func describe(kind report.Kind, err error) jsonError {
	out := jsonError{Kind: kind.String(), Exit: kind.ExitCode(), What: err.Error()}
	var e *report.Error
	if errors.As(err, &e) {
		out.What, out.Where, out.Why, out.Next = e.What, e.Where, e.Why, e.Next
		if out.Why == "" && e.Err != nil {
			out.Why = e.Err.Error()
		}
	}
	return out
}

func (a *app) printJSON(v any) {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	a.wrote(enc.Encode(v))
}

// wrote keeps the first error of writing to standard output: a command whose result is lost must not end with 0.
func (a *app) wrote(err error) {
	if err != nil && a.lost == nil {
		a.lost = &report.Error{What: "cannot write the result", Err: err, Next: "let standard output be something that takes it"}
	}
}

// printable makes text that came from packages and peers safe for a terminal: control characters other than line breaks
// and tabs are replaced, so that a name cannot move the cursor or recolour the screen, and so are those that have text run
// from right to left, which make a name look like another.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		}
		return r
	}, s)
}
