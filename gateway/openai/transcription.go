package openai

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/sse"
)

// transcriptionRequest is the form of POST /v1/audio/transcriptions and translations, as far as it is understood.
type transcriptionRequest struct {
	Model          string   `json:"model"`
	Language       string   `json:"language"`
	Prompt         string   `json:"prompt"`
	ResponseFormat string   `json:"response_format"` // "json" (where it is left out, too), "text", "verbose_json", "srt" or "vtt"
	Temperature    *float64 `json:"temperature"`
	Granularities  []string `json:"timestamp_granularities"`
	Stream         bool     `json:"stream"`
}

// Transcriptions answers POST /v1/audio/transcriptions.
func (a *API) Transcriptions(w http.ResponseWriter, r *http.Request) error {
	return a.hear(w, r, "transcribe")
}

// Translations answers POST /v1/audio/translations. The model gets the parameter task, which is what Whisper calls it.
func (a *API) Translations(w http.ResponseWriter, r *http.Request) error {
	return a.hear(w, r, "translate")
}

func (a *API) hear(w http.ResponseWriter, r *http.Request, task string) error {
	var req transcriptionRequest
	var sound []call.Input
	keep := func(name string, in call.Input) {
		if name == "file" {
			in.Type = "audio" // also where a recorder's file is a video by its name
			sound = append(sound, in)
		}
	}
	return a.run(r, &req, keep, func(ctx context.Context, dir string) error {
		if len(sound) != 1 {
			return failure.Usage("there has to be one file", "send multipart/form-data with a field file: curl -F file=@speech.wav -F model=NAME/MODEL")
		}
		switch req.ResponseFormat {
		case "", "json", "text", "verbose_json", "srt", "vtt":
		default:
			return failure.Usage("response_format "+req.ResponseFormat+" means nothing", "use json, text, verbose_json, srt or vtt")
		}
		options := parameters(map[string]any{"language": req.Language, "prompt": req.Prompt, "temperature": req.Temperature, "task": task})
		for _, each := range req.Granularities {
			if each == "word" {
				options["word_timestamps"] = true
			}
		}
		asked := call.Request{Model: req.Model, Capability: "audio-to-text", Inputs: sound, Parameters: options}
		if req.Stream {
			return a.hearStream(ctx, w, asked, dir)
		}
		response, err := a.call(ctx, asked, dir, nil)
		if err != nil {
			return err
		}
		return transcribed(w, response, req.ResponseFormat, task)
	})
}

// hearStream answers with what is heard, as soon as it is.
func (a *API) hearStream(ctx context.Context, w http.ResponseWriter, asked call.Request, dir string) error {
	var stream *sse.Stream
	var sent strings.Builder
	piece := func(text string) {
		if stream == nil {
			stream = sse.Begin(w)
		}
		sent.WriteString(text)
		_ = stream.Send("", "", map[string]string{"type": "transcript.text.delta", "delta": text}) // a client that is gone ends ctx
	}
	response, err := a.call(ctx, asked, dir, func(p plugin.Progress) {
		if p.Partial != "" {
			piece(p.Partial)
		}
	})
	if err != nil && stream == nil {
		return err
	}
	if stream == nil {
		stream = sse.Begin(w)
	}
	defer stream.Close()
	if err != nil {
		return stream.Send("", "", ErrorOf(failure.Of(call.Explained(ctx, err))))
	}
	if rest := remaining(sent.String(), text(response)); rest != "" {
		piece(rest)
	}
	_ = stream.Send("", "", map[string]string{"type": "transcript.text.done", "text": text(response)}) // as above
	_ = stream.SendText("", "", "[DONE]")                                                              // as above
	return nil
}

// transcribed answers in the format that was asked for.
func transcribed(w http.ResponseWriter, response plugin.Response, format, task string) error {
	heard := text(response)
	var about map[string]any
	if len(response.Outputs) > 0 {
		about = response.Outputs[0].Metadata
	}
	switch format {
	case "text":
		return plain(w, "text/plain; charset=utf-8", strings.TrimSuffix(heard, "\n")+"\n")
	case "srt", "vtt":
		all := segments(about)
		if len(all) == 0 {
			return unsupported("response_format "+format+" of this model, which tells no times", "use json or text")
		}
		if format == "srt" {
			return plain(w, "application/x-subrip; charset=utf-8", subtitles(all, ",", true))
		}
		return plain(w, "text/vtt; charset=utf-8", "WEBVTT\n\n"+subtitles(all, ".", false))
	case "verbose_json":
		out := map[string]any{"task": task, "text": heard}
		for _, key := range []string{"language", "duration", "segments", "words"} {
			if about[key] != nil {
				out[key] = about[key]
			}
		}
		return answer(w, out)
	}
	return answer(w, map[string]any{"text": heard})
}

func plain(w http.ResponseWriter, kind, text string) error {
	w.Header().Set("Content-Type", kind)
	_, err := io.WriteString(w, text)
	return err
}
