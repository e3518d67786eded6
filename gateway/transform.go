package gateway

import (
	"context"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/sse"
)

// transform answers POST /api/v1/transform: with JSON; with events, where the client accepts text/event-stream; or with the
// output as it is, where there is one and the client accepts its type and not JSON.
func (g *Gateway) transform(w http.ResponseWriter, r *http.Request) (err error) {
	dir, err := g.caller.Folder()
	if err != nil {
		return err
	}
	streams := false
	defer func() { g.caller.Release(dir, err == nil && !streams) }()
	var req call.Request
	if err := readRequest(r, dir, &req, &req); err != nil {
		return err
	}
	c, err := callOf(&req, dir)
	if err != nil {
		return err
	}
	ctx, cancel := call.WithLimit(r.Context(), req.Limit(g.opts.Timeout))
	defer cancel()
	if streams = accepts(r, "text/event-stream"); streams {
		g.streamed(ctx, w, r, c, req.Delivery, dir)
		return nil
	}
	response, err := g.caller.Do(ctx, c, dir, nil)
	if err != nil {
		return call.Explained(ctx, err)
	}
	if m, ok := raw(r, response); ok {
		return writeMedia(w, m)
	}
	result, err := call.Deliver(g.files, response, req.Delivery, dir)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, result)
	return nil
}

// readRequest reads a request into fields, which has req within it. The files of a form are inputs.
func readRequest(r *http.Request, dir string, fields any, req *call.Request) error {
	var uploaded []call.Input
	decoder := call.Decoder{Dir: dir, File: func(_ string, in call.Input) { uploaded = append(uploaded, in) }}
	if err := decoder.Decode(r, fields); err != nil {
		return err
	}
	req.Inputs = append(req.Inputs, uploaded...)
	return nil
}

func callOf(req *call.Request, dir string) (call.Call, error) {
	inputs, err := req.Media(dir)
	if err != nil {
		return call.Call{}, err
	}
	return call.Call{Model: req.Model, Capability: req.Capability, Inputs: inputs, Parameters: req.Parameters}, nil
}

// streamed answers with events: progress and partial while the model works, then result or error.
func (g *Gateway) streamed(ctx context.Context, w http.ResponseWriter, r *http.Request, c call.Call, delivery call.Delivery, dir string) {
	stream := sse.Begin(w)
	defer stream.Close()
	// Where the client is gone, the request's context ends and with it the call: errors of sending need no care of their own.
	response, err := g.caller.Do(ctx, c, dir, func(p plugin.Progress) {
		if p.Partial != "" {
			_ = stream.Send("partial", "", map[string]string{"text": p.Partial})
		}
		if event, ok := call.ProgressOf(p); ok {
			_ = stream.Send("progress", "", event)
		}
	})
	var result call.Result
	if err == nil {
		result, err = call.Deliver(g.files, response, delivery, dir)
	}
	if err != nil {
		told := failure.Of(call.Explained(ctx, err))
		note(r, told)
		_ = stream.Send("error", "", map[string]failure.Failure{"error": told})
		return
	}
	_ = stream.Send("result", "", result)
}

// accepts reports whether a request's Accept names a type, wildcards not counted.
func accepts(r *http.Request, want string) bool {
	for _, each := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if kind, _, err := mime.ParseMediaType(each); err == nil && kind == want {
			return true
		}
	}
	return false
}

// raw is the only output of a response, where the client prefers it to JSON: it names the output's type, or a family such as
// image/*, and not JSON. What was made is not thrown away because a client expected something else: it gets JSON.
func raw(r *http.Request, response plugin.Response) (plugin.Media, bool) {
	if len(response.Outputs) != 1 || accepts(r, "application/json") {
		return plugin.Media{}, false
	}
	m := response.Outputs[0]
	family, _, _ := strings.Cut(m.MIME, "/")
	wanted := accepts(r, m.MIME) || accepts(r, family+"/*") || accepts(r, "application/octet-stream")
	return m, wanted && m.MIME != "" && m.URL == ""
}

// writeMedia answers with an output's bytes.
func writeMedia(w http.ResponseWriter, m plugin.Media) error {
	h := w.Header()
	mediaHeader(h, m.MIME)
	if m.Path != "" {
		info, err := os.Stat(m.Path)
		if err == nil {
			h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		}
	}
	return call.Copy(w, m)
}

// mediaHeader is the header of an answer whose bytes a model made: a browser must not take them for a page of the gateway's.
func mediaHeader(h http.Header, kind string) {
	if strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset") {
		kind += "; charset=utf-8"
	}
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'")
	h.Set("Cache-Control", "private, max-age=300")
}
