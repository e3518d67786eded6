package gateway_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"reflect"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/gateway"
)

func TestChat(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	ask := func(body string) answer { return s.ask("POST", "/v1/chat/completions", body) }
	ask(`{"model":"studio/echo","messages":[{"role":"user","content":"moo"}],"service_tier":"auto"}`).want(t, 200,
		`"object":"chat.completion"`, `"message":{"role":"assistant","content":"text moo"}`, `"finish_reason":"stop"`, `"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}`)
	ask(`{"model":"tell","max_tokens":5,"temperature":0,"stop":"end","seed":7,"messages":[
		{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Who?"}]},{"role":"assistant","content":"I."},{"role":"user","content":"Why?"}]}`).want(t, 200)
	got := s.host.last(t)
	if want := "Be brief.\n\nUser: Who?\n\nAssistant: I.\n\nUser: Why?\n\nAssistant:"; got.Inputs[0].Text != want {
		t.Errorf("the prompt is %q", got.Inputs[0].Text)
	}
	messages := []any{}
	for _, m := range [][2]string{{"system", "Be brief."}, {"user", "Who?"}, {"assistant", "I."}, {"user", "Why?"}} {
		messages = append(messages, map[string]any{"role": m[0], "content": m[1]})
	}
	if want := map[string]any{"maxOutputTokens": 5, "temperature": 0.0, "stopSequences": []any{"end"}, "seed": 7, "messages": messages}; !reflect.DeepEqual(got.Parameters, want) {
		t.Errorf("got  %#v\nwant %#v", got.Parameters, want)
	}
	image := base64.StdEncoding.EncodeToString([]byte("png"))
	ask(`{"model":"studio/echo","messages":[{"role":"user","content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,`+image+`"}}]}]}`).want(t, 200)
	if got := s.host.last(t); got.Capability != "image-to-text" || got.Inputs[0].Text != "What?" || got.Inputs[1].MIME != "image/png" || string(got.Inputs[1].Data) != "png" {
		t.Errorf("got %+v", got)
	}

	for body, want := range map[string]string{
		`"messages":[]`: "there are no messages",
		`"messages":[{"role":"user","content":""}]`:                                                                  "the messages are empty",
		`"messages":[{"role":"cow","content":"moo"}]`:                                                                "means nothing",
		`"messages":[{"role":"tool","content":"moo"}]`:                                                               "cannot be had",
		`"messages":[{"role":"user","content":7}]`:                                                                   "neither a text nor a list",
		`"messages":[{"role":"user","content":[{"type":"input_audio"}]}]`:                                            "cannot be had",
		`"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://127.0.0.1/a.png"}}]}]`: "by its address",
		`"n":2,"messages":[{"role":"user","content":"moo"}]`:                                                         "n other than 1",
		`"tools":[{"type":"function"}],"messages":[{"role":"user","content":"moo"}]`:                                 "tools",
	} {
		ask(`{"model":"studio/echo",`+body+`}`).want(t, 400, want, `"type":"invalid_request_error"`)
	}
	ask(`{"model":"nothing","messages":[{"role":"user","content":"moo"}]}`).want(t, 404, `"code":"not-found"`)
	ask(`{"model":"studio/crash","messages":[{"role":"user","content":"moo"}]}`).want(t, 502, `"type":"server_error"`, `"retryable":true`)
	ask(`{"model":"studio/crash","stream":true,"messages":[{"role":"user","content":"moo"}]}`).want(t, 502, `"type":"server_error"`)
}

func TestChatStream(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for model, want := range map[string][]string{"tell": {"", "once ", "upon ", "a time"}, "studio/echo": {"", "text moo"}} {
		got := s.ask("POST", "/v1/chat/completions", `{"model":"`+model+`","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"moo"}]}`).want(t, 200)
		var pieces []string
		finished, used := false, false
		for _, line := range strings.Split(strings.TrimSpace(string(got.body)), "\n\n") {
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok || data == "[DONE]" {
				continue
			}
			var chunk struct {
				Object  string
				Choices []struct {
					Delta        struct{ Content *string }
					FinishReason *string `json:"finish_reason"`
				}
				Usage *struct{}
			}
			if err := json.Unmarshal([]byte(data), &chunk); err != nil || chunk.Object != "chat.completion.chunk" {
				t.Fatalf("%v: %s", err, data)
			}
			used = used || chunk.Usage != nil
			for _, c := range chunk.Choices {
				if c.Delta.Content != nil {
					pieces = append(pieces, *c.Delta.Content)
				}
				finished = finished || c.FinishReason != nil
			}
		}
		if !reflect.DeepEqual(pieces, want) || !finished || used != (model == "studio/echo") || !strings.HasSuffix(string(got.body), "data: [DONE]\n\n") {
			t.Errorf("%s: got %q, finished %v, usage %v\n%s", model, pieces, finished, used, got.body)
		}
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Public = "https://gateway.example/" })
	ask := func(body string) answer { return s.ask("POST", "/v1/images/generations", body) }
	var got struct {
		Data []struct {
			B64 []byte `json:"b64_json"`
			URL string
		}
	}
	ask(`{"model":"draw","prompt":"a fox","n":2,"size":"640x480","quality":"high"}`).want(t, 200).read(t, &got)
	if len(got.Data) != 2 || string(got.Data[1].B64) != "\x89PNG drawn: a fox" {
		t.Errorf("got %+v", got)
	}
	if p := s.host.last(t).Parameters; p["width"] != 640 || p["height"] != 480 || p["quality"] != "high" {
		t.Errorf("got %v", p)
	}
	ask(`{"model":"draw","prompt":"a fox","response_format":"url"}`).want(t, 200).read(t, &got)
	path, ok := strings.CutPrefix(got.Data[0].URL, "https://gateway.example")
	if !ok {
		t.Errorf("got %s", got.Data[0].URL)
	}
	s.ask("GET", path, "").want(t, 200, "drawn: a fox")
	ask(`{"model":"studio/echo","prompt":"a fox"}`).want(t, 502, "made no image")
	for body, want := range map[string]string{`"prompt":"a","n":11`: "from 1 to 10", `"n":1`: "no prompt", `"prompt":"a","size":"big"`: "1024x1024", `"prompt":"a","response_format":"png"`: "b64_json", `"prompt":"a","stream":true`: "text/event-stream"} {
		ask(`{"model":"draw",`+body+`}`).want(t, 400, want)
	}
}

func TestAudio(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	said := s.ask("POST", "/v1/audio/speech", `{"model":"say","input":"hello","voice":"alloy","speed":1.5}`).want(t, 200)
	if string(said.body) != "ID3 hello" || said.Header.Get("Content-Type") != "audio/mpeg" {
		t.Errorf("got %s %q", said.Header.Get("Content-Type"), said.body)
	}
	if p := s.host.last(t).Parameters; p["voice"] != "alloy" || p["speed"] != 1.5 {
		t.Errorf("got %v", p)
	}
	s.ask("POST", "/v1/audio/speech", `{"model":"studio/echo","input":"hello"}`).want(t, 502, "made no sound")
	s.ask("POST", "/v1/audio/speech", `{"model":"say"}`).want(t, 400, "no input")
	hear := func(path string, fields ...string) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for i := 0; i < len(fields); i += 2 {
			if err := w.WriteField(fields[i], fields[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		part, err := w.CreateFormFile("file", "speech.wav")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte("RIFF")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return s.ask("POST", "/v1/audio/"+path, body.String(), "Content-Type", w.FormDataContentType())
	}
	hear("transcriptions", "model", "hear", "language", "de", "temperature", "0.5", "timestamp_granularities[]", "word", "timestamp_granularities[]", "segment").want(t, 200, `{"text":"heard 4 bytes"}`)
	if p := s.host.last(t).Parameters; p["task"] != "transcribe" || p["language"] != "de" || p["temperature"] != 0.5 || p["word_timestamps"] != true {
		t.Errorf("got %v", p)
	}
	hear("translations", "model", "hear").want(t, 200, `{"text":"heard 4 bytes"}`)
	if p := s.host.last(t).Parameters; p["task"] != "translate" {
		t.Errorf("got %v", p)
	}
	hear("transcriptions", "model", "hear", "response_format", "verbose_json").want(t, 200, `"language":"en"`, `"segments":[`, `"task":"transcribe"`)
	for format, want := range map[string]string{
		"text": "heard 4 bytes\n", "srt": "1\n00:00:00,000 --> 00:01:01,500\nheard\n\n", "vtt": "WEBVTT\n\n00:00:00.000 --> 00:01:01.500\nheard\n\n",
	} {
		if got := hear("transcriptions", "model", "hear", "response_format", format).want(t, 200); string(got.body) != want {
			t.Errorf("%s: got %q", format, got.body)
		}
	}
	hear("transcriptions", "model", "studio/echo", "response_format", "srt").want(t, 400, "tells no times")
	hear("transcriptions", "model", "hear", "response_format", "html").want(t, 400, "verbose_json")
	hear("transcriptions", "model", "hear", "stream", "true").want(t, 200, `{"delta":"heard 4 bytes","type":"transcript.text.delta"}`, `"type":"transcript.text.done"`, "[DONE]")
	s.ask("POST", "/v1/audio/transcriptions", `{"model":"hear"}`).want(t, 400, "-F file=@speech.wav")
}

func TestOpenAIModels(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.ask("GET", "/v1/models", "").want(t, 200, `"id":"studio/draw","object":"model"`, `"owned_by":"ill"`)
	s.ask("GET", "/v1/models/studio/draw", "").want(t, 200, `"capabilities":["text-to-image"]`)
	s.ask("GET", "/v1/models/studio%2Fdraw", "").want(t, 200, `"id":"studio/draw"`)
	s.ask("GET", "/v1/models/nothing", "").want(t, 404, "GET /v1/models")
	s.ask("GET", "/v1/nothing", "").want(t, 404, `"type":"invalid_request_error"`)
}
