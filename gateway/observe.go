package gateway

import (
	"context"
	"crypto/rand"
	"log"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// record is what is noted of a request for its line in the log.
type record struct {
	http.ResponseWriter
	status  int
	bytes   int64
	failure failure.Failure
	route   string
}

type recordKey struct{}

// WriteHeader notes the status.
func (r *record) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *record) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(data)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what the writer can do.
func (r *record) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// note keeps an error for the request's line in the log.
func note(r *http.Request, told failure.Failure) {
	if at, ok := r.Context().Value(recordKey{}).(*record); ok {
		at.failure = told
	}
}

// begun reports whether an answer is under way, so that no other can be given.
func begun(r *http.Request) bool {
	at, ok := r.Context().Value(recordKey{}).(*record)
	return ok && at.status != 0
}

// routed keeps the pattern of a request's route. Paths are not logged: the names of files in them are secrets.
func routed(r *http.Request, pattern string) {
	if at, ok := r.Context().Value(recordKey{}).(*record); ok {
		at.route = pattern
	}
}

// requestID is what a client may name its request.
var requestID = lazyregexp.New(`^[A-Za-z0-9._:-]{1,64}$`)

// observed logs, counts and traces requests, and answers those whose handler panics.
func (g *Gateway) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id := r.Header.Get("X-Request-Id")
		if !requestID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		at := &record{ResponseWriter: w, route: "other"}
		counted := g.telemetry.Begin()
		ctx, trace, spanned := g.telemetry.Span(r)
		r = r.WithContext(context.WithValue(ctx, recordKey{}, at))
		defer func() {
			problem := recover()
			if problem != nil && problem != http.ErrAbortHandler {
				g.opts.Log.Error("panic", "request", id, "problem", problem, "stack", string(debug.Stack()))
				if at.status == 0 {
					problem = nil
					g.fail(at, r, &report.Error{What: "the gateway failed", Next: "look for request " + id + " in its log, and report what stands there"})
				}
			}
			took := time.Since(started)
			counted(at.route, at.status, took)
			spanned(at.route, at.status)
			g.log(r, at, id, trace, took)
			if problem != nil {
				panic(http.ErrAbortHandler) // closes the connection: the answer is not whole
			}
		}()
		next.ServeHTTP(at, r)
	})
}

// log writes a request's line.
func (g *Gateway) log(r *http.Request, at *record, id, trace string, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case at.status >= 500:
		level = slog.LevelError
	case at.status >= 400:
		level = slog.LevelWarn
	}
	args := []any{"request", id, "method", r.Method, "route", at.route, "status", at.status, "bytes", at.bytes, "ms", float64(took.Microseconds()) / 1000, "remote", r.RemoteAddr}
	if trace != "" {
		args = append(args, "trace", trace)
	}
	if f := at.failure; f.What != "" {
		args = append(args, "kind", f.Kind, "what", f.What, "where", f.Where, "why", f.Why, "retryable", f.Retryable)
	}
	g.opts.Log.Log(r.Context(), level, "request", args...)
}

// errorLog is where net/http writes of connections that fail.
func errorLog(to *slog.Logger) *log.Logger { return slog.NewLogLogger(to.Handler(), slog.LevelDebug) }
