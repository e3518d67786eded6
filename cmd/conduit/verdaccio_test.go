//go:build unix

package main

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

const verdaccioConfig = `storage: ./storage
auth: {htpasswd: {file: ./htpasswd}}
packages: {"@acme/*": {access: $authenticated, publish: $authenticated}, "**": {access: $all, publish: $authenticated}}
web: {enable: false}
log: {type: stdout, format: pretty, level: warn}
`

// verdaccio is a running Verdaccio with one user.
type verdaccio struct {
	t     *testing.T
	url   string // ends in a slash
	token string
}

func startVerdaccio(t *testing.T) *verdaccio {
	t.Helper()
	program := filepath.Join(npmInstalled(t, "verdaccio"), "node_modules", "verdaccio", "bin", "verdaccio")
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(verdaccioConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	v := &verdaccio{t: t}
	var said string
	for range 5 { // somebody else may take the port that was free
		var address string
		if address, said = listening(t, dir, "node", program, "--config", config, "--listen"); address != "" {
			v.url = "http://" + address + "/"
			break
		}
	}
	if v.url == "" {
		t.Fatalf("verdaccio ended:\n%s", said)
	}
	var login struct{ Token string }
	v.put("-/user/org.couchdb.user:robot", map[string]any{"name": "robot", "password": "correct horse battery"}, &login)
	if v.token = login.Token; v.token == "" {
		t.Fatal("verdaccio gave no token")
	}
	return v
}

// listening starts a registry, whose last argument is an address that was free a moment ago: Verdaccio does not say which port
// it takes. It returns the address once that answers, or what the program has said when it ended.
func listening(t *testing.T, dir string, command ...string) (address, said string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	var log bytes.Buffer
	c := exec.Command(command[0], append(command[1:], address)...)
	c.Dir, c.Stdout, c.Stderr = dir, &log, &log
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }() // it is killed below
	t.Cleanup(func() { _ = c.Process.Kill(); <-ended })
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			return "", log.String()
		default:
		}
		if resp, err := http.Get("http://" + address + "/-/ping"); err == nil {
			resp.Body.Close()
			return address, ""
		}
	}
	t.Fatal("verdaccio does not answer")
	return "", ""
}

// put makes a request of the registry's API.
func (v *verdaccio) put(path string, body, answer any) {
	v.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPut, v.url+path, bytes.NewReader(data))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("status %s: %s", resp.Status, text)
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil {
		v.t.Fatalf("PUT %s: %v", path, err)
	}
}

// publish does what npm publish does.
func (v *verdaccio) publish(name, version string, manifest map[string]any, files map[string]string) {
	v.t.Helper()
	manifest["name"], manifest["version"] = name, version
	tarball, err := npmtest.Tarball(manifest, files)
	if err != nil {
		v.t.Fatal(err)
	}
	file := name + "-" + version + ".tgz"
	weak, strong := sha1.Sum(tarball), sha512.Sum512(tarball)
	manifest["dist"] = map[string]any{"shasum": hex.EncodeToString(weak[:]), "integrity": "sha512-" + base64.StdEncoding.EncodeToString(strong[:]),
		"tarball": v.url + name + "/-/" + file}
	v.put(strings.Replace(name, "/", "%2f", 1), map[string]any{
		"_id": name, "name": name, "dist-tags": map[string]string{"latest": version}, "versions": map[string]any{version: manifest},
		"_attachments": map[string]any{file: map[string]any{"content_type": "application/octet-stream", "data": tarball, "length": len(tarball)}},
	}, nil)
}

// TestVerdaccio: a provider and its library, both private, come from a Verdaccio with a token that stands in the
// environment; without the token the message says how to log in.
func TestVerdaccio(t *testing.T) {
	v := startVerdaccio(t)
	v.publish("@acme/greeting", "1.2.0", map[string]any{"main": "index.js"}, map[string]string{"index.js": "exports.greeting = 'hello from verdaccio';\n"})
	v.publish("@acme/greet-provider", "2.0.0", map[string]any{"main": "index.js", "dependencies": map[string]string{"@acme/greeting": "^1.0.0"}}, map[string]string{
		"MediaConduit.provider.yml": "id: greet\ntype: remote\ncapabilities: [text-to-text]\nmain: index.js\n",
		"index.js":                  "import { greeting } from '@acme/greeting';\nexport default class Greet { id = 'greet'; text = greeting; }\n",
	})
	public := hostRegistry(t)
	m := newMachine(t, sourcetest.NewGit(t), public)
	host := strings.TrimSuffix(strings.TrimPrefix(v.url, "http:"), "/")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(m.project, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("conduit.toml", "conduit = \"0.1\"\n")
	write(".npmrc", "@acme:registry="+v.url+"\n"+host+"/:_authToken=${ACME_TOKEN}\n")

	fails := func(args ...string) {
		t.Helper()
		out, err := m.command(args...).CombinedOutput()
		code := -1
		if exit, ok := err.(*exec.ExitError); ok {
			code = exit.ExitCode()
		}
		for _, want := range []string{"@acme/gree", "npm login --registry=" + v.url, host + "/:_authToken=${TOKEN}"} {
			if code != 6 || !strings.Contains(string(out), want) {
				t.Errorf("conduit %s: exit code %d, want 6 and %q in\n%s", strings.Join(args, " "), code, want, out)
			}
		}
	}
	fails("get", "npm:@acme/greet-provider@^2")
	m.env = append(m.env, "ACME_TOKEN="+v.token)
	m.conduit("get", "npm:@acme/greet-provider@^2")
	lock, err := os.ReadFile(filepath.Join(m.project, "conduit.lock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"npm:@acme/greet-provider", `"v2.0.0"`, "@acme/greeting", `"1.2.0"`} {
		if !strings.Contains(string(lock), want) {
			t.Errorf("the lock lacks %s:\n%s", want, lock)
		}
	}
	for _, secret := range []string{v.token, host} {
		if strings.Contains(string(lock), secret) {
			t.Errorf("the lock holds %s", secret)
		}
	}
	m.cold()
	m.conduit("sync", "--locked")
	m.conduit("verify", "--deep")
	artifacts, err := filepath.Glob(filepath.Join(m.cache, "artifact", "*", "provider.mjs"))
	if err != nil || len(artifacts) != 1 {
		t.Fatalf("%v, %v", artifacts, err)
	}
	if code, err := os.ReadFile(artifacts[0]); err != nil || !bytes.Contains(code, []byte("hello from verdaccio")) {
		t.Errorf("the artifact does not hold the private library: %v", err)
	}
	for _, r := range public.Requests() {
		if strings.Contains(r, "@acme") {
			t.Errorf("the default registry was asked for a private package: %s", r)
		}
	}
	m.cold()
	m.env = m.env[:len(m.env)-1]
	fails("sync", "--locked")
	m.env = append(m.env, "ACME_TOKEN=wrong")
	out, err := m.command("sync", "--locked").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "does not accept the credentials") {
		t.Errorf("a wrong token: %v\n%s", err, out)
	}
}
