package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/files"
	"github.com/MediaConduit/conduit/gateway/jobs"
	"github.com/MediaConduit/conduit/gateway/openai"
	"github.com/MediaConduit/conduit/gateway/telemetry"
	"github.com/MediaConduit/conduit/report"
)

const (
	headerTime  = 10 * time.Second // for a request's header to arrive
	idleTime    = 2 * time.Minute  // for the next request of a connection
	headerBytes = 64 << 10
)

// Gateway serves one project.
type Gateway struct {
	opts      Options
	caller    *call.Caller
	files     *files.Store
	jobs      *jobs.Queue
	openai    *openai.API
	telemetry *telemetry.Telemetry
	guard     *guard
	slots     chan struct{} // one for each call at once
	draining  atomic.Bool
	handler   http.Handler
}

// Open makes a gateway ready: its folder is this process's own, what was left by one that was killed is put right, and
// jobs that it had accepted run again as soon as [Gateway.Serve] is called. The caller closes it.
func Open(ctx context.Context, opts Options) (*Gateway, error) {
	opts = opts.Defaults()
	g := &Gateway{opts: opts, telemetry: telemetry.New(opts.Traces), slots: make(chan struct{}, opts.Concurrency), guard: newGuard(opts)}
	scratch := filepath.Join(opts.Dir, "calls")
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, &report.Error{What: "the gateway's folder cannot be used", Where: opts.Dir, Err: err, Next: "make it writable, or name another with --data"}
	}
	g.caller = &call.Caller{Host: opts.Host, Catalogue: call.NewCatalogue(opts.Host), Observer: g.telemetry, Scratch: scratch}
	settings := opts.Jobs
	settings.Dir, settings.Keep, settings.Storage, settings.Timeout = filepath.Join(opts.Dir, "jobs"), opts.Keep, opts.Storage/2, opts.Timeout
	queue, err := jobs.Open(ctx, settings, g.caller, g.telemetry)
	if err != nil {
		return nil, err
	}
	g.jobs = queue // and with it the folder is ours alone
	if err := errors.Join(os.RemoveAll(scratch), os.Mkdir(scratch, 0o700)); err != nil {
		return nil, errors.Join(err, queue.Close())
	}
	if g.files, err = files.Open(filepath.Join(opts.Dir, "files"), opts.Keep, opts.Storage/2); err != nil {
		return nil, errors.Join(err, queue.Close())
	}
	g.telemetry.Gauge("conduit_jobs_waiting", "Jobs that wait for their turn.", func() float64 { n, _ := queue.Stats(); return float64(n) })
	g.telemetry.Gauge("conduit_jobs_running", "Jobs that run.", func() float64 { _, n := queue.Stats(); return float64(n) })
	g.openai = &openai.API{Caller: g.caller, Files: g.files, Timeout: opts.Timeout, Public: opts.Public}
	g.handler = g.observed(g.guarded(g.mux()))
	return g, nil
}

// Handler serves the gateway's routes. Jobs run only while [Gateway.Serve] does.
func (g *Gateway) Handler() http.Handler { return g.handler }

// Serve serves connections of l until ctx ends, then lets calls that run end, within Options.Drain. It closes l.
func (g *Gateway) Serve(ctx context.Context, l net.Listener) error {
	// Requests outlive ctx while they are drained, and end with this.
	calls, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{
		Handler: g.handler, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		BaseContext: func(net.Listener) context.Context { return calls }, ErrorLog: errorLog(g.opts.Log),
	}
	background, end := context.WithCancel(ctx)
	defer end()
	var work sync.WaitGroup
	work.Go(func() { g.files.Run(background) })
	drained := make(chan error, 1)
	work.Go(func() {
		<-background.Done()
		g.draining.Store(true)
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.opts.Drain)
		defer cancel()
		jobsDone := make(chan struct{})
		go func() { g.jobs.Stop(limit); close(jobsDone) }()
		err := server.Shutdown(limit)
		stop() // what has not ended is told to
		<-jobsDone
		if err != nil {
			err = &report.Error{Kind: report.Timeout, What: "calls did not end within " + g.opts.Drain.String() + " and were stopped", Next: "give them more time with --drain"}
			_ = server.Close() // all that is left
		}
		drained <- err
	})
	g.jobs.Start(context.WithoutCancel(ctx))
	err := server.Serve(netutil.LimitListener(l, g.opts.Connections))
	end()
	shut := <-drained
	work.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return &report.Error{Kind: report.Network, What: "the gateway cannot serve any longer", Where: l.Addr().String(), Err: err}
	}
	return shut
}

// Close gives the gateway's folder free.
func (g *Gateway) Close() error { return g.jobs.Close() }
