package openai

import (
	"context"
	"net/http"
	"os"
	"strconv"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// speechRequest is the body of POST /v1/audio/speech, as far as it is understood.
type speechRequest struct {
	Model          string   `json:"model"`
	Input          string   `json:"input"`
	Voice          string   `json:"voice"`
	Instructions   string   `json:"instructions"`
	ResponseFormat string   `json:"response_format"` // "mp3", "wav", …
	Speed          *float64 `json:"speed"`
	StreamFormat   string   `json:"stream_format"`
}

// Speech answers POST /v1/audio/speech, with the sound that the model makes: its Content-Type tells the format, which models need
// not choose as asked.
func (a *API) Speech(w http.ResponseWriter, r *http.Request) error {
	var req speechRequest
	return a.run(r, &req, noFile, func(ctx context.Context, dir string) error {
		if req.Input == "" {
			return failure.Usage("there is no input", `"input": "what to say"`)
		}
		if req.StreamFormat != "" && req.StreamFormat != "audio" {
			return unsupported("stream_format "+req.StreamFormat, "leave it out")
		}
		response, err := a.call(ctx, call.Request{Model: req.Model, Capability: "text-to-audio", Text: req.Input, Parameters: parameters(map[string]any{
			"voice": req.Voice, "instructions": req.Instructions, "format": req.ResponseFormat, "speed": req.Speed,
		})}, dir, nil)
		if err != nil {
			return err
		}
		for _, m := range response.Outputs {
			if m.Type != "audio" || m.URL != "" {
				continue
			}
			kind := m.MIME
			if kind == "" {
				kind = "application/octet-stream"
			}
			w.Header().Set("Content-Type", kind)
			size := int64(len(m.Data))
			if m.Path != "" {
				if info, err := os.Stat(m.Path); err == nil {
					size = info.Size()
				}
			}
			w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
			return call.Copy(w, m)
		}
		return &report.Error{Kind: report.Provider, What: "the model made no sound", Next: "use a model with the capability text-to-audio, see GET /v1/models"}
	})
}
