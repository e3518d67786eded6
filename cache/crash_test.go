package cache_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/cache"
)

// The test binary runs itself as the process that is killed: it writes half an entry, says so and waits.
const (
	envCrashDir  = "CACHE_TEST_CRASH_DIR"
	envCrashKind = "CACHE_TEST_CRASH_KIND"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envCrashDir); dir != "" {
		writeHalf(dir, os.Getenv(envCrashKind))
	}
	os.Exit(m.Run())
}

func writeHalf(dir, kind string) {
	c, err := cache.Open(dir)
	if err != nil {
		panic(err)
	}
	wait := func() {
		os.Stdout.WriteString("half\n")
		io.Copy(io.Discard, os.Stdin) // until we are killed
	}
	if kind == "blob" {
		c.Blob(context.Background(), library("whole"), func(_ context.Context, w *cache.Writer) error {
			io.WriteString(w, "wh")
			wait()
			return nil
		})
		return
	}
	c.Tree(context.Background(), module("m"), func(_ context.Context, dir string) (cache.Record, error) {
		os.MkdirAll(filepath.Join(dir, "d"), 0o777)
		os.WriteFile(filepath.Join(dir, "d", "half"), []byte("x"), 0o666)
		os.Chmod(filepath.Join(dir, "d"), 0o555)
		wait()
		return cache.Record{}, nil
	})
}

func TestKilledWriter(t *testing.T) {
	for _, kind := range []string{"blob", "tree"} {
		t.Run(kind, func(t *testing.T) {
			c := open(t)
			killWriter(t, c.Dir(), kind)
			if left, _ := os.ReadDir(filepath.Join(c.Dir(), "tmp")); len(left) != 1 {
				t.Fatalf("the killed process left %v", left)
			}
			_, _, blob := c.Lookup(library("whole"))
			_, _, tree := c.Lookup(module("m"))
			if blob || tree {
				t.Error("half an entry counts")
			}
			// Work on another key sweeps what is left; work on the same key is not held up.
			if err := c.PutMeta("x", []byte("y")); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(filepath.Join(c.Dir(), "tmp")); len(left) != 0 {
				t.Errorf("not swept: %v", left)
			}
			killWriter(t, c.Dir(), kind)
			if _, err := c.Blob(t.Context(), library("whole"), writes("whole")); err != nil {
				t.Error(err)
			}
			path, _, err := c.Tree(t.Context(), module("m"), fills(map[string]string{"a": "b"}))
			if err != nil {
				t.Fatal(err)
			}
			if entries, _ := os.ReadDir(path); len(entries) != 1 || entries[0].Name() != "a" {
				t.Errorf("the tree holds %v", entries)
			}
		})
	}
}

func killWriter(t *testing.T, dir, kind string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envCrashDir+"="+dir, envCrashKind+"="+kind)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "half\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	cmd.Wait()
}

// Lock files of killed processes do not pile up: those of work folders go with the next write, all that are free with
// the next prune. What is locked stays.
func TestLockFilesAreSwept(t *testing.T) {
	c := open(t)
	if err := c.PutMeta("x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	unlock, err := c.Lock(t.Context(), module("held"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	dir := filepath.Join(c.Dir(), "lock")
	for _, name := range []string{"work-123", "left"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	files := func() (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	if err := reopen(t, c.Dir()).PutMeta("x", []byte("z")); err != nil {
		t.Fatal(err)
	}
	if got := files(); len(got) != 2 || slices.Contains(got, "work-123") {
		t.Errorf("after a write: %v", got)
	}
	if _, err := reopen(t, c.Dir()).Prune(t.Context(), cache.PruneOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := files(); len(got) != 1 || slices.Contains(got, "left") {
		t.Errorf("after a prune: %v", got)
	}
}
