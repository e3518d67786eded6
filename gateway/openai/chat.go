package openai

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/sse"
)

// chatRequest is the body of POST /v1/chat/completions, as far as it is understood.
type chatRequest struct {
	Model         string    `json:"model"`
	Messages      []message `json:"messages"`
	Stream        bool      `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	N                   *int            `json:"n"`
	Tools               json.RawMessage `json:"tools"`
	Functions           json.RawMessage `json:"functions"`
	Temperature         *float64        `json:"temperature"`
	TopP                *float64        `json:"top_p"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	Stop                json.RawMessage `json:"stop"`
	Seed                *int            `json:"seed"`
	PresencePenalty     *float64        `json:"presence_penalty"`
	FrequencyPenalty    *float64        `json:"frequency_penalty"`
	ResponseFormat      json.RawMessage `json:"response_format"`
}

// completion is an answer, or a chunk of one.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"` // seconds of Unix time
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index        int     `json:"index"`
	Message      *said   `json:"message,omitempty"`
	Delta        *said   `json:"delta,omitempty"`
	LogProbs     any     `json:"logprobs"`
	FinishReason *string `json:"finish_reason"`
}

type said struct {
	Role    string  `json:"role,omitempty"`
	Content *string `json:"content,omitempty"`
	Refusal any     `json:"refusal,omitempty"`
}

var stopped = "stop"

// Chat answers POST /v1/chat/completions.
func (a *API) Chat(w http.ResponseWriter, r *http.Request) error {
	var req chatRequest
	return a.run(r, &req, noFile, func(ctx context.Context, dir string) error {
		asked, err := req.request()
		if err != nil {
			return err
		}
		out := completion{ID: "chatcmpl-" + rand.Text(), Object: "chat.completion", Created: time.Now().Unix(), Model: req.Model}
		if req.Stream {
			return a.chatStream(ctx, w, asked, dir, out, req.StreamOptions.IncludeUsage)
		}
		response, err := a.call(ctx, asked, dir, nil)
		if err != nil {
			return err
		}
		content := text(response)
		out.Choices = []choice{{Message: &said{Role: "assistant", Content: &content}, FinishReason: &stopped}}
		out.Usage = usageOf(response)
		return answer(w, out)
	})
}

// noFile is given to requests that have no files.
func noFile(string, call.Input) {}

// request is what the model is asked.
func (c *chatRequest) request() (call.Request, error) {
	if c.N != nil && *c.N != 1 {
		return call.Request{}, unsupported("n other than 1", "leave it out, and make several requests")
	}
	if given(c.Tools) || given(c.Functions) {
		return call.Request{}, unsupported("tools", "leave them out: models of this contract call no tools")
	}
	prompt, turns, images, err := conversation(c.Messages)
	if err != nil {
		return call.Request{}, err
	}
	if prompt == "" && len(images) == 0 {
		return call.Request{}, failure.Usage("the messages are empty", `"messages": [{"role": "user", "content": "…"}]`)
	}
	most := c.MaxCompletionTokens
	if most == nil {
		most = c.MaxTokens
	}
	stop := c.Stop
	var one string
	if json.Unmarshal(stop, &one) == nil && one != "" {
		stop, err = json.Marshal([]string{one})
		if err != nil {
			return call.Request{}, err
		}
	}
	options := parameters(map[string]any{
		"temperature": c.Temperature, "topP": c.TopP, "maxOutputTokens": most, "stopSequences": stop, "seed": c.Seed,
		"presencePenalty": c.PresencePenalty, "frequencyPenalty": c.FrequencyPenalty, "responseFormat": c.ResponseFormat,
	})
	options["messages"] = turns
	out := call.Request{Model: c.Model, Capability: "text-to-text", Text: prompt, Inputs: images, Parameters: options}
	if len(images) > 0 {
		out.Capability = "image-to-text"
	}
	return out, nil
}

func given(raw json.RawMessage) bool {
	text := strings.TrimSpace(string(raw))
	return text != "" && text != "null" && text != "[]"
}

// chatStream answers in chunks, each as soon as the provider has it.
func (a *API) chatStream(ctx context.Context, w http.ResponseWriter, asked call.Request, dir string, out completion, withUsage bool) error {
	out.Object = "chat.completion.chunk"
	var stream *sse.Stream
	// An answer that fails before its first piece is a plain error, with a status that clients look at.
	begin := func() {
		if stream == nil {
			stream = sse.Begin(w)
			empty := ""
			out.Choices = []choice{{Delta: &said{Role: "assistant", Content: &empty}}}
			_ = stream.Send("", "", out) // a client that is gone ends ctx
		}
	}
	var sent strings.Builder
	piece := func(text string) {
		begin()
		sent.WriteString(text)
		out.Choices = []choice{{Delta: &said{Content: &text}}}
		_ = stream.Send("", "", out) // as above
	}
	response, err := a.call(ctx, asked, dir, func(p plugin.Progress) {
		if p.Partial != "" {
			piece(p.Partial)
		}
	})
	if err != nil && stream == nil {
		return err
	}
	begin()
	defer stream.Close()
	if err != nil {
		return stream.Send("", "", ErrorOf(failure.Of(call.Explained(ctx, err))))
	}
	if rest := remaining(sent.String(), text(response)); rest != "" {
		piece(rest)
	}
	out.Choices = []choice{{Delta: &said{}, FinishReason: &stopped}}
	_ = stream.Send("", "", out) // as above
	if used := usageOf(response); withUsage && used != nil {
		out.Choices, out.Usage = []choice{}, used
		_ = stream.Send("", "", out) // as above
	}
	_ = stream.SendText("", "", "[DONE]") // as above
	return nil
}

// remaining is what of an answer was not among the pieces: its end, or nothing where the pieces were drafts of it, which a client
// cannot be told to forget.
func remaining(sent, whole string) string {
	if rest, ok := strings.CutPrefix(whole, sent); ok {
		return rest
	}
	return ""
}
