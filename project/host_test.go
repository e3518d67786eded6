package project_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// source is a provider whose model does what the function body says, with input (the text) and options.
func source(id, body string) string {
	return fmt.Sprintf(`
const model = {
  id: 'm', name: 'm', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'],
  async transform(role: any, options: any) { const input = role.content; %s },
};
export default class {
  id = %q; name = %q; type = 'remote'; capabilities = ['text-to-text']; models = [model];
  config: any = {};
  configure(config: any) { Object.assign(settings, config); }
  isAvailable() { return true; }
  getModelsForCapability() { return [model]; }
  getModel() { return model; }
  getHealth() { return { status: 'fine' }; }
}
const settings: any = {};
`, body, id, id)
}

// stating is a provider's source whose manifest has a further line.
func stating(line, source string) string { return statesPrefix + line + "\n" + source }

const statesPrefix = "// provider.yml: "

// synced is a project of TypeScript providers, by their sources, locked and synced. extra is further text of conduit.toml, which begins in
// the table of the last one that has none there.
func synced(t *testing.T, extra string, sources map[string]string) *project.Project {
	t.Helper()
	dir := t.TempDir()
	var toml strings.Builder
	toml.WriteString("conduit = \"0.1\"\n")
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		code := sources[name]
		about := "id: " + name + "\ntype: remote\ncapabilities: [text-to-text]\nmain: index.ts\n"
		if line, rest, ok := strings.Cut(code, "\n"); ok && strings.HasPrefix(line, statesPrefix) {
			about, code = about+strings.TrimPrefix(line, statesPrefix)+"\n", rest
		}
		writeFile(t, filepath.Join(dir, name, "MediaConduit.provider.yml"), about)
		writeFile(t, filepath.Join(dir, name, "index.ts"), code)
		if !strings.Contains(extra, "[providers."+name+"]\n") {
			fmt.Fprintf(&toml, "[providers.%s]\nsource = \"file:./%s\"\n", name, name)
		}
	}
	writeFile(t, filepath.Join(dir, lockfile.ManifestName), toml.String()+extra)
	store, err := cache.Open(filepath.Join(os.TempDir(), "conduit-test-cache"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(t.Context(), project.Options{Dir: dir, Cache: store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Sync(t.Context(), project.SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	return p
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hosted is a host of p, closed at the end of the test.
func hosted(t *testing.T, p *project.Project, opts project.HostOptions) *project.Host {
	t.Helper()
	h, err := p.Host(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// say calls a provider with a text and returns the text that it answers.
func say(t *testing.T, h *project.Host, provider, text string) string {
	t.Helper()
	out, err := ask(t, h, provider, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ask(t *testing.T, h *project.Host, provider, text string) (string, error) {
	out, err := h.Transform(t.Context(), project.RunRequest{Provider: provider, Inputs: []plugin.Media{plugin.Text(text)}})
	if err != nil {
		return "", err
	}
	return out.Outputs[0].Text, nil
}

func TestHost(t *testing.T) {
	t.Parallel()
	p := synced(t, "", map[string]string{
		"alpha": source("alpha", `return process.pid + ' alpha: ' + input`),
		"beta":  source("beta", `return 'beta: ' + input`),
	})
	h := hosted(t, p, project.HostOptions{})
	if got := h.Providers(); !slices.Equal(got, []string{"alpha", "beta"}) {
		t.Errorf("providers are %v", got)
	}
	var calls sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]bool{}
	for range 20 {
		calls.Go(func() {
			answer, err := ask(t, h, "alpha", "moo")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			answers[answer] = true
		})
	}
	calls.Wait()
	if len(answers) != 1 {
		t.Errorf("20 calls were answered by %d processes: %v", len(answers), answers)
	}
	models, err := h.Models(t.Context(), "text-to-text")
	if err != nil || len(models) != 2 || models[0].Provider != "alpha" || models[1].ID != "m" {
		t.Errorf("%+v, %v", models, err)
	}
	if health, err := h.Health(t.Context(), "beta"); err != nil || !health.Available || health.Message != "fine" {
		t.Errorf("%+v, %v", health, err)
	}
	_, err = h.Health(t.Context(), "gamma")
	if report.KindOf(err) != report.Usage || !strings.Contains(err.Error(), "name one of: alpha, beta") {
		t.Errorf("an unknown provider: %v", err)
	}
}

func TestHostMissingSecrets(t *testing.T) {
	t.Parallel()
	p := synced(t, "[providers.alpha.config]\napiKey = \"env:CONDUIT_TEST_ALPHA\"\n[providers.beta.config]\napiKey = \"file:nowhere\"\n", map[string]string{
		"alpha": source("alpha", `return input`),
		"beta":  source("beta", `return input`),
	})
	_, err := p.Host(t.Context(), project.HostOptions{})
	if report.KindOf(err) != report.Usage {
		t.Fatalf("%v", err)
	}
	for _, word := range []string{"provider alpha", "CONDUIT_TEST_ALPHA", "provider beta", "nowhere"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in: %v", word, err)
		}
	}
}

func TestHostCrash(t *testing.T) {
	t.Parallel()
	p := synced(t, "", map[string]string{
		"alpha": source("alpha", `if (input === 'die') process.kill(process.pid, 'SIGKILL'); if (input === 'wait') await new Promise(() => {}); return String(process.pid)`),
		"beta":  source("beta", `return String(process.pid)`),
	})
	h := hosted(t, p, project.HostOptions{})
	first, other := say(t, h, "alpha", ""), say(t, h, "beta", "")
	waiting := make(chan error, 1)
	go func() {
		_, err := ask(t, h, "alpha", "wait")
		waiting <- err
	}()
	_, err := ask(t, h, "alpha", "die")
	for _, err := range []error{err, <-waiting} {
		if !report.Retryable(err) || report.KindOf(err) != report.Provider {
			t.Errorf("a call in a process that was killed: %v", err)
		}
	}
	if next := say(t, h, "alpha", ""); next == first {
		t.Error("the process that was killed answers")
	}
	if say(t, h, "beta", "") != other {
		t.Error("another provider's process was replaced")
	}
}

// TestHostMemory: the limit in conduit.toml holds, is told, and the next call finds a new process.
func TestHostMemory(t *testing.T) {
	t.Parallel()
	p := synced(t, "memory = \"160MB\"\n", map[string]string{
		"alpha": source("alpha", `for (const all: any[] = []; input === 'much';) all.push(new Array(1 << 16).fill(0.5)); return 'fine'`),
	})
	h := hosted(t, p, project.HostOptions{})
	_, err := ask(t, h, "alpha", "much")
	if err == nil || !strings.Contains(err.Error(), "it ran out of its memory limit of 160 MB during the call") ||
		!strings.Contains(err.Error(), "next: raise memory under [providers.alpha] in conduit.toml") || !report.Retryable(err) {
		t.Errorf("%v", err)
	}
	if got := say(t, h, "alpha", "little"); got != "fine" {
		t.Errorf("says %q", got)
	}
}

// TestHostReload: a change of a folder reaches new calls, those in the old process end there, and what cannot be built changes nothing.
func TestHostReload(t *testing.T) {
	t.Parallel()
	p := synced(t, "", map[string]string{"alpha": source("alpha", `if (input === 'wait') await new Promise((resolve) => setTimeout(resolve, 3000)); return 'first'`)})
	warnings := make(chan string, 100)
	ctx := report.To(t.Context(), func(e report.Event) {
		if e.Type == report.Warning {
			warnings <- e.Message
		}
	})
	h, err := p.Host(ctx, project.HostOptions{Watch: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if got := say(t, h, "alpha", ""); got != "first" {
		t.Fatalf("says %q", got)
	}
	old := make(chan string, 1)
	go func() {
		answer, err := ask(t, h, "alpha", "wait")
		if err != nil {
			answer = err.Error()
		}
		old <- answer
	}()
	code := filepath.Join(p.Dir(), "alpha", "index.ts")
	until := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			got, err := ask(t, h, "alpha", "")
			if err == nil && got == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("says %q, %v; want %q", got, err, want)
			}
		}
	}
	writeFile(t, code, source("alpha", `return 'second'`))
	until("second")
	if got := <-old; got != "first" {
		t.Errorf("the call in the old process: %q", got)
	}
	writeFile(t, code, source("alpha", `return 'third' }`))
	if got := <-warnings; !strings.Contains(got, "goes on as it was") || !strings.Contains(got, "index.ts") {
		t.Errorf("the warning says: %s", got)
	}
	if got := say(t, h, "alpha", ""); got != "second" {
		t.Errorf("after a build that failed it says %q", got)
	}
	writeFile(t, code, source("alpha", `return 'fourth'`))
	until("fourth")
}
