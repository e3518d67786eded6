package journal_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/report/journal"
)

func version() string { return "1.2.3" }

func lines(t *testing.T, path string) []map[string]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]any
	for s := bufio.NewScanner(f); s.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", s.Bytes(), err)
		}
		out = append(out, line)
	}
	return out
}

func TestLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "audit.jsonl")
	l := journal.New(path, version)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a log without a line makes a file")
	}
	l.In("/work/shop")
	l.By("conduit sync")
	if err := l.Record(report.Action{Act: report.Fetched, Subject: "a@1.0.0", Digest: "sha512-x", Origin: "https://example.com/a.tgz"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got := lines(t, path)
	if len(got) != 1 {
		t.Fatalf("%v", got)
	}
	for key, want := range map[string]any{"conduit": "1.2.3", "project": "/work/shop", "command": "conduit sync", "action": "fetch", "subject": "a@1.0.0",
		"digest": "sha512-x", "origin": "https://example.com/a.tgz", "pid": float64(os.Getpid())} {
		if got[0][key] != want {
			t.Errorf("%s is %v, want %v", key, got[0][key], want)
		}
	}
	if got[0]["user"] == "" || got[0]["time"] == "" {
		t.Errorf("%v", got[0])
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestManyAtOnce: lines of several logs on one file, as those of several processes, stay whole.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			l := journal.New(path, version)
			for i := range 100 {
				if err := l.Record(report.Action{Act: report.Verified, Subject: fmt.Sprint(i), Digest: strings.Repeat("x", 10*i)}); err != nil {
					t.Error(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(lines(t, path)); n != 800 {
		t.Errorf("%d lines", n)
	}
}

func TestPutAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.jsonl")
	if err := os.WriteFile(path, make([]byte, 16<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	l := journal.New(path, version)
	if err := l.Record(report.Action{Act: report.Built}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := filepath.Glob(filepath.Join(dir, "audit-*Z-*.jsonl"))
	if err != nil || len(old) != 1 || len(lines(t, path)) != 1 {
		t.Errorf("%v, %v", old, err)
	}
}

// TestCutShort: what a full disk has cut short spoils no other line.
func TestCutShort(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte(`{"time":`), 0o600); err != nil {
		t.Fatal(err)
	}
	l := journal.New(path, version)
	if err := l.Record(report.Action{Act: report.Built}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if _, rest, _ := strings.Cut(string(text), "\n"); err != nil || !json.Valid([]byte(rest)) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestCannotWrite(t *testing.T) {
	t.Parallel()
	path := t.TempDir() // a folder
	l := journal.New(path, version)
	if err := l.Record(report.Action{Act: report.Built}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if err := l.Record(report.Action{Act: report.Built}); err != nil {
		t.Errorf("told twice: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("nobody demands it: %v", err)
	}
	if err := l.Require(); err == nil {
		t.Error("what is demanded is not there, and nobody says so")
	}
	if err := l.Close(); report.KindOf(err) != report.Policy {
		t.Errorf("%v", err)
	}
	off := journal.New("", version)
	if err := off.Record(report.Action{Act: report.Built}); err != nil {
		t.Errorf("%v", err)
	}
	if err := off.Require(); err == nil {
		t.Error("a log that is off is not there")
	}
}

// TestClosing: a refusal that was recorded where it came up is not recorded again at the end; another time it is.
func TestClosing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	l := journal.New(path, version)
	record := func(what string) {
		if err := l.Record(report.Action{Act: report.Refused, What: what}); err != nil {
			t.Error(err)
		}
	}
	record("one")
	record("one")
	l.Closing()
	record("one")
	record("two")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(lines(t, path)); n != 3 {
		t.Errorf("%d lines", n)
	}
}
