package project_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/project"
)

// spy looks for everything of the process whose id it is given, and answers what it found as JSON.
const spy = `
const fs = await import('node:fs'), net = await import('node:net'), http2 = await import('node:http2');
const read = (file: string) => { try { return fs.readFileSync('/proc/' + input + '/' + file, 'utf8'); } catch (error) { return String(error); } };
const inodes = fs.readdirSync('/proc/' + input + '/fd').map((fd) => { try { return fs.readlinkSync('/proc/' + input + '/fd/' + fd); } catch { return ''; } })
  .map((link) => /^socket:\[(\d+)\]/.exec(link)?.[1]).filter(Boolean);
const sockets = fs.readFileSync('/proc/net/unix', 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
  .filter((words) => inodes.includes(words[6]) && words[7]?.endsWith('provider.sock')).map((words) => words[7]);
const path = [...new Set(sockets)][0];
const status = await new Promise((resolve) => {
  const session = http2.connect('http://localhost', { createConnection: () => net.connect(path) });
  session.on('error', (error) => resolve(String(error)));
  const request = session.request({ ':method': 'POST', ':path': '/conduit.provider.v1.Provider/Describe', 'content-type': 'application/grpc', 'conduit-token': 'guess' });
  request.on('response', (headers) => resolve(headers[':status'])).on('error', (error) => resolve(String(error))).on('close', () => session.close());
  request.end(Buffer.from([0, 0, 0, 0, 0]));
});
return JSON.stringify({ environ: read('environ'), cmdline: read('cmdline'), own: process.env, cwd: process.cwd(), socket: path ?? '', status, settings });
`

// TestIsolation: what one provider can see of another that runs beside it, under the same user.
func TestIsolation(t *testing.T) {
	t.Parallel()
	const variable, value, key = "CONDUIT_TEST_PASSED", "the-value-that-was-passed", "the-key-in-the-settings"
	p := synced(t, fmt.Sprintf("env = [%q]\n[providers.zeta.config]\napiKey = %q\n", variable, "cmd:echo "+key), map[string]string{
		"alpha": source("alpha", spy),
		"zeta":  source("zeta", `return JSON.stringify({ pid: process.pid, variable: process.env.`+variable+`, key: settings.apiKey, cwd: process.cwd() })`),
	})
	h := hosted(t, p, project.HostOptions{})
	var victim struct {
		PID                int
		Variable, Key, Cwd string
	}
	if err := json.Unmarshal([]byte(say(t, h, "zeta", "")), &victim); err != nil {
		t.Fatal(err)
	}
	if victim.Variable != value || victim.Key != key {
		t.Fatalf("the provider itself did not get what is for it: %+v", victim)
	}
	var seen struct {
		Environ, Cmdline, Cwd, Socket string
		Own                           map[string]string
		Settings                      map[string]any
		Status                        any
	}
	answer := say(t, h, "alpha", fmt.Sprint(victim.PID))
	if err := json.Unmarshal([]byte(answer), &seen); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(seen.Environ, "PATH=") || !strings.Contains(seen.Cmdline, "host.cjs") {
		t.Fatalf("the spy saw nothing of the process at all: %s", answer)
	}
	if strings.Contains(answer, value) || strings.Contains(answer, key) {
		t.Errorf("it sees what is for the other: %s", answer)
	}
	if _, ok := seen.Own[variable]; ok || len(seen.Settings) > 0 {
		t.Errorf("it was given what is for the other: %s", answer)
	}
	if seen.Socket == "" || seen.Status != float64(401) {
		t.Errorf("the other's socket %q answers it: %v", seen.Socket, seen.Status)
	}
	if seen.Cwd == victim.Cwd {
		t.Errorf("both work in %s", seen.Cwd)
	}
	if got := say(t, h, "zeta", ""); !strings.Contains(got, key) { // and it lives on
		t.Errorf("says %s", got)
	}
}
