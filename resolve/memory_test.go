package resolve_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// rememberingWorld is a world that keeps what is read of it.
type rememberingWorld struct {
	*world
	mu   sync.Mutex
	kept map[string]resolve.Remembered
}

func (w *rememberingWorld) Recall(_ context.Context, src resolve.Source, version string) (resolve.Remembered, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.kept[src.String()+"@"+version]
	return r, ok
}

func (w *rememberingWorld) Remember(list []resolve.Remembered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range list {
		w.kept[r.Source.String()+"@"+r.Revision.Version] = r
	}
}

func (w *rememberingWorld) Note(list []resolve.Note) {
	for _, n := range list {
		r := w.kept[n.Source.String()+"@"+n.Version]
		r.Notes = n.Lines
		w.kept[n.Source.String()+"@"+n.Version] = r
	}
}

const remembered = `
github:a/p v1.0.0
  service github:a/s@^1.0
  provider ./elsewhere
./mine
  service github:a/s@^1.1
service github:a/s v1.0.0 v1.1.0
npm:@x/q v2.0.0
  sdk ^0.1.0
`

func requirement(t *testing.T, kind, text string) resolve.Requirement {
	t.Helper()
	src, query, err := resolve.ParseSource(text)
	if err != nil {
		t.Fatal(err)
	}
	rng, err := resolve.ParseRange(query)
	if err != nil {
		t.Fatal(err)
	}
	return resolve.Requirement{Kind: kind, Source: src, Range: rng, Where: resolve.At("conduit.toml", 1)}
}

// A second solver gets from memory what the first one read, and finds the same.
func TestMemory(t *testing.T) {
	w := &rememberingWorld{world: newWorld(t, strings.Replace(remembered, "  provider ./elsewhere\n", "", 1)), kept: map[string]resolve.Remembered{}}
	problem := resolve.Problem{Origin: w, SDK: "0.1.0", Root: []resolve.Requirement{
		requirement(t, resolve.KindProvider, "github:a/p@^1.0"), requirement(t, resolve.KindProvider, "npm:@x/q@^2.0"), requirement(t, resolve.KindProvider, "./mine"),
	}}
	first, err := resolve.Solve(t.Context(), problem)
	if err != nil {
		t.Fatal(err)
	}
	w.calls = nil
	second, err := resolve.Solve(t.Context(), problem)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range w.calls {
		if strings.HasPrefix(call, "fetch") && call != "fetch ./mine " && call != "fetch file:./mine " {
			t.Errorf("fetched again: %s", call)
		}
	}
	if len(first.Modules) != len(second.Modules) || len(first.Modules) != 4 {
		t.Fatalf("%d modules, then %d", len(first.Modules), len(second.Modules))
	}
	for i := range first.Modules {
		a, b := first.Modules[i], second.Modules[i]
		if a.ID() != b.ID() || a.Sum != b.Sum || a.Revision != b.Revision || len(a.Requires) != len(b.Requires) {
			t.Errorf("read %+v, remembered %+v", a, b)
		}
		if (b.Tree == nil) != (b.Source.Kind != resolve.File) {
			t.Errorf("%s: tree %v", b.ID(), b.Tree)
		}
		for j := range a.Requires {
			if a.Requires[j].String() != b.Requires[j].String() || a.Requires[j].Where.String() != b.Requires[j].Where.String() {
				t.Errorf("read %v, remembered %v", a.Requires[j], b.Requires[j])
			}
		}
	}
	// What is remembered is what the package says, not what followed from it: another SDK refuses it.
	problem.SDK = "9.0.0"
	w.kept["npm:@x/q@v2.0.0"] = func(r resolve.Remembered) resolve.Remembered { r.SDK = "^7.0.0"; return r }(w.kept["npm:@x/q@v2.0.0"])
	if _, err := resolve.Solve(t.Context(), problem); err == nil || !strings.Contains(err.Error(), "needs @mediaconduit/mediaconduit ^7.0.0") {
		t.Errorf("another SDK: %v", err)
	}
}

// A requirement that is wrong is as wrong when it is remembered, and what failed is not remembered.
func TestMemoryOfMistakes(t *testing.T) {
	w := &rememberingWorld{world: newWorld(t, remembered), kept: map[string]resolve.Remembered{}}
	problem := resolve.Problem{Origin: w, Root: []resolve.Requirement{requirement(t, resolve.KindProvider, "github:a/p@^1.0")}}
	for range 2 {
		if _, err := resolve.Solve(t.Context(), problem); report.KindOf(err) != report.Failure || !strings.Contains(err.Error(), "requires the folder ./elsewhere") {
			t.Errorf("a published package with a folder: %v", err)
		}
		if len(w.kept) > 0 {
			t.Errorf("kept %v", w.kept)
		}
	}
}

// Who warns once warns each time: what has something to warn of is read again.
func TestMemoryOfWarnings(t *testing.T) {
	w := &rememberingWorld{world: newWorld(t, "github:a/p v1.0.0\n  capability text-to-soup\n"), kept: map[string]resolve.Remembered{}}
	for range 2 {
		var warnings []string
		ctx := report.To(t.Context(), func(e report.Event) { warnings = append(warnings, e.Message) })
		if _, err := resolve.Solve(ctx, resolve.Problem{Origin: w, Root: []resolve.Requirement{requirement(t, resolve.KindProvider, "github:a/p@^1.0")}}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(warnings, "\n"), "text-to-soup") {
			t.Errorf("warnings: %q", warnings)
		}
	}
}
