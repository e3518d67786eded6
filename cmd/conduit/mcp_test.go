//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	mcpsdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// mcpSession starts conduit mcp serve and connects to it. log, which may be nil, gets what it writes to standard error.
func mcpSession(t *testing.T, m *machine, log *bytes.Buffer) *mcpsdk.ClientSession {
	t.Helper()
	c := m.command("mcp", "serve")
	if log == nil {
		log = new(bytes.Buffer)
	}
	c.Stderr = log
	session, err := mcpsdk.NewClient(&mcpsdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(),
		&mcpsdk.CommandTransport{Command: c, TerminateDuration: patience}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("conduit mcp serve: %v\n%s", err, log)
		}
	})
	return session
}

// mcpCapability calls by a tool; a file goes in by its path for every second capability, else as a data URI.
func mcpCapability(t *testing.T, s *mcpsdk.ClientSession, c capability, text, file string) []byte {
	t.Helper()
	arguments := map[string]any{"parameters": c.params}
	if c.params == nil {
		arguments = map[string]any{}
	}
	if file == "" {
		arguments["text"] = text
	} else {
		kind, _, _ := strings.Cut(c.name, "-")
		arguments[kind] = file
		if strings.HasSuffix(c.name, "-text") || strings.HasSuffix(c.name, "-audio") {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mime, err := media.Type(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			arguments[kind] = "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
		}
	}
	tools, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	for _, tool := range tools.Tools {
		if strings.HasPrefix(tool.Name, c.name+"_") {
			name = tool.Name
		}
	}
	r, err := s.CallTool(t.Context(), &mcpsdk.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatal(err)
	}
	if r.IsError {
		t.Fatal(r.GetError())
	}
	switch content := r.Content[0].(type) {
	case *mcpsdk.TextContent:
		return []byte(content.Text)
	case *mcpsdk.ImageContent:
		return content.Data
	case *mcpsdk.AudioContent:
		return content.Data
	case *mcpsdk.EmbeddedResource:
		return content.Resource.Blob
	}
	t.Fatalf("%T", r.Content[0])
	return nil
}

// studio is a provider for clients of tools.
const studio = `import { existsSync, writeFileSync } from 'node:fs';
import { Image, Text } from '@mediaconduit/mediaconduit';

const models: Record<string, { capability: string; parameters?: object; run: (input: any, options: any) => unknown }> = {
  tell: { capability: 'text-to-text', parameters: { times: { type: 'int', default: 1 } }, run: (text, { times }) => Text.fromString(text.content.repeat(times ?? 1)) },
  count: { capability: 'text-to-text', run: async (_, { onProgress }) => {
    for (const progress of [25, 50, 100]) {
      onProgress({ progress, message: progress + ' percent' });
      while (!existsSync('seen-' + progress)) await new Promise((resolve) => setTimeout(resolve, 5)); // the client drops what comes with the result
    }
    console.log('counted'); process.stdout.write('to standard output\n');
    return 'counted';
  } },
  draw: { capability: 'text-to-image', run: (text) => new Image(Buffer.from('drawn: ' + text.content), 'png') },
  see: { capability: 'image-to-text', run: async (image) => 'seen: ' + (await image.asRole(Image)).data.toString() },
  fail: { capability: 'text-to-text', run: () => { throw new Error('out of paint'); } },
  wait: { capability: 'text-to-text', run: (_, { signal, onProgress }) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => { writeFileSync('aborted', 'yes'); reject(signal.reason); });
    onProgress({ message: 'hard at work' });
  }) },
};

export default class {
  id = 'studio'; name = 'Studio'; type = 'remote'; capabilities = ['text-to-text'];
  models = Object.entries(models).map(([id, { capability, parameters }]) => ({ id, name: id, capabilities: [capability], parameters }));
  async configure() {}
  async isAvailable() { return true; }
  getModelsForCapability() { return this.models; }
  async getHealth() { return { status: 'healthy' }; }
  async getModel(id: string) {
    const model = models[id];
    if (!model) throw new Error('no model ' + id);
    return { id, isAvailable: async () => true, transform: async (input: any, options: any) => model.run(Array.isArray(input) ? input[0] : input, options) };
  }
}
`

// studioMachine has a project with the provider studio.
func studioMachine(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t, sourcetest.NewGit(t), hostRegistry(t))
	for name, text := range map[string]string{
		"conduit.toml":                     "conduit = \"0.1\"\n[providers]\nstudio = \"file:studio\"\n",
		"studio/MediaConduit.provider.yml": "id: studio\ntype: remote\nmain: src/index.ts\n", "studio/src/index.ts": studio,
	} {
		path := filepath.Join(m.project, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// state is the folder that m's environment names for conduit's state.
func (m *machine) state() string {
	for _, v := range m.env {
		if dir, ok := strings.CutPrefix(v, "CONDUIT_STATE="); ok {
			return dir
		}
	}
	m.t.Fatal("no CONDUIT_STATE")
	return ""
}

// TestMCPClient: the protocol's own TypeScript client lists and calls tools, with progress, results that go from one call to
// the next, errors, and a cancellation that the model sees.
func TestMCPClient(t *testing.T) {
	t.Parallel()
	packages := npmInstalled(t, "mcpclient")
	m := studioMachine(t)
	if out, ok := m.conduit("sync"); !ok {
		t.Fatal(out)
	}
	t.Run("stdio", func(t *testing.T) { drive(t, m, packages, "stdio", m.program, "mcp", "serve") })
	t.Run("http", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(m.project, "token"), []byte("correct-horse-battery-staple\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(m.state(), "providers", "*", "studio", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files { // of the client before
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
		}
		address := serving(t, m, "mcp", "serve", "--listen", "127.0.0.1:0", "--json", "--token-file", "token")
		drive(t, m, packages, "http", address, "correct-horse-battery-staple")
		if resp, err := http.Get(address); err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("without a token: %v, %v", resp, err)
		} else {
			resp.Body.Close()
		}
	})
}

// serving starts a conduit that serves, and returns the address that it prints. The test's end interrupts it, upon which it
// has to end well.
func serving(t *testing.T, m *machine, args ...string) (address string) {
	t.Helper()
	c := m.command(args...)
	log := new(bytes.Buffer)
	c.Stderr = log
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stuck := time.AfterFunc(patience, func() { _ = c.Process.Kill() }) // the test fails by what Wait says
		defer stuck.Stop()
		_ = c.Process.Signal(syscall.SIGTERM) // one that has ended is seen by Wait
		if err := c.Wait(); err != nil {
			t.Errorf("conduit %s: %v\n%s", strings.Join(args, " "), err, log)
		}
	})
	var line struct{ Listening string }
	if err := json.NewDecoder(out).Decode(&line); err != nil {
		t.Fatalf("conduit %s: it does not tell where it listens: %v", strings.Join(args, " "), err)
	}
	return line.Listening
}

// drive runs testdata/mcpclient.mjs and checks what it saw.
func drive(t *testing.T, m *machine, packages string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join(testdata, "mcpclient.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mcpclient.mjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, "node", append([]string{filepath.Join(dir, "mcpclient.mjs")}, args...)...)
	c.Dir, c.Env = m.project, m.env
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, &log)
	}
	type answer struct {
		IsError bool
		Content []struct{ Type, Text string }
	}
	var saw struct {
		Server struct{ Name string }
		Tools  []struct {
			Name        string
			InputSchema map[string]any
		}
		Told, Counted, Seen, Failed answer
		Progress                    []struct {
			Progress, Total float64
			Message         string
		}
		Image     struct{ MimeType, Data string }
		Read      struct{ MimeType, Blob string }
		Cancelled string
	}
	if err := json.Unmarshal(out, &saw); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	equal(t, saw.Server.Name, "conduit")
	equal(t, len(saw.Tools), 6)
	equal(t, saw.Told.Content[0].Text, "moomoo")
	equal(t, saw.Counted.Content[0].Text, "counted")
	equal(t, len(saw.Progress), 3)
	for i, want := range []float64{25, 50, 100} {
		equal(t, saw.Progress[i].Progress, want)
		equal(t, saw.Progress[i].Total, 100)
	}
	equal(t, saw.Progress[1].Message, "50 percent")
	drawn := base64.StdEncoding.EncodeToString([]byte("drawn: a fox"))
	equal(t, saw.Image.MimeType+" "+saw.Image.Data, "image/png "+drawn)
	equal(t, saw.Read.MimeType+" "+saw.Read.Blob, "image/png "+drawn)
	equal(t, saw.Seen.Content[0].Text, "seen: drawn: a fox")
	if !saw.Failed.IsError || !strings.Contains(saw.Failed.Content[0].Text, "out of paint") || !strings.Contains(saw.Failed.Content[0].Text, "next: ") {
		t.Errorf("a failure: %+v", saw.Failed)
	}
	if !strings.Contains(saw.Cancelled, "enough") {
		t.Errorf("the cancelled call: %s", saw.Cancelled)
	}
}

// TestMCPServe: what is wrong before a client speaks is told on standard error, and standard output stays empty; an interrupt
// ends the server.
func TestMCPServe(t *testing.T) {
	t.Parallel()
	m := studioMachine(t)
	c := m.command("mcp", "serve")
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	err := c.Run()
	if c.ProcessState.ExitCode() != 3 || out.Len() > 0 || !strings.Contains(log.String(), "conduit lock") && !strings.Contains(log.String(), "conduit sync") {
		t.Errorf("without a lock: %v, %q, %s", err, &out, &log)
	}
	for _, mistake := range []struct {
		args []string
		code int
		next string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, 5, "conduit mcp serve --listen 0.0.0.0:0 --token-file token"},
		{[]string{"--token", "env:T"}, 2, "conduit mcp serve --listen 127.0.0.1:8421 --token"},
		{[]string{"--json"}, 2, "leave it out"},
		{[]string{"--timeout", "0s"}, 2, "--timeout 30s"},
	} {
		if mistake.code == 5 { // the project is looked at first
			if out, ok := m.conduit("sync"); !ok {
				t.Fatal(out)
			}
		}
		c := m.command(append([]string{"mcp", "serve"}, mistake.args...)...)
		out, _ := c.CombinedOutput() // the exit code tells
		if c.ProcessState.ExitCode() != mistake.code || !strings.Contains(string(out), mistake.next) {
			t.Errorf("%v: exit code %d, want %d and %q in\n%s", mistake.args, c.ProcessState.ExitCode(), mistake.code, mistake.next, out)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c = m.command("mcp", "serve")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	reply, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log.Reset()
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := context.AfterFunc(ctx, func() { _ = c.Process.Kill() })
	defer stopped()
	if _, err := in.Write([]byte(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n")); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Result struct{ ServerInfo struct{ Name string } }
	}
	if err := json.NewDecoder(reply).Decode(&answer); err != nil || answer.Result.ServerInfo.Name != "conduit" {
		t.Fatalf("%+v, %v\n%s", answer, err, &log)
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); ctx.Err() != nil {
		t.Errorf("it did not end by an interrupt: %v\n%s", err, &log)
	}
}
