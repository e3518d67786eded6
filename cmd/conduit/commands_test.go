package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what scripts can say besides testscript's own commands.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":         exits,
	"requests":      requests,
	"remember":      remember,
	"same":          same,
	"github":        publishFolder,
	"fresh":         fresh,
	"trust":         trust,
	"movetag":       moveTag,
	"flip":          flip,
	"fault":         fault,
	"advise":        advise,
	"keys":          keys,
	"sigstore":      sigstore,
	"together":      together,
	"downloads":     downloads,
	"killed":        killed,
	"interrupted":   interrupted,
	"gone":          gone,
	"listen":        listen,
	"illengine":     illEngine,
	"push":          push,
	"fill":          fill,
	"awaits":        awaits,
	"node":          publishNode,
	"planted":       planted,
	"confined":      confined,
	"gateway":       gatewayCommand,
	"crashgateway":  crashGateway,
	"crashprovider": crashProvider,
	"load":          load,
	"http":          httpCommand,
}

func of(ts *testscript.TestScript) *world { return ts.Value(worldKey).(*world) }

// exits CODE COMMAND ARG... runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// requests git|npm|images|all N checks how many requests there were since the last check, and forgets them.
func requests(ts *testscript.TestScript, _ bool, args []string) {
	w := of(ts)
	var seen []string
	if args[0] == "git" || args[0] == "all" {
		for _, r := range w.git.Requests("") {
			seen = append(seen, r.Repo+" "+r.Path)
		}
	}
	if args[0] == "npm" || args[0] == "all" {
		seen = append(seen, w.npm.Requests()...)
	}
	if images := w.images.take(); args[0] == "images" || args[0] == "all" {
		seen = append(seen, images...)
	}
	w.git.ResetRequests()
	w.npm.Reset()
	if len(args) == 1 {
		return
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if len(seen) != want {
		ts.Fatalf("%d requests, want %d:\n%s", len(seen), want, strings.Join(seen, "\n"))
	}
}

// downloads REQUEST N checks how often one request was made since the last check of requests.
func downloads(ts *testscript.TestScript, _ bool, args []string) {
	w := of(ts)
	seen := w.npm.Requests()
	for _, r := range w.git.Requests("") {
		seen = append(seen, r.Repo+" "+r.Path)
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	got := 0
	for _, s := range seen {
		if s == args[0] {
			got++
		}
	}
	if got != want {
		ts.Fatalf("%d times %s, want %d; all requests:\n%s", got, args[0], want, strings.Join(seen, "\n"))
	}
}

// listen PORT occupies a loopback port until the script ends.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

// awaits PATTERN COMMAND ARG... runs a command again and again, whatever its exit code, until what it writes matches.
func awaits(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		c := exec.Command(lookPath(ts, args[1]), args[2:]...)
		c.Dir, c.Env = ts.MkAbs("."), environment(ts)
		out, _ := c.CombinedOutput()
		if pattern.Match(out) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v never writes %s; the last was\n%s", args[1:], args[0], out)
		}
	}
}

// remember FILE... keeps the content of files, or that they do not exist, for same.
func remember(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		of(ts).saved[ts.MkAbs(name)] = content(ts.MkAbs(name))
	}
}

// same FILE... checks that files are as they were remembered.
func same(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		if (content(ts.MkAbs(name)) == of(ts).saved[ts.MkAbs(name)]) == neg {
			ts.Fatalf("%s: same is %v", name, neg)
		}
	}
}

func content(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "missing: " + filepath.Base(path)
	}
	return "file: " + string(data)
}

// github OWNER/REPO FOLDER [TAG...] commits a folder, relative to the test's own testdata/github or absolute.
func publishFolder(ts *testscript.TestScript, _ bool, args []string) {
	folder := args[1]
	if !filepath.IsAbs(folder) {
		abs, err := filepath.Abs(filepath.Join(testdata, "github", folder))
		ts.Check(err)
		folder = abs
	}
	_, err := of(ts).git.AddFolder(args[0], folder, args[2:]...)
	ts.Check(err)
}

// fresh github OWNER/REPO FOLDER AGE [TAG...] commits a folder of the script, and fresh npm NAME@VERSION AGE publishes a
// package that exports its name, as if that had been done as long ago as AGE says.
func fresh(ts *testscript.TestScript, _ bool, args []string) {
	age, err := time.ParseDuration(args[len(args)-1])
	if args[0] == "npm" {
		ts.Check(err)
		at := strings.LastIndex(args[1], "@")
		ts.Check(of(ts).npm.Publish(npmtest.Package{Name: args[1][:at], Version: args[1][at+1:], Time: time.Now().Add(-age)}))
		return
	}
	age, err = time.ParseDuration(args[3])
	ts.Check(err)
	_, err = of(ts).git.AddFolderAt(args[1], ts.MkAbs(args[2]), time.Now().Add(-age), args[4:]...)
	ts.Check(err)
}

// trust FILE has CONDUIT_SUMDB name the checksum log that gateway run has started, with the key in the file.
func trust(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("CONDUIT_SUMDB", strings.TrimSpace(ts.ReadFile(args[0]))+" "+ts.Getenv("GATEWAY"))
}

// testdata is absolute, because scripts change the working folder of their commands only.
var testdata = func() string {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		panic(err)
	}
	return dir
}()

// movetag OWNER/REPO TAG REVISION moves a tag.
func moveTag(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(of(ts).git.MoveTag(args[0], args[1], args[2]))
}

// flip GLOB changes one byte of each file that matches.
//
// "flip PATTERN unnoticed" gives the files their modification times back.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(paths) == 0 {
		ts.Fatalf("no file matches %s", args[0])
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		ts.Check(err)
		data, err := os.ReadFile(path)
		ts.Check(err)
		data[len(data)/2] ^= 1
		ts.Check(os.Chmod(filepath.Dir(path), 0o755))
		ts.Check(os.Chmod(path, 0o644))
		ts.Check(os.WriteFile(path, data, 0o644))
		if len(args) > 1 && args[1] == "unnoticed" {
			ts.Check(os.Chtimes(path, info.ModTime(), info.ModTime()))
		}
	}
}

// fault npm WORD... | fault git OWNER/REPO STATUS|hang|none | fault images down|gone|tampered|none makes requests fail.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	w := of(ts)
	if args[0] == "npm" {
		f, err := npmtest.ParseFault(args[1:]...)
		ts.Check(err)
		w.npm.Fault(f)
		return
	}
	if args[0] == "images" {
		w.images.set(args[1])
		return
	}
	switch args[2] {
	case "none":
		w.git.Fail(args[1], nil)
	case "hang":
		w.git.Fail(args[1], &sourcetest.Fault{Hang: true})
	default:
		status, err := strconv.Atoi(args[2])
		ts.Check(err)
		w.git.Fail(args[1], &sourcetest.Fault{Status: status})
	}
}

// advise FILE makes the npm registry have advisories: names of packages to lists of them.
func advise(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(of(ts).npm.Advise(data))
}

// keys FILE writes the keys that the npm registry signs with.
func keys(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), of(ts).npm.Keys(), 0o600))
}

// sigstore FILE writes the trusted root of the Sigstore instance that attests what the registry has.
func sigstore(ts *testscript.TestScript, _ bool, args []string) {
	root, err := of(ts).npm.TrustedRoot()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), root, 0o600))
}

// together N DIR COMMAND ARG... runs a command N times at once, in copies DIR1, DIR2, … of a folder. All must succeed.
func together(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	command := lookPath(ts, args[2])
	var group sync.WaitGroup
	failures := make([]error, n)
	for i := range n {
		dir := ts.MkAbs(args[1] + strconv.Itoa(i+1))
		ts.Check(os.CopyFS(dir, os.DirFS(ts.MkAbs(args[1]))))
		group.Go(func() {
			c := exec.Command(command, args[3:]...)
			c.Dir = dir
			c.Env = environment(ts)
			if out, err := c.CombinedOutput(); err != nil {
				failures[i] = fmt.Errorf("in %s: %w\n%s", filepath.Base(dir), err, out)
			}
		})
	}
	group.Wait()
	ts.Check(errors.Join(failures...))
}

// lookPath finds a command in the script's PATH.
func lookPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
	}
	ts.Fatalf("no %s in PATH", name)
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// environment is the script's, as far as conduit looks at it.
func environment(ts *testscript.TestScript) []string {
	var out []string
	for _, name := range []string{"PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "npm_config_registry", "CONDUIT_CACHE", "CONDUIT_STATE",
		"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "DOCKER_HOST", "CI", "PLANTED_ENV", "PLANTED_PASSED"} {
		out = append(out, name+"="+ts.Getenv(name))
	}
	return out
}

// illEngine has DOCKER_HOST name a Docker engine that answers, and can do nothing.
func illEngine(ts *testscript.TestScript, _ bool, _ []string) {
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(q.URL.Path, "/_ping") {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"message":"the engine is ill"}`)) // the client may be gone
		}
	}))
	ts.Defer(engine.Close)
	ts.Setenv("DOCKER_HOST", "tcp://"+engine.Listener.Addr().String())
}
