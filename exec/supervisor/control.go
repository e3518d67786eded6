package supervisor

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// control lets other conduits of the same user ask and order. It is HTTP on loopback; the token, which stands in a file that
// only this user may read, keeps other users of the machine out.
type control struct {
	server *http.Server
	cancel context.CancelFunc
}

// request is the body of an order.
type request struct {
	Names []string `json:"names"`
}

// reply is the answer to everything.
type reply struct {
	States []State `json:"states,omitempty"`
	Error  *fault  `json:"error,omitempty"`
}

// fault is a [report.Error] on its way to another process.
type fault struct {
	Kind  report.Kind `json:"kind"`
	What  string      `json:"what"`
	Where string      `json:"where,omitempty"`
	Why   string      `json:"why,omitempty"`
	Next  string      `json:"next,omitempty"`
}

func newControl(s *Supervisor, l net.Listener, token string) *control {
	ctx, cancel := context.WithCancel(s.ctx)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /states", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, reply{States: s.States()})
	})
	for _, verb := range []string{verbStart, verbStop, verbRestart} {
		mux.HandleFunc("POST /"+verb, func(w http.ResponseWriter, r *http.Request) {
			var req request
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&req); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			err := s.obey(ctx, verb, req.Names) // whether or not the one who asked stays to hear
			answer(w, reply{States: s.States(), Error: faultOf(err)})
		})
	}
	c := &control{cancel: cancel, server: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
				http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
				return
			}
			mux.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Second,
	}}
	s.running.Go(func() { _ = c.server.Serve(l) })
	return c
}

func answer(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // who asked may have gone
}

// close waits a moment for the answer to the order that ends the supervisor.
func (c *control) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if c.server.Shutdown(ctx) != nil {
		c.cancel()
		_ = c.server.Close()
	}
	c.cancel()
}

func faultOf(err error) *fault {
	if err == nil {
		return nil
	}
	f := &fault{Kind: report.KindOf(err), What: err.Error()}
	var e *report.Error
	if errors.As(err, &e) {
		f.What, f.Where, f.Why, f.Next = e.What, e.Where, e.Why, e.Next
		if f.Why == "" && e.Err != nil {
			f.Why = e.Err.Error()
		}
	}
	return f
}

func (f *fault) err() error {
	if f == nil {
		return nil
	}
	return &report.Error{Kind: f.Kind, What: f.What, Where: f.Where, Why: f.Why, Next: f.Next}
}
