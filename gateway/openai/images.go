package openai

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// imagesMost is how many images one request may ask for.
const imagesMost = 10

// imagesRequest is the body of POST /v1/images/generations, as far as it is understood.
type imagesRequest struct {
	Model          string `json:"model"`
	Prompt         string `json:"prompt"`
	N              *int   `json:"n"`
	Size           string `json:"size"` // "1024x1024", or "auto"
	Quality        string `json:"quality"`
	Style          string `json:"style"`
	Background     string `json:"background"`
	OutputFormat   string `json:"output_format"`
	ResponseFormat string `json:"response_format"` // "b64_json" (where it is left out, too) or "url"
	Stream         bool   `json:"stream"`
	Seed           *int   `json:"seed"` // ours
}

// image is one image of an answer.
type image struct {
	B64 []byte `json:"b64_json,omitempty"`
	URL string `json:"url,omitempty"`
}

// Images answers POST /v1/images/generations. A model makes one image for each call, or as many as it likes: it is called until
// there are as many as were asked for.
func (a *API) Images(w http.ResponseWriter, r *http.Request) error {
	var req imagesRequest
	return a.run(r, &req, noFile, func(ctx context.Context, dir string) error {
		n, asked, err := req.request()
		if err != nil {
			return err
		}
		data := []image{}
		for len(data) < n {
			response, err := a.call(ctx, asked, dir, nil)
			if err != nil {
				return err
			}
			before := len(data)
			for _, m := range response.Outputs {
				if m.Type != "image" || len(data) == n {
					continue
				}
				var one image
				switch {
				case m.URL != "":
					one.URL = m.URL
				case req.ResponseFormat == "url":
					name, err := a.Files.Add(m, dir)
					if err != nil {
						return err
					}
					one.URL = a.link(r, name)
				default:
					if one.B64, err = call.Bytes(m); err != nil {
						return err
					}
				}
				data = append(data, one)
			}
			if len(data) == before {
				return &report.Error{Kind: report.Provider, What: "the model made no image", Next: "use a model with the capability text-to-image, see GET /v1/models"}
			}
		}
		return answer(w, map[string]any{"created": time.Now().Unix(), "data": data})
	})
}

func (i *imagesRequest) request() (n int, asked call.Request, err error) {
	n = 1
	if i.N != nil {
		n = *i.N
	}
	if n < 1 || n > imagesMost {
		return 0, asked, failure.Usage(fmt.Sprintf("n is %d", n), fmt.Sprintf("use a number from 1 to %d", imagesMost))
	}
	if i.ResponseFormat != "" && i.ResponseFormat != "url" && i.ResponseFormat != "b64_json" {
		return 0, asked, failure.Usage("response_format "+i.ResponseFormat+" means nothing", "use b64_json or url")
	}
	if i.Stream {
		return 0, asked, unsupported("stream of images", "leave it out, or use POST /api/v1/transform with Accept: text/event-stream")
	}
	if i.Prompt == "" {
		return 0, asked, failure.Usage("there is no prompt", `"prompt": "a red fox"`)
	}
	options := parameters(map[string]any{"quality": i.Quality, "style": i.Style, "background": i.Background, "outputFormat": i.OutputFormat, "seed": i.Seed})
	if i.Size != "" && i.Size != "auto" {
		var width, height int
		wide, high, _ := strings.Cut(i.Size, "x")
		if _, err := fmt.Sscan(wide+" "+high, &width, &height); err != nil || width < 1 || height < 1 {
			return 0, asked, failure.Usage("size "+i.Size+" means nothing", `"size": "1024x1024"`)
		}
		options["size"], options["width"], options["height"] = i.Size, width, height
	}
	return n, call.Request{Model: i.Model, Capability: "text-to-image", Text: i.Prompt, Parameters: options}, nil
}
