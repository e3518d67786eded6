package call

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/failure"
)

// Request is what a client asks of a model.
type Request struct {
	Model      string         `json:"model"`                // NAME/MODEL, NAME where the inputs tell the model, or a MODEL that only one provider has
	Capability string         `json:"capability,omitempty"` // "text-to-image"; "" for any
	Text       string         `json:"text,omitempty"`       // short for a first input of type text
	Inputs     []Input        `json:"inputs,omitempty"`
	Parameters map[string]any `json:"parameters,omitempty"` // the model's options
	Timeout    float64        `json:"timeout,omitempty"`    // seconds; 0 for the gateway's own limit
	Delivery   Delivery       `json:"delivery,omitempty"`
}

// Input is one piece of media in a request.
type Input struct {
	Type string `json:"type,omitempty"` // "text", "image", "audio", "video", "3d" or "file"; "" for what the media type tells
	MIME string `json:"mime,omitempty"` // "image/png"
	Text string `json:"text,omitempty"` // content of a text
	Data []byte `json:"data,omitempty"` // content of anything else; base64 in JSON
	Path string `json:"-"`              // of a file that was uploaded
}

// Delivery is how outputs other than text come.
type Delivery string

// The ways of delivery.
const (
	Auto   Delivery = ""       // inline up to [plugin.MaxInline] bytes, larger ones by link
	Inline Delivery = "inline" // base64 within the JSON
	Link   Delivery = "link"   // by an address of the gateway
)

// Media are the inputs as a provider takes them, those of text joined to one, since models of text look at their first
// input only. What is too large for a message is written to a file in dir.
func (r *Request) Media(dir string) ([]plugin.Media, error) {
	if r.Delivery != Auto && r.Delivery != Inline && r.Delivery != Link {
		return nil, failure.Usage(fmt.Sprintf("delivery %q means nothing", r.Delivery), `use "inline" or "link", or leave it out`)
	}
	if r.Timeout < 0 || math.IsNaN(r.Timeout) {
		return nil, failure.Usage("timeout is in the past", `"timeout": 30    seconds`)
	}
	var texts []string
	if r.Text != "" {
		texts = append(texts, r.Text)
	}
	var out []plugin.Media
	for i, in := range r.Inputs {
		m, err := in.media(dir, i)
		if err != nil {
			return nil, err
		}
		if m.Type == "text" {
			texts = append(texts, m.Text)
			continue
		}
		out = append(out, m)
	}
	if len(texts) > 0 { // what to do comes before what to do it with
		text := strings.Join(texts, "\n\n")
		if !utf8.ValidString(text) {
			return nil, failure.Usage("the text is not valid UTF-8", "send it in UTF-8")
		}
		out = slices.Insert(out, 0, plugin.Text(text))
	}
	if len(out) == 0 {
		return nil, failure.Usage("there is nothing to run on", `give it "text": "…", or "inputs"`)
	}
	return out, nil
}

func (in Input) media(dir string, i int) (plugin.Media, error) {
	what := fmt.Sprintf("inputs[%d]", i)
	kind := in.Type
	if kind == "" && in.Text != "" {
		kind = "text"
	}
	if kind == "" {
		if in.MIME == "" {
			return plugin.Media{}, failure.Usage(what+" does not say what it is", `give it "type": "image", or "mime": "image/png"`)
		}
		kind = media.Kind(in.MIME)
	}
	if !slices.Contains([]string{"text", "image", "audio", "video", "3d", "file"}, kind) {
		return plugin.Media{}, failure.Usage(fmt.Sprintf("%s has the type %q, which means nothing", what, kind), "use text, image, audio, video, 3d or file")
	}
	m := plugin.Media{Type: kind, MIME: in.MIME, Text: in.Text, Path: in.Path, Data: in.Data}
	switch {
	case kind == "text" && in.Path != "":
		data, err := os.ReadFile(in.Path)
		if err != nil {
			return plugin.Media{}, storeError(err)
		}
		m.Text, m.Path = string(data), ""
	case kind == "text":
		if m.Text == "" {
			m.Text = string(in.Data)
		}
		m.Data = nil
	case in.Text != "":
		return plugin.Media{}, failure.Usage(what+" is of type "+kind+" and has a text", `put its bytes into "data", in base64, or send it as a file of a form (multipart/form-data)`)
	case in.Path == "" && len(in.Data) == 0:
		return plugin.Media{}, failure.Usage(what+" is empty", `put its bytes into "data", in base64, or send it as a file of a form (multipart/form-data)`)
	case len(in.Data) > plugin.MaxInline:
		m.Data, m.Path = nil, filepath.Join(dir, fmt.Sprintf("input-%d%s", i, media.Extension(in.MIME)))
		if err := os.WriteFile(m.Path, in.Data, 0o600); err != nil {
			return plugin.Media{}, storeError(err)
		}
	}
	return m, nil
}

// Limit is the time that the request may take: what it asks for, at most the gateway's own limit.
func (r *Request) Limit(most time.Duration) time.Duration {
	if r.Timeout == 0 || r.Timeout >= most.Seconds() {
		return most
	}
	return time.Duration(r.Timeout * float64(time.Second))
}
