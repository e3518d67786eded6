package gateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/jobs"
	"github.com/MediaConduit/conduit/gateway/telemetry"
)

// Options say what a gateway serves and to whom. Zeros mean the defaults of [Defaults].
type Options struct {
	Host     call.Host
	Services func(context.Context) ([]service.Status, error) // the project's services; nil for a project that has none
	Dir      string                                          // absolute folder of jobs and files; only one gateway may use it at a time
	Log      *slog.Logger
	Traces   telemetry.Traces // none by default

	Tokens  []string // one of them must be in a request; empty for no token, which is for loopback addresses only
	Names   []string // names besides loopback's that a request may have as its Host, on a loopback address
	Origins []string // of browsers' pages that may call: "https://example.com"
	Public  string   // address by which clients reach the gateway, for absolute links; "" for the one that they asked

	MaxBody     int64         // bytes of a request
	Timeout     time.Duration // of a call, and of a request's body to arrive
	Concurrency int           // calls at once, jobs not counted
	Connections int           // connections at once
	Drain       time.Duration // for calls to end after a stop was asked for

	Keep    time.Duration // that results of calls and jobs are kept
	Storage int64         // bytes of results that are kept
	Jobs    jobs.Options  // Dir, Keep and Storage are set from the above
}

// Defaults fills in what is zero.
func (o Options) Defaults() Options {
	set(&o.MaxBody, 256<<20)
	set(&o.Timeout, 10*time.Minute)
	set(&o.Concurrency, 128)
	set(&o.Connections, 1024)
	set(&o.Drain, 30*time.Second)
	set(&o.Keep, 24*time.Hour)
	set(&o.Storage, 10<<30)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func set[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
