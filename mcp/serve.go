package mcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/report"
)

// messageMost is how many bytes a message of a client may have: inputs come in base64.
const messageMost = 96 << 20

// ServeStream serves one client over a pair of streams, such as standard input and output, until the client ends its side or
// ctx ends. Only messages of the protocol are written.
func (s *Server) ServeStream(ctx context.Context, in io.ReadCloser, out io.WriteCloser) error {
	err := s.server.Run(ctx, &sdk.IOTransport{Reader: in, Writer: out, MaxLineLength: messageMost})
	s.running.Lock() // calls end with their client
	if err == nil || errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil
	}
	return &report.Error{What: "the client's messages cannot be read", Err: err, Next: "the client has to speak the Model Context Protocol: one JSON-RPC message a line"}
}

// HTTPOptions say how a server is reached over HTTP. Zeros mean the defaults.
type HTTPOptions struct {
	Allowed func(*http.Request) error // decides whether a request is answered; nil for all of them
	Idle    time.Duration             // without a request, until a session ends; default an hour
	Drain   time.Duration             // for calls to end after ctx; default 30 seconds
}

const (
	headerTime  = 10 * time.Second // for a request's header to arrive
	headerBytes = 64 << 10
)

// Path is where a server is reached over HTTP.
const Path = "/mcp"

// ServeHTTP serves clients over streamable HTTP on l, which it closes, until ctx ends; then calls that run may end.
func (s *Server) ServeHTTP(ctx context.Context, l net.Listener, opts HTTPOptions) error {
	if opts.Idle == 0 {
		opts.Idle = time.Hour
	}
	if opts.Drain == 0 {
		opts.Drain = 30 * time.Second
	}
	mux := http.NewServeMux()
	mux.Handle(Path, s.guarded(opts.Allowed, sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s.server }, &sdk.StreamableHTTPOptions{
		SessionTimeout: opts.Idle, MaxRequestBodyBytes: messageMost, PropagateRequestCancellation: true, Logger: s.opts.Log,
	})))
	requests, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime, MaxHeaderBytes: headerBytes, BaseContext: func(net.Listener) context.Context { return requests }}
	var ending sync.WaitGroup
	serving, end := context.WithCancel(ctx)
	ending.Go(func() {
		<-serving.Done()
		s.drain(opts.Drain)
		stop() // streams on which the server could speak stay open for as long as they are not told
		_ = server.Close()
	})
	err := server.Serve(l)
	end()
	ending.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return &report.Error{Kind: report.Network, What: "cannot serve any longer", Where: l.Addr().String(), Err: err}
}

// drain waits for calls, cancels those that take longer than limit, and ends the sessions.
func (s *Server) drain(limit time.Duration) {
	late := time.AfterFunc(limit, s.end)
	defer late.Stop()
	s.running.Lock() // for good
	for session := range s.server.Sessions() {
		_ = session.Close() // its client is told by the end of the connection
	}
}

// guarded refuses requests that are not allowed, and those of pages of other sites (CSRF); the protocol's own handler refuses
// names that are made to mean this machine (DNS rebinding).
func (s *Server) guarded(allowed func(*http.Request) error, next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allowed != nil {
			if err := allowed(r); err != nil {
				w.Header().Set("WWW-Authenticate", "Bearer")
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
		}
		if r.Method == http.MethodPost { // as long as the answer of a call is under way, the call is
			if !s.running.TryRLock() {
				http.Error(w, "the server stops", http.StatusServiceUnavailable)
				return
			}
			defer s.running.RUnlock()
		}
		next.ServeHTTP(w, r)
	}))
}
