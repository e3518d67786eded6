package plugin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// eventually waits for a condition that comes true by itself.
func eventually(t testing.TB, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never happened")
		}
	}
}

// alive reports whether a process exists and is no zombie. It needs /proc.
func alive(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return false
	}
	rest := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
	return !strings.HasPrefix(rest, " Z") && !strings.HasPrefix(rest, " X")
}

func gone(t testing.TB, pid string) {
	t.Helper()
	if alive(pid) {
		t.Errorf("process %s is still there", pid)
	}
}

// noProcess asserts that no process works in the provider's folder, which is every test's own, and that no socket is left.
func noProcess(t testing.TB, s plugin.Spec) {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if at, err := os.Readlink(dir); err == nil && at == s.Dir {
			t.Errorf("%s is still there", filepath.Dir(dir))
		}
	}
}

// beParent starts the provider that its environment describes, calls the models that it names and waits to be killed. It is
// what the test binary does when a test runs it as conduit's stand-in.
func beParent() {
	var s plugin.Spec
	if err := json.Unmarshal([]byte(os.Getenv("CONDUIT_TEST_PARENT")), &struct {
		*plugin.Spec
		Log, Refused any
	}{Spec: &s}); err != nil {
		panic(err)
	}
	said := func(text string) { fmt.Println(text) }
	if os.Getenv("CONDUIT_TEST_ALONE") != "" {
		plugin.WithoutShell()
	}
	p, err := plugin.Start(context.Background(), s, nil)
	if err != nil {
		panic(err)
	}
	go func() {
		if len(s.Command) > 0 {
			return
		}
		response, err := p.Transform(context.Background(), plugin.Request{Model: "child"})
		if err != nil {
			panic(err)
		}
		said("pids " + response.Outputs[0].Text)
		_, _ = p.Transform(context.Background(), plugin.Request{Model: os.Getenv("CONDUIT_TEST_MODEL")})
	}()
	if len(s.Command) > 0 {
		response, err := p.Transform(context.Background(), plugin.Request{Model: "pid"})
		if err != nil {
			panic(err)
		}
		said("pids " + response.Outputs[0].Text)
	}
	select {}
}

// TestParentKilled kills conduit's stand-in with SIGKILL while its provider idles, waits or loops, and where the provider
// has to watch its parent alone.
func TestParentKilled(t *testing.T) {
	for _, name := range []string{"late", "never", "loop", "native", "loop alone", "native alone"} {
		t.Run(name, func(t *testing.T) {
			model, alone, _ := strings.Cut(name, " ")
			t.Parallel()
			s, _ := spec(t, "misbehaves")
			s.Log = nil
			if model == "native" {
				s.Command = []string{native(t)}
			}
			tmp := t.TempDir()
			s.Env = append(s.Env, "TMPDIR="+tmp)
			described, err := json.Marshal(struct {
				plugin.Spec
				Log, Refused any `json:",omitempty"`
			}{Spec: s})
			if err != nil {
				t.Fatal(err)
			}
			parent := exec.Command(os.Args[0])
			parent.Env = append(os.Environ(), "CONDUIT_TEST_PARENT="+string(described), "CONDUIT_TEST_MODEL="+model, "CONDUIT_TEST_ALONE="+alone)
			parent.Stderr = os.Stderr
			out, err := parent.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			if !lines.Scan() {
				t.Fatal("the stand-in says nothing")
			}
			pids := strings.Fields(strings.TrimPrefix(lines.Text(), "pids "))
			if len(pids) == 0 || !alive(pids[0]) {
				t.Fatalf("no provider: %q", lines.Text())
			}
			if err := parent.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = parent.Wait()
			for _, pid := range pids {
				eventually(t, func() bool { return !alive(pid) })
			}
			noProcess(t, s)
			eventually(t, func() bool {
				left, err := os.ReadDir(tmp)
				return err == nil && len(left) == 0
			})
		})
	}
}
