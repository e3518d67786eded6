package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Every script has secrets planted wherever conduit or a program that it starts may find some: a registry's token, which
// the registry insists on, a password of git hosts, a token of GitHub, and a variable of the shell. None of their values
// may be anywhere that a script leaves a trace: its output, what conduit wrote, the command lines of processes.
var (
	plantedToken    = "npm_7Yq2planted3registry4token"
	plantedPassword = "7Yq2planted3git4password"
	plantedGitHub   = "ghp_7Yq2planted3github4token"
	plantedShell    = "7Yq2planted3shell4value"
)

// plantedMark is in each of them.
const plantedMark = "7Yq2planted3"

// plantedMarks are the mark, and what it may be in base64. A script leaves megabytes behind, for which a regular expression
// takes minutes under the race detector.
var plantedMarks = append(base64Of(plantedMark), plantedMark)

// plantedAt is where data has a planted secret, -1 where it has none.
func plantedAt(data []byte) int {
	for _, mark := range plantedMarks {
		if at := bytes.Index(data, []byte(mark)); at >= 0 {
			return at
		}
	}
	return -1
}

// around is what stands about a place, for a message.
func around(data []byte, at int) []byte { return data[max(0, at-100):min(len(data), at+60)] }

// plantedFiles are the names of files that hold them.
var plantedFiles = []string{".npmrc", ".netrc"}

// plant plants the secrets of one script.
func (w *world) plant(env *testscript.Env, home string) error {
	registry, err := url.Parse(w.npm.URL())
	if err != nil {
		return err
	}
	w.npm.RequireToken(plantedToken)
	w.git.Know("planted", plantedPassword)
	env.Setenv("CONDUIT_GITHUB_TOKEN", plantedGitHub)
	env.Setenv("SHELL_SECRET", plantedShell)
	for name, text := range map[string]string{
		".npmrc": fmt.Sprintf("//%s/:_authToken=%s\n", registry.Host, plantedToken),
		".netrc": "machine 127.0.0.1 login planted password " + plantedPassword + "\n",
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// betrayed is the first file below dir that holds a planted secret and is not where it was planted, "" for none.
func betrayed(dir string) (found string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) { // a process that ends late
			return nil
		}
		if err != nil || !e.Type().IsRegular() || slices.Contains(plantedFiles, e.Name()) {
			return err
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) || os.IsPermission(err) {
			return nil
		}
		if at := plantedAt(data); at >= 0 && found == "" {
			found = fmt.Sprintf("%s: …%q…", path, around(data, at))
		}
		return err
	})
	return found, err
}

// watched is a test whose scripts tell everything they print, so that it can be searched; it is shown where a script failed.
type watched struct{ *testing.T }

// Run implements [testscript.T].
func (t watched) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(watched{t}) })
}

// Verbose implements [testscript.T].
func (t watched) Verbose() bool { return true }

// Log implements [testscript.T].
func (t watched) Log(args ...any) {
	t.Helper()
	text := fmt.Sprint(args...)
	_, printed, _ := strings.Cut(text, "\n\n") // first comes the environment, in which the secrets were planted
	if at := plantedAt([]byte(printed)); at >= 0 {
		t.Errorf("a planted secret was printed: …%q…", around([]byte(printed), at))
	}
	t.T.Log(text)
}

// runScripts is [testscript.Run] with an eye on planted secrets: on what scripts print and on all command lines.
func runScripts(t *testing.T, params testscript.Params) {
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			if line := betrayingProcess(); line != "" {
				t.Errorf("a planted secret is in a command line: %q", line)
				return
			}
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	t.Cleanup(func() { // scripts are parallel: they end after this function
		close(stop)
		group.Wait()
	})
	testscript.RunT(watched{t}, params)
}

// betrayingProcess is the command line of a process that shows a planted secret.
func betrayingProcess() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		line, _ := os.ReadFile(path) // one that has ended shows nothing
		if plantedAt(line) >= 0 {
			return string(bytes.ReplaceAll(line, []byte{0}, []byte(" ")))
		}
	}
	return ""
}

// TestBetrayed: what searches for planted secrets finds them.
func TestBetrayed(t *testing.T) {
	for name, text := range map[string]string{
		"plain": "token " + plantedToken, "base64": base64.StdEncoding.EncodeToString([]byte("user:" + plantedPassword)),
		"shell": plantedShell, "github": "https://" + plantedGitHub + "@host/",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".netrc"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if found, err := betrayed(dir); found != "" || err != nil {
			t.Errorf("%s: where it was planted it is no find: %s, %v", name, found, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "log"), []byte("moo "+text+" moo"), 0o600); err != nil {
			t.Fatal(err)
		}
		if found, _ := betrayed(dir); !strings.Contains(found, "log") {
			t.Errorf("%s was not found: %q", name, found)
		}
	}
}
