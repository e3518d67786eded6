package gateway

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/openai"
	"github.com/MediaConduit/conduit/report"
)

// mux is the handler of all routes, and of what is none.
func (g *Gateway) mux() http.Handler {
	mux := http.NewServeMux()
	for _, route := range g.routes() {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) {
			routed(r, route.pattern)
			if err := g.serve(route, w, r); err != nil {
				g.fail(w, r, err)
			}
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refused := &headerOnly{header: http.Header{}}
		mux.ServeHTTP(refused, r) // tells the methods that the path has
		if allow := refused.header.Get("Allow"); refused.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", allow)
			g.fail(w, r, &failure.Error{Status: refused.status, Kind: "usage", Err: &report.Error{Kind: report.Usage,
				What: r.URL.Path + " does not answer " + r.Method, Next: "use " + allow}})
			return
		}
		g.fail(w, r, failure.NotFound("there is no "+r.URL.Path, "see /openapi.json for what there is"))
	})
}

// headerOnly keeps the status and the header of an answer.
type headerOnly struct {
	header http.Header
	status int
}

func (h *headerOnly) Header() http.Header                { return h.header }
func (h *headerOnly) WriteHeader(status int)             { h.status = status }
func (h *headerOnly) Write(data []byte) (n int, _ error) { return len(data), nil }

// serve checks what a route demands, and calls its handler.
func (g *Gateway) serve(route route, w http.ResponseWriter, r *http.Request) error {
	if !open[route.pattern] {
		if err := g.guard.token(r); err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return err
		}
	}
	if route.counted {
		if g.draining.Load() {
			return stopping()
		}
		select {
		case g.slots <- struct{}{}:
			defer func() { <-g.slots }()
		default:
			return failure.Busy("as many calls as may run at once do so already", "try again in a moment, submit it as a job, or have the gateway started with a larger --concurrency", time.Second)
		}
	}
	control := http.NewResponseController(w)
	r.Body = &timedBody{ReadCloser: http.MaxBytesReader(w, r.Body, g.opts.MaxBody), control: control, limit: g.opts.Timeout}
	return route.serve(w, r)
}

func stopping() error {
	return &failure.Error{Status: http.StatusServiceUnavailable, Kind: "stopping", RetryAfter: time.Second,
		Err: &report.Error{Kind: report.Interrupted, What: "the gateway stops", Next: "try again when it runs again", Retryable: true}}
}

// fail writes an error in the shape that clients of the path expect.
func (g *Gateway) fail(w http.ResponseWriter, r *http.Request, err error) {
	told := failure.Of(err)
	if r.Context().Err() != nil && told.Kind == report.Interrupted.String() && !g.draining.Load() {
		told.Status = statusGone
	}
	note(r, told)
	if begun(r) { // the client must not take what it has for the whole answer
		panic(http.ErrAbortHandler)
	}
	if told.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(max(1, (told.RetryAfter+time.Second-1)/time.Second))))
	}
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		writeJSON(w, told.Status, openai.ErrorOf(told))
		return
	}
	writeJSON(w, told.Status, map[string]failure.Failure{"error": told})
}

// statusGone is what the log says of a request whose client went away; nobody reads it.
const statusGone = 499

// timedBody is a request's body that has to arrive in time.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	limit   time.Duration
	begun   bool
}

// Read reads, with a deadline for all of the body since the first call.
func (b *timedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		_ = b.control.SetReadDeadline(time.Now().Add(b.limit)) // a recorder of tests has none
	}
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // the connection stays, to notice that the client goes
	} // else the deadline stays: net/http reads on, before it answers
	return n, err
}
