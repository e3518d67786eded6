package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// step is one command of a document and the lines that it must print.
type step struct {
	file    string
	line    int // in the file, from 1
	command string
	prints  []string
}

// TestReadme types the README's tutorial: every line that begins with "$ " in a console block, in one bash session that
// starts at the repository's root. The other lines of these blocks must be part of what the command above them prints.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	steps := tutorial(t, filepath.Join(root, "README.md"))
	script := filepath.Join(t.TempDir(), "readme.txtar")
	if err := os.WriteFile(script, []byte("readme\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(commands)
	all["readme"] = func(ts *testscript.TestScript, _ bool, _ []string) { typeSteps(ts, root, steps) }
	runScripts(t, testscript.Params{
		Files: []string{script},
		Setup: func(env *testscript.Env) error {
			// The tutorial's packages are those of the script that tests the same way with more questions.
			if err := newWorld(env, filepath.Join(testdata, "script", "cowsay.txtar")); err != nil {
				return err
			}
			git := env.Values[worldKey].(*world).git
			if _, err := git.AddFolder("MediaConduit/cowsay-service", filepath.Join(testdata, "github", "cowsay-service"), "v1.0.0"); err != nil {
				return err
			}
			_, err := git.AddFolder("MediaConduit/cowsay-provider", filepath.Join(testdata, "github", "cowsay-provider"), "v1.0.0", "v1.2.3", "v1.3.0-rc.1", "v2.0.0")
			return err
		},
		Cmds: all,
	})
}

// tutorial reads the console blocks of a Markdown file.
func tutorial(t *testing.T, path string) []step {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	inside := false
	for i, line := range strings.Split(string(data), "\n") {
		command, typed := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && typed:
			steps = append(steps, step{file: filepath.Base(path), line: i + 1, command: command})
		case inside && len(steps) == 0:
			t.Fatalf("%s:%d: output without a command", path, i+1)
		case inside:
			last := &steps[len(steps)-1]
			last.prints = append(last.prints, line)
		}
	}
	if len(steps) == 0 {
		t.Fatalf("%s has no tutorial", path)
	}
	return steps
}

// typeSteps runs the commands in one session that starts in dir, so that cd and export last, and stops at the first that fails.
func typeSteps(ts *testscript.TestScript, dir string, steps []step) {
	mark := func(i int) string { return fmt.Sprintf("---- step %d ----", i) }
	var session strings.Builder
	fmt.Fprintf(&session, "set -e\nexec 2>&1\ncd '%s'\n", dir)
	for i, s := range steps {
		fmt.Fprintf(&session, "echo '%s'\n%s\n", mark(i), s.command)
	}
	path := ts.MkAbs("session.sh")
	ts.Check(os.WriteFile(path, []byte(session.String()), 0o644))
	failure := ts.Exec("bash", path)
	rest := ts.ReadFile("stdout")
	for i, s := range steps {
		_, after, ran := strings.Cut(rest, mark(i)+"\n")
		if !ran {
			ts.Fatalf("%s:%d: not reached: %s", s.file, s.line, s.command)
		}
		output, _, next := strings.Cut(after, mark(i+1)+"\n")
		if failure != nil && !next {
			ts.Fatalf("%s:%d: %v: %s", s.file, s.line, failure, s.command)
		}
		for _, want := range s.prints {
			if !strings.Contains(output, want) {
				ts.Fatalf("%s:%d: %s\ndoes not print %q but\n%s", s.file, s.line, s.command, want, output)
			}
		}
		rest = after
	}
}
