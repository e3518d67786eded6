package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/gateway"
)

func TestProject(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) {
		o.Services = func(_ context.Context) ([]service.Status, error) {
			return []service.Status{{Name: "cowsay-service", Running: true, Health: "healthy"}}, nil
		}
	})
	s.ask("GET", "/api/v1/providers", "").want(t, 200, `{"providers":[{"name":"ill"},{"name":"studio"}]}`)
	s.ask("GET", "/api/v1/providers/studio/health", "").want(t, 200, `"available":true`)
	s.ask("GET", "/api/v1/providers/ill/health", "").want(t, 502, `"retryable":true`)
	s.ask("GET", "/api/v1/providers/nobody/health", "").want(t, 404, `"kind":"not-found"`, "GET /api/v1/providers")
	s.ask("GET", "/api/v1/models?capability=text-to-image", "").want(t, 200, `"id":"draw"`, `"provider":"studio"`)
	s.ask("GET", "/api/v1/models", "").want(t, 200, `"id":"hear"`)
	if s.host.asked != 1 {
		t.Errorf("the providers were asked %d times for their models", s.host.asked)
	}
	s.ask("GET", "/api/v1/services", "").want(t, 200, `"name":"cowsay-service"`)
	s.ask("GET", "/healthz", "").want(t, 200)
	s.ask("GET", "/readyz", "").want(t, 200)
	s.ask("GET", "/nothing", "").want(t, 404, "/openapi.json")
	if got := s.ask("PUT", "/api/v1/transform", "{}").want(t, 405, "use POST"); got.Header.Get("Allow") != "POST" {
		t.Errorf("Allow: %s", got.Header.Get("Allow"))
	}
}

func TestTransform(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"moo"}`).want(t, 200, `"text":"text moo"`, `"promptTokens":3`)
	s.ask("POST", "/api/v1/transform", `{"model":"studio","text":"moo"}`).want(t, 200, `"text":"text moo"`)
	s.ask("POST", "/api/v1/transform", `{"model":"tell","text":"moo"}`).want(t, 200, `once upon a time`)
	if got := s.host.last(t); got.Provider != "studio" || got.Model != "tell" {
		t.Errorf("called %s/%s", got.Provider, got.Model)
	}
	s.ask("POST", "/api/v1/transform", `{"model":"echo","text":"moo"}`).want(t, 400, "several providers", "ill/echo, studio/echo")
	s.ask("POST", "/api/v1/transform", `{"model":"nothing","text":"moo"}`).want(t, 404, "the providers are ill, studio")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo"}`).want(t, 400, "nothing to run on")
	s.ask("POST", "/api/v1/transform", `{"text":"moo"}`).want(t, 400, "no model is named")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","txt":"moo"}`).want(t, 400, `unknown field`, "/openapi.json")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"moo"} more`).want(t, 400, "one object")
	s.ask("POST", "/api/v1/transform", `moo`, "Content-Type", "text/plain").want(t, 415, "multipart/form-data")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/crash","text":"moo"}`).want(t, 502, `"retryable":true`, "conduit logs studio")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/panic","text":"moo"}`, "X-Request-Id", "mine").want(t, 500, "look for request mine in its log")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/refuse","text":"moo"}`).want(t, 422, "too long", `"retryable":false`)
	s.ask("POST", "/api/v1/transform", `{"model":"studio/wait","text":"moo","timeout":0.01}`).want(t, 504, `"kind":"timeout"`, "allow more time")

	s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","text":"a fox"}`).want(t, 200, `"mime":"image/png"`, base64.StdEncoding.EncodeToString([]byte("\x89PNG drawn: a fox")))
	raw := s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","text":"a fox"}`, "Accept", "image/*")
	if raw.want(t, 200); string(raw.body) != "\x89PNG drawn: a fox" || raw.Header.Get("Content-Type") != "image/png" {
		t.Errorf("got %s %q", raw.Header.Get("Content-Type"), raw.body)
	}
	s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","text":"a fox"}`, "Accept", "audio/*").want(t, 200, `"outputs"`)

	var result struct{ Outputs []struct{ URL string } }
	s.ask("POST", "/api/v1/transform", `{"model":"studio/large","text":"a fox"}`).want(t, 200).read(t, &result)
	file := s.ask("GET", result.Outputs[0].URL, "")
	if file.want(t, 200); len(file.body) != 5*plugin.MaxInline || file.Header.Get("Content-Type") != "image/png" || file.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("got %d bytes of %s", len(file.body), file.Header.Get("Content-Type"))
	}
	s.ask("GET", result.Outputs[0].URL, "", "Range", "bytes=5-9").want(t, 206, "large")
	s.ask("GET", "/files/AAAAAAAAAAAAAAAAAAAAAAAAAA.png", "").want(t, 404, "kept for 24h0m0s")
	s.ask("GET", "/files/..%2f..%2fjobs%2fjobs.db", "").want(t, 404)
	s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","text":"a fox","delivery":"link"}`).want(t, 200, `"url":"/files/`)
	s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","text":"a fox","delivery":"pigeon"}`).want(t, 400, "inline")

	left, err := filepath.Glob(filepath.Join(s.dir, "calls", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("calls left %v, %v", left, err)
	}
}

func TestInputs(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("a"), plugin.MaxInline+1))
	s.ask("POST", "/api/v1/transform", fmt.Sprintf(`{"model":"studio/hear","inputs":[{"mime":"audio/wav","data":%q}]}`, data)).want(t, 200, fmt.Sprintf("heard %d bytes", plugin.MaxInline+1))
	if got := s.host.last(t).Inputs[0]; got.Type != "audio" || !strings.HasSuffix(got.Path, ".wav") {
		t.Errorf("got %+v", got)
	}
	for body, want := range map[string]string{
		`{"type":"image"}`: "is empty", `{"data":"aGk="}`: "does not say what it is", `{"type":"smell","data":"aGk="}`: "means nothing",
		`{"type":"image","text":"x"}`: "has a text", `{"type":"image","url":"http://127.0.0.1/"}`: "unknown field", `{"type":"image","path":"/etc/passwd"}`: "unknown field",
	} {
		s.ask("POST", "/api/v1/transform", `{"model":"studio/draw","inputs":[`+body+`]}`).want(t, 400, want)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"model": "studio/hear", "text": "12", "parameters": `{"seed":7}`, "timeout": "20"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"photo.jpg", "notes.md"} {
		part, err := w.CreateFormFile("input", file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, file)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "/api/v1/transform", form.String(), "Content-Type", w.FormDataContentType()).want(t, 200)
	got := s.host.last(t)
	if got.Inputs[0].Text != "12\n\nnotes.md" || got.Inputs[1].MIME != "image/jpeg" || !strings.HasSuffix(got.Inputs[1].Path, ".jpg") || got.Parameters["seed"] != 7.0 {
		t.Errorf("got %+v", got)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	got := s.ask("POST", "/api/v1/transform", `{"model":"studio/tell","text":"moo"}`, "Accept", "text/event-stream").want(t, http.StatusOK)
	want := "event: partial\ndata: {\"text\":\"once \"}\n\nevent: partial\ndata: {\"text\":\"upon \"}\n\nevent: progress\ndata: {\"fraction\":0.5,\"message\":\"half\"}\n\n" +
		"event: result\ndata: {\"outputs\":[{\"type\":\"text\",\"mime\":\"text/plain\",\"text\":\"once upon a time\"}]}\n\n"
	if string(got.body) != want {
		t.Errorf("got\n%s\nwant\n%s", got.body, want)
	}
	s.ask("POST", "/api/v1/transform", `{"model":"studio/crash","text":"moo"}`, "Accept", "text/event-stream").want(t, 200, "event: error\n", `"retryable":true`)
}
