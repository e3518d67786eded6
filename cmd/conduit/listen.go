package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/MediaConduit/conduit/gateway"
)

// listen opens a listener and tells, as a result, the address of what is served there below path. command is the command line,
// for messages.
func (a *app) listen(ctx context.Context, command, at string, tokens []string, path string) (net.Listener, error) {
	l, err := gateway.Listen(ctx, command, at, tokens)
	if err != nil {
		return nil, err
	}
	address := "http://" + l.Addr().String() + path
	if a.json {
		a.printJSON(map[string]string{"listening": address})
	} else {
		fmt.Fprintln(a.stdout, "listening on "+address)
	}
	return l, nil
}

// serveHandler serves until an interrupt; requests that run then may end. command is the command line, for messages.
func (a *app) serveHandler(ctx context.Context, command, listen string, tokens []string, h http.Handler) error {
	l, err := a.listen(ctx, command, listen, tokens, "")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		ended <- s.Shutdown(limit)
	})
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}
