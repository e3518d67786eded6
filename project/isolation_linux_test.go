package project_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/project"
)

// spy tries everything on another provider, on conduit and on the user's files, and answers how each attempt ended: "" or an error.
const spy = `
const fs = await import('node:fs'), net = await import('node:net'), http2 = await import('node:http2'), path = await import('node:path');
const { execFileSync } = await import('node:child_process');
const on = JSON.parse(input), got: string[] = [], ends: Record<string, string> = {};
const attempt = (name: string, act: () => unknown) => {
  try { const text = act(); if (text !== undefined) got.push(String(text)); ends[name] = ''; } catch (error) { ends[name] = (error as any).code ?? String(error); }
};
const read = (file: string) => fs.readFileSync(file, 'utf8');
const of = (pid: number, file: string) => '/proc/' + pid + '/' + file;
attempt('arguments', () => read(of(on.pid, 'cmdline')));
attempt('first variables', () => read(of(on.pid, 'environ')));
attempt('memory', () => { const fd = fs.openSync(of(on.pid, 'mem'), 'r'); fs.closeSync(fd); });
attempt('open files', () => fs.readdirSync(of(on.pid, 'fd')).map((fd) => fs.readlinkSync(of(on.pid, 'fd/' + fd))));
attempt('working folder by the process', () => read(of(on.pid, 'cwd/diary')));
attempt('variables of conduit', () => read(of(process.ppid, 'environ')));
for (const thread of fs.readdirSync(of(process.ppid, 'task'))) attempt('variables of conduit, thread', () => read(of(process.ppid, 'task/' + thread + '/environ')));
attempt('list its folder', () => fs.readdirSync(on.cwd).join());
attempt('read its file', () => read(path.join(on.cwd, 'diary')));
attempt('write its file', () => fs.writeFileSync(path.join(on.cwd, 'diary'), 'altered'));
attempt('make a file', () => fs.writeFileSync(path.join(on.cwd, 'planted'), ''));
attempt('remove its file', () => fs.unlinkSync(path.join(on.cwd, 'diary')));
attempt('empty its file', () => fs.truncateSync(path.join(on.cwd, 'diary'), 0));
attempt('move its folder', () => fs.renameSync(on.cwd, on.cwd + '.gone'));
attempt('link its file', () => fs.linkSync(path.join(on.cwd, 'diary'), 'taken'));
attempt('by a link', () => { fs.symlinkSync(path.join(on.cwd, 'diary'), 'soft'); return read('soft'); });
attempt('by a program', () => execFileSync('cat', [path.join(on.cwd, 'diary')], { stdio: ['ignore', 'pipe', 'ignore'] }));
attempt('its temporary files', () => fs.readdirSync(on.tmp).join());
attempt('its log', () => read(path.join(on.cwd, '..', '.logs', 'zeta')));
attempt('own log', () => fs.appendFileSync(path.join(on.cwd, '..', '.logs', 'alpha'), ''));
attempt('files of its calls', () => fs.readdirSync(path.join(on.cwd, '..', '.calls', 'zeta')).join());
attempt('folders of providers', () => fs.readdirSync(path.join(on.cwd, '..')).join());
attempt('the project', () => read(path.join(on.project, 'conduit.toml')));
attempt('write to the project', () => fs.writeFileSync(path.join(on.project, 'conduit.toml'), ''));
attempt('the home folder', () => read(path.join(on.home, '.ssh', 'id_ed25519')));
attempt('write to the home folder', () => fs.appendFileSync(path.join(on.home, '.bashrc'), ''));
attempt('write to the system', () => fs.writeFileSync('/usr/share/conduit-was-here', ''));
attempt('write to temporary files of all', () => fs.writeFileSync('/tmp/conduit-was-here', ''));
attempt('own files', () => { fs.mkdirSync('sub', { recursive: true }); fs.writeFileSync('sub/file', 'x'); fs.renameSync('sub/file', 'file'); return read('file'); });
const os = await import('node:os');
attempt('own temporary files', () => fs.rmSync(fs.mkdtempSync(path.join(os.tmpdir(), 'x-')), { recursive: true }));
attempt('own home', () => fs.writeFileSync(path.join(os.homedir(), '.settings'), ''));
attempt('own program', () => { fs.writeFileSync('hi', '#!/bin/sh\necho hi', { mode: 0o700 }); return execFileSync('./hi'); });
attempt('end it', () => process.kill(on.pid, 'SIGKILL'));
attempt('end conduit', () => process.kill(process.ppid, 'SIGCONT'));
const status = await new Promise((resolve) => {
  const session = http2.connect('http://localhost', { createConnection: () => net.connect(path.join(on.tmp, '..', 'provider.sock')) });
  session.on('error', (error) => resolve(String(error)));
  const request = session.request({ ':method': 'POST', ':path': '/conduit.provider.v1.Provider/Describe', 'content-type': 'application/grpc', 'conduit-token': 'guess' });
  request.on('response', (headers) => resolve(headers[':status'])).on('error', (error) => resolve(String(error))).on('close', () => session.close());
  request.end(Buffer.from([0, 0, 0, 0, 0]));
});
return JSON.stringify({ got, ends, own: process.env, cwd: process.cwd(), status, settings });
`

// TestIsolation: what one provider can see of another that runs beside it, and of what is the user's, under the same user.
func TestIsolation(t *testing.T) {
	t.Parallel()
	const variable, value, key = "CONDUIT_TEST_PASSED", "the-value-that-was-passed", "the-key-in-the-settings"
	p := synced(t, fmt.Sprintf("env = [%q]\n[providers.zeta.config]\napiKey = %q\n", variable, "cmd:echo "+key), map[string]string{
		"alpha": source("alpha", spy),
		"zeta": source("zeta", `
			(await import('node:fs')).writeFileSync('diary', 'the-secret-in-a-file');
			return JSON.stringify({ pid: process.pid, variable: process.env.`+variable+`, key: settings.apiKey, cwd: process.cwd(), tmp: process.env.TMPDIR })`),
	})
	h := hosted(t, p, project.HostOptions{})
	var victim struct {
		PID                     int
		Variable, Key, Cwd, Tmp string
	}
	if err := json.Unmarshal([]byte(say(t, h, "zeta", "")), &victim); err != nil {
		t.Fatal(err)
	}
	if victim.Variable != value || victim.Key != key {
		t.Fatalf("the provider itself did not get what is for it: %+v", victim)
	}
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh", "id_ed25519"), []byte("the-key-of-the-user"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask, err := json.Marshal(map[string]any{"pid": victim.PID, "cwd": victim.Cwd, "tmp": victim.Tmp, "project": p.Dir(), "home": home})
	if err != nil {
		t.Fatal(err)
	}
	var seen struct {
		Got      []string
		Ends     map[string]string
		Cwd      string
		Own      map[string]string
		Settings map[string]any
		Status   any
	}
	answer := say(t, h, "alpha", string(ask))
	if err := json.Unmarshal([]byte(answer), &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Ends["arguments"] != "" || len(seen.Ends) < 20 {
		t.Fatalf("the spy did not try: %s", answer)
	}
	if strings.Contains(answer, value) || strings.Contains(answer, key) {
		t.Errorf("it sees what is for the other: %s", answer)
	}
	if _, ok := seen.Own[variable]; ok || len(seen.Settings) > 0 {
		t.Errorf("it was given what is for the other: %s", answer)
	}
	if seen.Status != float64(401) {
		t.Errorf("the other's socket answers it: %v", seen.Status)
	}
	if seen.Cwd == victim.Cwd {
		t.Errorf("both work in %s", seen.Cwd)
	}
	kernel := landlock.Supported()
	allowed := []string{"arguments", "own files", "own temporary files", "own home", "own program"}
	if !kernel.Signals {
		allowed = append(allowed, "end it", "end conduit")
	}
	if !kernel.Truncate {
		allowed = append(allowed, "empty its file")
	}
	for name, end := range seen.Ends {
		if !kernel.Files {
			break // docs/security.md says what is open then
		}
		if may := slices.Contains(allowed, name); may != (end == "") {
			t.Errorf("%s: ends with %q", name, end)
		}
	}
	if kernel.Files && (strings.Contains(answer, "the-secret-in-a-file") || strings.Contains(answer, "the-key-of-the-user")) {
		t.Errorf("it has read what is not its own: %q", seen.Got)
	}
	if got := say(t, h, "zeta", ""); !strings.Contains(got, key) { // and it lives on
		t.Errorf("says %s", got)
	}
}
