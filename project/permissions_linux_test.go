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
	mine, theirs := t.TempDir(), t.TempDir()
	for _, dir := range []string{mine, theirs} {
		for _, name := range []string{"read", "write"} {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, name, "file"), "text")
		}
	}
	p := synced(t, fmt.Sprintf("env = [\"CONDUIT_TEST_PASSED\"]\npermissions = { read = [%q], write = [%q], net = [%q], run = [\"echo\"] }\n",
		filepath.Join(mine, "read"), filepath.Join(mine, "write"), "localhost:"+allowed), map[string]string{
		"free": source("free", trier), "kept": source("kept", trier),
	})
	h := hosted(t, p, project.HostOptions{})
	try := func(provider, act, on string) (string, error) {
		text, err := json.Marshal(map[string]string{"act": act, "on": on})
		if err != nil {
			t.Fatal(err)
		}
		return ask(t, h, provider, string(text))
	}
	for _, c := range []struct{ provider, act, on, want string }{
		{"kept", "read", filepath.Join(mine, "read", "file"), "text"},
		{"kept", "read", filepath.Join(mine, "write", "file"), "text"},
		{"kept", "write", filepath.Join(mine, "write", "file"), "written"},
		{"kept", "remove", filepath.Join(mine, "write", "file"), "removed"},
		{"kept", "run", "echo", "ran"},
		{"kept", "env", "CONDUIT_TEST_PASSED", "the-value-that-was-passed"},
		{"kept", "connect", allowed, "connected"},
		{"free", "run", "printf", "ran"},
		{"free", "connect", other, "connected"},
		{"free", "listen", "", "listening"},
		{"free", "env", "CONDUIT_TEST_PASSED", "not set"},
	} {
		if got, err := try(c.provider, c.act, c.on); err != nil || got != c.want {
			t.Errorf("%s, %s %s: %q, %v", c.provider, c.act, c.on, got, err)
		}
	}
	kernel := landlock.Supported()
	var log strings.Builder
	for _, c := range []struct {
		act, on, next, logged string
		enforced              bool
	}{
		{"read", filepath.Join(theirs, "read", "file"), "read = [", "open " + filepath.Join(theirs, "read", "file"), kernel.Files},
		{"write", filepath.Join(mine, "read", "file"), "write = [", "permissions.write does not allow it", kernel.Files},
		{"remove", filepath.Join(mine, "read", "file"), "write = [", "unlink " + filepath.Join(mine, "read", "file"), kernel.Files},
		{"run", "printf", `run = ["printf"]`, "start printf", kernel.Files},
		{"connect", other, `net = ["127.0.0.1:` + other + `"]`, "connect to 127.0.0.1:" + other, kernel.Ports},
		{"listen", "", "take net out of permissions of kept", "listen on a port", kernel.Ports},
	} {
		if !c.enforced {
			continue
		}
		_, err := try("kept", c.act, c.on)
		if err == nil || report.KindOf(err) != report.Provider || !strings.Contains(err.Error(), c.next) {
			t.Errorf("%s %s: %v, want %q", c.act, c.on, err, c.next)
			continue
		}
		log.Reset()
		if err := p.Logs(t.Context(), []string{"kept"}, service.LogOptions{}, func(_, line string) { log.WriteString(line + "\n") }); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "refused by the kernel") || !strings.Contains(log.String(), c.logged) {
			t.Errorf("%s %s: the log says\n%s", c.act, c.on, log.String())
		}
	}
}
