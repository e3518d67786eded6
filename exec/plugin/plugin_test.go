package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

func TestMain(m *testing.M) {
	if os.Getenv("CONDUIT_TEST_PARENT") != "" {
		beParent()
		return
	}
	dir, err := os.MkdirTemp("", "conduit-plugin-test-")
	if err != nil {
		panic(err)
	}
	built.dir = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// records collects what a provider logs.
type records struct {
	mu  sync.Mutex
	all []plugin.Record
}

func (r *records) add(record plugin.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, record)
}

// has reports whether there is a record of the level that contains the text.
func (r *records) has(level, text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range r.all {
		if record.Level == level && strings.Contains(record.Message, text) {
			return true
		}
	}
	return false
}

func (r *records) dump(t testing.TB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range r.all[max(0, len(r.all)-40):] {
		message := record.Message
		if len(message) > 300 {
			message = message[:300]
		}
		t.Logf("%-5s %s", record.Level, message)
	}
}

// spec is the specification of a TypeScript provider of testdata/providers.
func spec(t testing.TB, name string) (plugin.Spec, *records) {
	t.Helper()
	log := new(records)
	t.Cleanup(func() {
		if t.Failed() {
			log.dump(t)
		}
	})
	return plugin.Spec{
		Name: name, Node: "node", Host: hostFile(t), Artifact: artifact(t, name), Type: "local",
		Env: plugin.Environment(nil, os.LookupEnv), Dir: t.TempDir(), Log: log.add,
	}, log
}

// patient is a context for what has to succeed: generous, so that a busy machine fails no test.
func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func start(t testing.TB, s plugin.Spec, services plugin.Services) *plugin.Provider {
	t.Helper()
	p, err := plugin.Start(patient(t), s, services)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// call runs a model on the text "hello".
func call(t testing.TB, p *plugin.Provider, model string) (plugin.Response, error) {
	t.Helper()
	return p.Transform(patient(t), plugin.Request{Model: model, Inputs: []plugin.Media{plugin.Text("hello")}})
}

// text runs a model and returns its text.
func text(t testing.TB, p *plugin.Provider, model string) string {
	t.Helper()
	response, err := call(t, p, model)
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Outputs) != 1 || response.Outputs[0].Type != "text" {
		t.Fatalf("outputs %+v, want one text", response.Outputs)
	}
	return response.Outputs[0].Text
}

// wantError asserts an error's kind and that its text contains each of the parts.
func wantError(t testing.TB, err error, kind report.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	var reported *report.Error
	if !errors.As(err, &reported) {
		t.Fatalf("error %v is no report.Error", err)
	}
	if got := report.KindOf(err); got != kind {
		t.Errorf("kind %v, want %v: %v", got, kind, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q:\n%v", part, err)
		}
	}
}

func TestCall(t *testing.T) {
	s, log := spec(t, "echo")
	p := start(t, s, nil)
	description, err := p.Describe(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	if description.ID != "echo" || description.Type != "local" || fmt.Sprint(description.Capabilities) != "[text-to-text]" {
		t.Errorf("description %+v", description)
	}
	models, err := p.Models(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	want := "[{echo Echo  [text-to-text] [text] [text] map[prefix:map[type:string]] map[currency:USD inputCost:0]}]"
	if fmt.Sprint(models) != want {
		t.Errorf("models\n%v, want\n%v", models, want)
	}
	health, err := p.Health(patient(t))
	if err != nil || !health.Available || health.Details["status"] != "healthy" {
		t.Errorf("health %+v, %v", health, err)
	}
	response, err := p.Transform(patient(t), plugin.Request{
		Model: "echo", Inputs: []plugin.Media{plugin.Text("grüß göttle 🐄")}, Parameters: map[string]any{"prefix": "> "},
	})
	if err != nil || response.Outputs[0].Text != "> grüß göttle 🐄" || response.Outputs[0].MIME != "text/plain" {
		t.Errorf("response %+v, %v", response, err)
	}
	if got := text(t, p, ""); got != "hello" {
		t.Errorf("first model says %q", got)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for level, message := range map[string]string{
		"info": "🐄 ready { deep: { er: [ 1, 2 ] } }", "warn": "a warning", "error": "an error\nover two lines", "debug": "a detail",
	} {
		if !log.has(level, message) {
			t.Errorf("no record %s %q", level, message)
		}
	}
	if !log.has("info", "half a line") || !log.has("info", "│ 0       │ 1 │") {
		t.Error("writes to stdout and tables are lost")
	}
}

func TestConfigure(t *testing.T) {
	s, _ := spec(t, "echo")
	p := start(t, s, nil)
	if err := p.Configure(patient(t), map[string]any{"timeout": 3, "since": time.Unix(0, 0), "list": []map[string]any{{"a": 1}}}); err != nil {
		t.Error(err)
	}
	err := p.Configure(patient(t), map[string]any{"refuse": "k-1"})
	wantError(t, err, report.Provider, "provider echo: it refuses its settings", "apiKey k-1 is not valid", "[providers] in conduit.toml")

	s.Config = map[string]any{"refuse": "k-2"}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "apiKey k-2 is not valid", "check config and env of echo")

	err = p.Configure(patient(t), map[string]any{"bad": func() {}})
	wantError(t, err, report.Usage, "written as JSON")
}

func TestModelsThatAreFoundLater(t *testing.T) {
	s, _ := spec(t, "lateModels")
	p := start(t, s, nil)
	models, err := p.Models(patient(t))
	if err != nil || len(models) != 1 || models[0].ID != "late" || fmt.Sprint(models[0].InputTypes, models[0].OutputTypes) != "[text] [image]" {
		t.Errorf("models %+v, %v", models, err)
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	s, _ := spec(t, "echo")
	p := start(t, s, nil)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			prompt := strings.Repeat(fmt.Sprintf("call %d ", i), 1000*(i%7))
			response, err := p.Transform(patient(t), plugin.Request{Inputs: []plugin.Media{plugin.Text(prompt)}})
			if err != nil || response.Outputs[0].Text != prompt {
				t.Errorf("call %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func TestMedia(t *testing.T) {
	s, _ := spec(t, "media")
	p := start(t, s, nil)
	response, err := call(t, p, "small")
	if err != nil || len(response.Outputs) != 1 || string(response.Outputs[0].Data) != "small picture" || response.Outputs[0].MIME != "image/png" {
		t.Fatalf("small: %+v, %v", response, err)
	}
	out := t.TempDir()
	response, err = p.Transform(patient(t), plugin.Request{Model: "large", OutputDir: out})
	if err != nil || filepath.Dir(response.Outputs[0].Path) != out {
		t.Fatalf("large: %+v, %v", response, err)
	}
	if info, err := os.Stat(response.Outputs[0].Path); err != nil || info.Size() != 2<<20 {
		t.Errorf("large: %v, %v", info, err)
	}
	file := response.Outputs[0].Path
	response, err = p.Transform(patient(t), plugin.Request{Model: "size", Inputs: []plugin.Media{{Type: "image", Path: file}}})
	if err != nil || response.Outputs[0].Text != "Image 2097152" {
		t.Errorf("by file: %+v, %v", response, err)
	}
	response, err = p.Transform(patient(t), plugin.Request{Model: "size", Inputs: []plugin.Media{{Type: "image", MIME: "image/png", Data: []byte("abc")}}})
	if err != nil || response.Outputs[0].Text != "Image 3" {
		t.Errorf("inline: %+v, %v", response, err)
	}
	response, err = call(t, p, "several")
	if err != nil || len(response.Outputs) != 2 || response.Outputs[1].Type != "audio" || response.Outputs[1].MIME != "audio/mpeg" {
		t.Errorf("several: %+v, %v", response, err)
	}
	_, err = p.Transform(patient(t), plugin.Request{Model: "size", Inputs: []plugin.Media{{Type: "image", Data: make([]byte, plugin.MaxInline+1)}}})
	wantError(t, err, report.Usage, "files of more than 1 MiB by their path")
	_, err = p.Transform(patient(t), plugin.Request{Model: "size", Inputs: []plugin.Media{{Type: "file", Path: file}}})
	wantError(t, err, report.Provider, "type file", "conduit models media")
	response, err = p.Transform(patient(t), plugin.Request{Model: "fluent", Inputs: []plugin.Media{{Type: "3d", MIME: "model/gltf-binary", Data: []byte("glTF")}}})
	if want := "Model3D glb 4; moo; none has no model for text-to-3d; it can do text-to-text"; err != nil || response.Outputs[0].Text != want {
		t.Errorf("by $: %+v, %v, want %q", response, err, want)
	}
	asset := filepath.Join(t.TempDir(), "scene.glb")
	if err := os.WriteFile(asset, []byte("glTF"), 0o600); err != nil {
		t.Fatal(err)
	}
	response, err = p.Transform(patient(t), plugin.Request{Model: "asset", Inputs: []plugin.Media{plugin.Text(asset)}})
	if err != nil || response.Outputs[0].Type != "3d" || response.Outputs[0].MIME != "model/gltf-binary" || response.Outputs[0].Path != asset {
		t.Errorf("an asset: %+v, %v", response, err)
	}
	_, err = p.Transform(patient(t), plugin.Request{Model: "asset", Inputs: []plugin.Media{plugin.Text("/tmp/result")}})
	wantError(t, err, report.Provider, "has no extension that tells what it holds", "asImage()")
}

func TestProgress(t *testing.T) {
	s, _ := spec(t, "misbehaves")
	p := start(t, s, nil)
	var said []string
	progress := func(each plugin.Progress) {
		said = append(said, fmt.Sprintf("%.2f %s%s", each.Fraction, each.Message, each.Partial))
	}
	response, err := p.Transform(patient(t), plugin.Request{Model: "stream", Progress: progress})
	if err != nil || response.Outputs[0].Text != "one two three" || fmt.Sprint(said) != "[-1.00 one  -1.00 two  -1.00 three]" {
		t.Errorf("%q %+v, %v", said, response, err)
	}
	said = nil
	response, err = p.Transform(patient(t), plugin.Request{Model: "progress", Progress: progress, Parameters: map[string]any{"temperature": 0.5}})
	if err != nil || response.Outputs[0].Text != `{"temperature":0.5}` || fmt.Sprint(said) != "[0.25  0.50 half way]" {
		t.Errorf("%q %+v, %v", said, response, err)
	}
	if fmt.Sprint(response.Outputs[0].Metadata) != "map[confidence:0.5 language:en]" {
		t.Errorf("metadata %v", response.Outputs[0].Metadata)
	}
}

// TestLargeText sends more than any of the protocol's windows and buffers hold, both ways, several times at once and
// among small calls.
func TestLargeText(t *testing.T) {
	s, _ := spec(t, "echo")
	p := start(t, s, nil)
	prompt := strings.Repeat("a text of some length. ", 1<<20)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			response, err := p.Transform(patient(t), plugin.Request{Inputs: []plugin.Media{plugin.Text(prompt)}})
			if err != nil {
				t.Error(err)
			} else if response.Outputs[0].Text != prompt {
				t.Errorf("%d bytes came back of %d", len(response.Outputs[0].Text), len(prompt))
			}
		})
	}
	for range 200 { // small calls in between
		if got := text(t, p, ""); got != "hello" {
			t.Errorf("a small call says %q", got)
		}
	}
	wg.Wait()
}
