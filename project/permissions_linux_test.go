package project_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// trier does what it is asked to and fails as that does.
const trier = `
const fs = await import('node:fs'), net = await import('node:net'), { execFileSync } = await import('node:child_process');
const { act, on } = JSON.parse(input);
const answer = await (({
  read: () => fs.readFileSync(on, 'utf8'),
  write: () => { fs.writeFileSync(on, 'written'); return fs.readFileSync(on, 'utf8'); },
  remove: () => { fs.unlinkSync(on); return 'removed'; },
  run: () => execFileSync(on, ['ran'], { encoding: 'utf8' }).trim(),
  env: () => process.env[on] ?? 'not set',
  connect: () => new Promise((resolve, reject) => { const s = net.connect(Number(on), '127.0.0.1', () => { s.destroy(); resolve('connected'); }); s.on('error', reject); }),
  listen: () => new Promise((resolve, reject) => { const s = net.createServer().listen(0, '127.0.0.1', () => { s.close(); resolve('listening'); }); s.on('error', reject); }),
}) as any)[act]();
return String(answer);
`

// TestPermissions: for each permission, one provider tries what is within its own and beyond. What is beyond is refused by the kernel, the
// error says what to write, and the log says what was refused.
func TestPermissions(t *testing.T) {
	t.Parallel()
	listen := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		_, port, _ := net.SplitHostPort(l.Addr().String())
		return port
	}
	allowed, other := listen(), listen()
	folder := func() string {
		dir, err := filepath.EvalSymlinks(t.TempDir()) // what a package declares may be reached by no link
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	mine, theirs := folder(), folder()
	for _, dir := range []string{mine, theirs} {
		for _, name := range []string{"read", "write"} {
			for _, provider := range []string{"kept", "stated"} {
				writeFile(t, filepath.Join(dir, name, provider), "text")
			}
		}
	}
	if err := os.Symlink(filepath.Join(theirs, "read"), filepath.Join(mine, "write", "link")); err != nil {
		t.Fatal(err)
	}
	own, shared := filepath.Join(mine, "read"), filepath.Join(mine, "write")
	p := synced(t, fmt.Sprintf(`[providers.kept]
source = "file:./kept"
env = ["CONDUIT_TEST_PASSED"]
permissions = { read = [%q], write = [%q], net = [%q], run = ["echo"] }
[providers.lifted]
source = "file:./lifted"
env = []
permissions = { net = ["*"], run = ["*"] }
`, own, shared, "localhost:"+allowed), map[string]string{
		"free": source("free", trier),
		"kept": source("kept", trier),
		"stated": stating(fmt.Sprintf("permissions: { read: [%q, %q], write: [%q], net: [%q], run: [echo], env: [STATED_TEST_PASSED] }",
			own, filepath.Join(shared, "link"), shared, "localhost:"+allowed), source("stated", trier)),
		"lifted": stating(`permissions: { net: [], run: [], env: [STATED_TEST_PASSED] }`, source("lifted", trier)),
	})
	h := hosted(t, p, project.HostOptions{})
	try := func(provider, act, on string) (string, error) {
		text, err := json.Marshal(map[string]string{"act": act, "on": on})
		if err != nil {
			t.Fatal(err)
		}
		return ask(t, h, provider, string(text))
	}
	type trial struct{ provider, act, on, want string }
	trials := []trial{
		{"kept", "env", "CONDUIT_TEST_PASSED", "the-value-that-was-passed"},
		{"kept", "env", "STATED_TEST_PASSED", "not set"},
		{"stated", "env", "STATED_TEST_PASSED", "the-value-that-was-stated"},
		{"stated", "env", "CONDUIT_TEST_PASSED", "not set"},
		{"lifted", "env", "STATED_TEST_PASSED", "not set"},
		{"lifted", "run", "printf", "ran"},
		{"lifted", "connect", other, "connected"},
		{"lifted", "listen", "", "listening"},
		{"free", "run", "printf", "ran"},
		{"free", "connect", other, "connected"},
		{"free", "listen", "", "listening"},
		{"free", "env", "CONDUIT_TEST_PASSED", "not set"},
	}
	for _, provider := range []string{"kept", "stated"} {
		trials = append(trials,
			trial{provider, "read", filepath.Join(own, provider), "text"},
			trial{provider, "read", filepath.Join(shared, provider), "text"},
			trial{provider, "write", filepath.Join(shared, provider), "written"},
			trial{provider, "remove", filepath.Join(shared, provider), "removed"},
			trial{provider, "run", "echo", "ran"},
			trial{provider, "connect", allowed, "connected"})
	}
	for _, c := range trials {
		if got, err := try(c.provider, c.act, c.on); err != nil || got != c.want {
			t.Errorf("%s, %s %s: %q, %v", c.provider, c.act, c.on, got, err)
		}
	}
	kernel := landlock.Supported()
	var log strings.Builder
	for _, provider := range []string{"kept", "stated"} {
		for _, c := range []struct {
			act, on, next, logged string
			enforced              bool
		}{
			{"read", filepath.Join(theirs, "read", provider), "read = [", "open " + filepath.Join(theirs, "read", provider), kernel.Files},
			{"read", filepath.Join(shared, "link", provider), "\"" + filepath.Join(theirs, "read", provider) + "\"] }", "permissions.read does not allow it", kernel.Files},
			{"write", filepath.Join(own, provider), "write = [\"" + shared + "\", \"" + filepath.Join(own, provider) + "\"]", "permissions.write does not allow it", kernel.Files},
			{"remove", filepath.Join(own, provider), "write = [", "unlink " + filepath.Join(own, provider), kernel.Files},
			{"run", "printf", `run = ["echo", "printf"]`, "start printf", kernel.Files},
			{"connect", other, `net = ["localhost:` + allowed + `", "127.0.0.1:` + other + `"]`, "connect to 127.0.0.1:" + other, kernel.Ports},
			{"listen", "", `permissions = { net = ["*"] }`, "listen on a port", kernel.Ports},
		} {
			if !c.enforced {
				continue
			}
			_, err := try(provider, c.act, c.on)
			if err == nil || report.KindOf(err) != report.Provider || !strings.Contains(err.Error(), c.next) || !strings.Contains(err.Error(), "permissions of "+provider+" under [providers]") {
				t.Errorf("%s, %s %s: %v, want %q", provider, c.act, c.on, err, c.next)
				continue
			}
			log.Reset()
			if err := p.Logs(t.Context(), []string{provider}, service.LogOptions{}, func(_, line string) { log.WriteString(line + "\n") }); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(log.String(), "refused by the kernel") || !strings.Contains(log.String(), c.logged) {
				t.Errorf("%s, %s %s: the log says\n%s", provider, c.act, c.on, log.String())
			}
		}
	}
}
