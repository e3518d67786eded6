package mcp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// stage is a host whose models do what a test says.
type stage struct {
	mu     sync.Mutex
	models []project.Model
	broken error // of Models
	do     func(ctx context.Context, req project.RunRequest) (plugin.Response, error)
}

func (s *stage) Models(context.Context, string) ([]project.Model, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.models), s.broken
}

func (s *stage) Transform(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
	return s.do(ctx, req)
}

func (s *stage) set(models []project.Model, broken error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models, s.broken = models, broken
}

func model(provider, id, in, out string) project.Model {
	return project.Model{Provider: provider, Model: plugin.Model{ID: id, InputTypes: strings.Fields(in), OutputTypes: strings.Fields(out)}}
}

// connect serves h to a client in this process.
func connect(t *testing.T, h Host, opts Options, client *sdk.ClientOptions) *sdk.ClientSession {
	t.Helper()
	opts.Host = h
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	there, here := sdk.NewInMemoryTransports()
	served, err := s.server.Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, client).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = session.Close()
		_ = served.Wait() // ends by the client's doing
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return session
}

func call(t *testing.T, s *sdk.ClientSession, name string, arguments map[string]any) *sdk.CallToolResult {
	t.Helper()
	result, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func textOf(t *testing.T, r *sdk.CallToolResult) string {
	t.Helper()
	if len(r.Content) != 1 {
		t.Fatalf("%d pieces of content", len(r.Content))
	}
	text, ok := r.Content[0].(*sdk.TextContent)
	if !ok {
		t.Fatalf("content is %T", r.Content[0])
	}
	return text.Text
}

func echo(_ context.Context, req project.RunRequest) (plugin.Response, error) {
	data, err := json.Marshal(map[string]any{"model": req.Provider + "/" + req.Model, "inputs": req.Inputs, "parameters": req.Parameters})
	return plugin.Response{Outputs: []plugin.Media{plugin.Text(string(data))}}, err
}

func TestTools(t *testing.T) {
	t.Parallel()
	draw := model("studio", "draw/v1.0", "text", "image")
	draw.Name, draw.Description, draw.Capabilities = "Draw", "Draws pictures", []string{"text-to-image"}
	draw.Pricing = map[string]any{"perImage": 0.02}
	draw.Parameters = map[string]any{
		"seed": map[string]any{"type": "int", "min": 0.0, "x-mcp-header": "oops"}, "style": map[string]any{"type": "string", "enum": []any{"flat", "deep"}, "required": true},
		"size": 512.0,
	}
	h := &stage{models: []project.Model{draw, model("studio", "draw-v1.0", "text image", "image"), model("ear", "hear", "audio", "text")}, do: echo}
	s := connect(t, h, Options{}, nil)
	listed, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tools := map[string]string{}
	for _, tool := range listed.Tools {
		schema, err := json.Marshal(tool.InputSchema)
		if err != nil {
			t.Fatal(err)
		}
		tools[tool.Name] = tool.Title + "|" + tool.Description + "|" + string(schema)
	}
	for name, wants := range map[string][]string{
		"studio_draw_v1_0": {`Draw|Draws pictures. Model draw/v1.0 of provider studio (text-to-image); makes image. Cost as the provider states it: {"perImage":0.02}.`,
			`"required":["text","parameters"]`, `"seed":{"minimum":0,"type":"integer"}`, `"style":{"enum":["flat","deep"],"type":"string"}`, `"size":{"default":512}`, `"required":["style"]`},
		"studio_draw-v1_0": {`"image":{`, `"required":[]`},
		"ear_hear":         {`"audio":{`, `"required":["audio"]`, `data:TYPE;base64`},
	} {
		for _, want := range wants {
			if !strings.Contains(tools[name], want) {
				t.Errorf("%s lacks %s:\n%s", name, want, tools[name])
			}
		}
	}
	if strings.Contains(tools["studio_draw_v1_0"], "x-mcp-header") || strings.Contains(tools["ear_hear"], "path of a file") {
		t.Errorf("%v", tools)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very-", 20)
	got := names([]project.Model{model("a", "b:c", "", ""), model("a", "b/c", "", ""), model("a", "d", "", ""), model("a", long, "", ""), model("ä", "", "", "")})
	for i, want := range []string{"a_b_c_", "a_b_c_", "a_d", "a_very-very-", "__"} {
		if !strings.HasPrefix(got[i], want) || len(got[i]) > 64 {
			t.Errorf("%q, want %q…", got[i], want)
		}
	}
	if got[0] == got[1] || got[2] != "a_d" {
		t.Errorf("%q", got)
	}
	for _, name := range got {
		if clean(name) != name {
			t.Errorf("%q", name)
		}
	}
}

// TestModelsComeAndGo: the tools are those of the models at the time of asking, and the client is told of changes.
func TestModelsComeAndGo(t *testing.T) {
	t.Parallel()
	told := make(chan struct{}, 10)
	h := &stage{broken: &report.Error{Kind: report.Provider, What: "no key", Next: "set KEY"}, do: echo}
	s := connect(t, h, Options{}, &sdk.ClientOptions{ToolListChangedHandler: func(context.Context, *sdk.ToolListChangedRequest) { told <- struct{}{} }})
	if _, err := s.ListTools(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no key") || !strings.Contains(err.Error(), "set KEY") {
		t.Errorf("%v", err)
	}
	if r := call(t, s, "a_b", map[string]any{"text": "x"}); !r.IsError || !strings.Contains(textOf(t, r), "set KEY") {
		t.Errorf("%+v", r)
	}
	h.set([]project.Model{model("a", "b", "text", "text")}, nil)
	if r := call(t, s, "a_b", map[string]any{"text": "x"}); r.IsError || !strings.Contains(textOf(t, r), `"model":"a/b"`) { // never listed
		t.Errorf("%+v", r)
	}
	<-told
	h.set([]project.Model{model("a", "c", "text", "text")}, nil)
	listed, err := s.ListTools(t.Context(), nil)
	if err != nil || len(listed.Tools) != 1 || listed.Tools[0].Name != "a_c" {
		t.Errorf("%+v, %v", listed, err)
	}
	<-told
}

func TestInputs(t *testing.T) {
	t.Parallel()
	h := &stage{models: []project.Model{model("a", "text", "text", "text"), model("a", "image", "image", "text"), model("a", "any", "", "text"), model("a", "mesh", "3d", "text")}, do: echo}
	reads := connect(t, h, Options{Files: true}, nil)
	none := connect(t, h, Options{}, nil)
	file := filepath.Join(t.TempDir(), "fox.png")
	if err := os.WriteFile(file, []byte("\x89PNG\r\n\x1a\nfox"), 0o600); err != nil {
		t.Fatal(err)
	}
	png := "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("a fox"))
	large := "data:;base64," + base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, plugin.MaxInline)...))
	for _, c := range []struct {
		s         *sdk.ClientSession
		tool      string
		arguments map[string]any
		fails     bool
		want      string
	}{
		{none, "a_text", map[string]any{"text": "moo", "parameters": map[string]any{"seed": 7}}, false, `"inputs":[{"type":"text","mime":"text/plain","text":"moo"}],"model":"a/text","parameters":{"seed":7}`},
		{none, "a_text", map[string]any{"text": ""}, false, `"type":"text"`},
		{none, "a_text", map[string]any{}, true, "nothing to work on\n  next: give one of text"},
		{none, "a_text", map[string]any{"image": png}, true, `there is no argument "image"` + "\n  next: use text, parameters; options"},
		{none, "a_text", map[string]any{"text": 7}, true, "text is no string"},
		{none, "a_text", map[string]any{"text": "x", "parameters": 7}, true, "parameters is no object"},
		{none, "a_image", map[string]any{"image": png, "text": "more red"}, false, `"text":"more red"},{"type":"image","mime":"image/png","data":"YSBmb3g="}`},
		{none, "a_image", map[string]any{"image": []any{png, png}}, false, `"data":"YSBmb3g="},{"type":"image","mime":"image/png","data":"YSBmb3g="}`},
		{none, "a_image", map[string]any{"image": large}, false, `"type":"image","mime":"image/png","path":"`},
		{none, "a_image", map[string]any{"image": file}, true, "this server reads none"},
		{none, "a_image", map[string]any{"image": "file://" + file}, true, "this server reads none"},
		{none, "a_image", map[string]any{"image": "data:image/png,fox"}, true, "malformed data URI"},
		{none, "a_image", map[string]any{"image": "data:image/png;base64,?"}, true, "not base64"},
		{none, "a_image", map[string]any{"image": resourcePrefix + "gone.png"}, true, "next: call the tool that made it once more"},
		{reads, "a_image", map[string]any{"image": file}, false, `"type":"image","mime":"image/png","path":"` + file},
		{reads, "a_image", map[string]any{"image": "file://" + file}, false, `"path":"` + file},
		{reads, "a_image", map[string]any{"image": file + ".none"}, true, "no such file"},
		{reads, "a_image", map[string]any{"image": filepath.Dir(file)}, true, "is no file"},
		{reads, "a_image", map[string]any{"image": "https://example.com/x.png"}, true, "is not fetched"},
		{reads, "a_any", map[string]any{"file": file}, false, `"type":"file","mime":"image/png"`},
		{reads, "a_mesh", map[string]any{"model3d": "data:model/gltf-binary;base64,Z2xURg=="}, false, `"type":"3d","mime":"model/gltf-binary"`},
	} {
		r := call(t, c.s, c.tool, c.arguments)
		if text := textOf(t, r); r.IsError != c.fails || !strings.Contains(text, c.want) {
			t.Errorf("%s %.80v: error %v, %.300s\nwant %s", c.tool, c.arguments, r.IsError, text, c.want)
		}
	}
}

// TestOutputs: every kind of media, and a result that is the input of another call.
func TestOutputs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := filepath.Join(dir, "clip.mp4")
	if err := os.WriteFile(clip, make([]byte, inlineMost+1), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &stage{models: []project.Model{model("a", "b", "", "")}, do: func(_ context.Context, req project.RunRequest) (plugin.Response, error) {
		if req.Inputs[0].Path != "" {
			data, err := os.ReadFile(req.Inputs[0].Path)
			return plugin.Response{Outputs: []plugin.Media{plugin.Text("read " + string(data))}}, err
		}
		return plugin.Response{Metadata: map[string]any{"usage": 3.0}, Outputs: []plugin.Media{
			{Type: "image", MIME: "image/png", Data: []byte("fox")}, {Type: "audio", MIME: "audio/wav", Data: []byte("bark")},
			{Type: "3d", MIME: "model/gltf-binary", Data: []byte("mesh")}, {Type: "video", Path: clip}, {Type: "image", URL: "https://example.com/x.png"}, plugin.Text("done"),
		}}, nil
	}}
	s := connect(t, h, Options{}, nil)
	r := call(t, s, "a_b", map[string]any{"text": "go"})
	var got []string
	var links []*sdk.ResourceLink
	for _, c := range r.Content {
		switch c := c.(type) {
		case *sdk.TextContent:
			got = append(got, "text "+c.Text)
		case *sdk.ImageContent:
			got = append(got, "image "+c.MIMEType+" "+string(c.Data))
		case *sdk.AudioContent:
			got = append(got, "audio "+c.MIMEType+" "+string(c.Data))
		case *sdk.EmbeddedResource:
			got = append(got, "resource "+c.Resource.MIMEType+" "+string(c.Resource.Blob))
		case *sdk.ResourceLink:
			got = append(got, "link "+c.MIMEType)
			links = append(links, c)
		}
	}
	want := "image image/png fox, link image/png, audio audio/wav bark, link audio/wav, resource model/gltf-binary mesh, link model/gltf-binary, link video/mp4, link , text done"
	if strings.Join(got, ", ") != want || r.Meta["conduit/usage"] != 3.0 {
		t.Fatalf("%v\n%v, want\n%s", r.Meta, got, want)
	}
	read, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: links[3].URI})
	if err != nil || len(read.Contents[0].Blob) != inlineMost+1 || read.Contents[0].MIMEType != "video/mp4" || *links[3].Size != inlineMost+1 {
		t.Errorf("%v", err)
	}
	if text := textOf(t, call(t, s, "a_b", map[string]any{"audio": links[1].URI})); text != "read bark" {
		t.Errorf("%q", text)
	}
	if _, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: resourcePrefix + "..%2Fsecret"}); err == nil {
		t.Error("a result that is none was read")
	}
}

func TestResultsGo(t *testing.T) {
	t.Parallel()
	r := results{dir: t.TempDir(), most: 10}
	var kept []result
	for range 3 {
		each, err := r.add(plugin.Media{Type: "image", MIME: "image/png", Data: []byte("12345")})
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, each)
	}
	if _, _, err := r.find(kept[0].uri()); err == nil {
		t.Error("the oldest is still there")
	}
	if _, err := os.Stat(kept[0].path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	for _, each := range kept[1:] {
		if path, _, err := r.find(each.uri()); err != nil || path != each.path {
			t.Error(err)
		}
	}
}

// TestCallProgress: numbers grow, pieces of text are messages, and nothing is told that was not asked for.
func TestCallProgress(t *testing.T) {
	t.Parallel()
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: func(_ context.Context, req project.RunRequest) (plugin.Response, error) {
		if req.Progress == nil {
			return plugin.Response{Outputs: []plugin.Media{plugin.Text("quiet")}}, nil
		}
		for _, p := range []plugin.Progress{{Fraction: -1, Message: "loading"}, {Fraction: 0.4}, {Fraction: 0.4, Message: "same"}, {Fraction: -1, Partial: "once "}, {Fraction: 1}} {
			req.Progress(p)
		}
		return plugin.Response{Outputs: []plugin.Media{plugin.Text("done")}}, nil
	}}
	told := make(chan *sdk.ProgressNotificationParams, 10)
	s := connect(t, h, Options{}, &sdk.ClientOptions{ProgressNotificationHandler: func(_ context.Context, req *sdk.ProgressNotificationClientRequest) { told <- req.Params }})
	if text := textOf(t, call(t, s, "a_b", map[string]any{"text": "x"})); text != "quiet" {
		t.Error(text)
	}
	params := &sdk.CallToolParams{Name: "a_b", Arguments: map[string]any{"text": "x"}}
	params.SetProgressToken("t1")
	if _, err := s.CallTool(t.Context(), params); err != nil {
		t.Fatal(err)
	}
	last := -1.0
	for _, want := range []string{"loading", "", "same", "once ", ""} {
		p := <-told
		if p.Message != want || p.Progress <= last || p.ProgressToken != "t1" {
			t.Errorf("%+v, want more than %g and %q", p, last, want)
		}
		last = p.Progress
	}
	if last != 100 {
		t.Errorf("ends at %g", last)
	}
}

// TestCancel: the client's cancellation reaches the provider.
func TestCancel(t *testing.T) {
	t.Parallel()
	running, cancelled := make(chan struct{}), make(chan struct{})
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: func(ctx context.Context, _ project.RunRequest) (plugin.Response, error) {
		close(running)
		<-ctx.Done()
		close(cancelled)
		return plugin.Response{}, ctx.Err()
	}}
	s := connect(t, h, Options{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-running
		cancel()
	}()
	if _, err := s.CallTool(ctx, &sdk.CallToolParams{Name: "a_b", Arguments: map[string]any{"text": "x"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	<-cancelled
}

func TestErrors(t *testing.T) {
	t.Parallel()
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: func(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
		switch req.Inputs[0].Text {
		case "slow":
			<-ctx.Done()
			return plugin.Response{}, ctx.Err()
		case "gone":
			return plugin.Response{Outputs: []plugin.Media{{Type: "image", MIME: "image/png", Path: filepath.Join(os.TempDir(), "no-such-output.png")}}}, nil
		}
		return plugin.Response{}, &report.Error{Kind: report.Provider, Where: "provider a", What: "its model failed", Why: "overloaded", Next: "wait", Retryable: true}
	}}
	s := connect(t, h, Options{Timeout: 1}, nil)
	for text, wants := range map[string][]string{
		"x":    {"provider a: its model failed: overloaded", "next: wait", "the same call may succeed later"},
		"slow": {"it took longer than 1ns", "conduit mcp serve --timeout 2ns"},
		"gone": {"names an output that cannot be read", "next: tell the provider's author"},
	} {
		r := call(t, s, "a_b", map[string]any{"text": text})
		for _, want := range wants {
			if got := textOf(t, r); !r.IsError || !strings.Contains(got, want) {
				t.Errorf("%s: %v %q, want %q", text, r.IsError, got, want)
			}
		}
	}
}
