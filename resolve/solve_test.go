package resolve_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the want and error files of testdata/solve")

// TestSolve plays each archive of testdata/solve: "world" publishes, "toml" is solved with the lock of the solution before
// it, "want" is the graph, "error" the error, "calls" what the world was asked for, "events" what was reported. A further
// "world" adds to the one before it; "nolock" forgets the lock, "forget" some sources of it; "floors" are for the next
// "toml".
func TestSolve(t *testing.T) {
	files, err := filepath.Glob("testdata/solve/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, "")
			var graph *resolve.Graph
			var solved error
			var events strings.Builder
			ctx := report.To(context.Background(), func(e report.Event) {
				if e.Type == report.Warning {
					events.WriteString(e.Subject + ": " + e.Message + "\n")
				}
			})
			changed := false
			var floors []resolve.Floor
			for i := range archive.Files {
				f := &archive.Files[i]
				text := string(f.Data)
				var got string
				switch f.Name {
				case "world":
					w.publish(text)
					continue
				case "nolock":
					graph = nil
					continue
				case "forget":
					forgotten := *graph
					forgotten.Modules = slices.DeleteFunc(slices.Clone(graph.Modules), func(m resolve.Selected) bool {
						return slices.Contains(strings.Fields(text), m.Source.String())
					})
					graph = &forgotten
					continue
				case "floors":
					for line := range strings.Lines(text) {
						src, version, err := resolve.ParseSource(strings.TrimSpace(line))
						if err != nil {
							t.Fatal(err)
						}
						floors = append(floors, resolve.Floor{Source: src, Version: version})
					}
					continue
				case "toml":
					w.calls = nil
					events.Reset()
					p := readProblem(t, text)
					p.Origin, p.Floors = w, floors
					floors = nil
					if graph != nil {
						lock(graph, &p)
					}
					var g *resolve.Graph
					if g, solved = resolve.Solve(ctx, p); solved == nil {
						graph = g
						checkStable(t, w, p, g)
					}
					continue
				case "want":
					if solved != nil {
						t.Fatalf("%v", solved)
					}
					got = printGraph(graph)
				case "error":
					if solved == nil {
						t.Fatalf("no error, but:\n%s", printGraph(graph))
					}
					got = report.KindOf(solved).String() + ": " + solved.Error() + "\n"
				case "calls":
					slices.Sort(w.calls) // they run at once
					got = strings.Join(w.calls, "\n") + "\n"
				case "events":
					got = events.String()
				default:
					t.Fatalf("what is %s?", f.Name)
				}
				if strings.TrimSpace(got) != strings.TrimSpace(text) {
					if *update {
						f.Data, changed = []byte(got), true
						continue
					}
					t.Errorf("%s, file %d (%s): got\n%s\nwant\n%s", file, i+1, f.Name, got, text)
				}
			}
			if changed {
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// checkStable solves again from the lock just made: the same graph, without asking the world for anything but folders.
func checkStable(t *testing.T, w *world, p resolve.Problem, g *resolve.Graph) {
	t.Helper()
	calls := slices.Clone(w.calls)
	w.calls = nil
	defer func() { w.calls = calls }()
	lock(g, &p)
	p.Floors = nil
	again, err := resolve.Solve(context.Background(), p)
	if err != nil {
		t.Errorf("solved again: %v", err)
		return
	}
	if a, b := printGraph(g), printGraph(again); a != b {
		t.Errorf("solved again with the lock:\n%swant\n%s", b, a)
	}
	for _, call := range w.calls {
		if !strings.HasPrefix(call, "fetch file:") {
			t.Errorf("solved again with the lock: asked for %s", call)
		}
	}
}
