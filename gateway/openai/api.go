package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/files"
)

// API answers requests. Its methods are handlers that return the errors which are to be told.
type API struct {
	Caller  *call.Caller
	Files   *files.Store
	Timeout time.Duration
	Public  string // address for absolute links; "" for the one that the client asked
}

// run decodes a request into fields and calls use with the folder of the call.
func (a *API) run(r *http.Request, fields any, file func(string, call.Input), use func(ctx context.Context, dir string) error) (err error) {
	dir, err := a.Caller.Folder()
	if err != nil {
		return err
	}
	defer func() { a.Caller.Release(dir, err == nil) }()
	// Clients send fields that were added to the API since.
	if err := (call.Decoder{Dir: dir, Lenient: true, File: file}).Decode(r, fields); err != nil {
		return err
	}
	ctx, cancel := call.WithLimit(r.Context(), a.Timeout)
	defer cancel()
	return call.Explained(ctx, use(ctx, dir))
}

// call calls the model of a request; inputs that are too large for a message go to files in dir.
func (a *API) call(ctx context.Context, req call.Request, dir string, progress func(plugin.Progress)) (plugin.Response, error) {
	inputs, err := req.Media(dir)
	if err != nil {
		return plugin.Response{}, err
	}
	return a.Caller.Do(ctx, call.Call{Model: req.Model, Capability: req.Capability, Inputs: inputs, Parameters: req.Parameters}, dir, progress)
}

// link is the address of a file of the store.
func (a *API) link(r *http.Request, name string) string {
	if a.Public != "" {
		return strings.TrimSuffix(a.Public, "/") + call.FilesPath + name
	}
	return "http://" + r.Host + call.FilesPath + name
}

func answer(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// parameters are the options of a model, as our contract names them: those of the request's that are set.
func parameters(named map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range named {
		switch v := value.(type) {
		case *float64:
			if v != nil {
				out[name] = *v
			}
		case *int:
			if v != nil {
				out[name] = *v
			}
		case string:
			if v != "" {
				out[name] = v
			}
		case json.RawMessage:
			var any any
			if len(v) > 0 && json.Unmarshal(v, &any) == nil && any != nil {
				out[name] = any
			}
		}
	}
	return out
}

// text is a model's answer as one text.
func text(response plugin.Response) string {
	var out []string
	for _, m := range response.Outputs {
		if m.Type == "text" {
			out = append(out, m.Text)
		}
	}
	return strings.Join(out, "\n")
}
