package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// ErrNoEngine is in the chain of every error that says that no Docker engine answers. A sync on a machine without one need
// not fail for it.
var ErrNoEngine = errors.New("no Docker engine answers")

const startEngine = "start Docker (systemctl start docker, or Docker Desktop), or point DOCKER_HOST or docker context use at one that runs"

// tailLines is how many log lines an error shows.
const tailLines = 20

// unhealthy is the error for a service that did not become healthy; last is what its last probe or exit said.
func unhealthy(ctx context.Context, d Driver, spec Spec, last error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &report.Error{Kind: report.Interrupted, What: "interrupted while service " + spec.Name + " was starting", Err: ctx.Err(), Next: "conduit down stops what was started"}
	}
	var why strings.Builder
	if last != nil {
		why.WriteString(plain(last.Error()))
	}
	// The context may be over; the log is still worth a moment.
	logctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var lines []string
	_ = d.Logs(logctx, spec.Project, spec.Name, LogOptions{Tail: tailLines}, func(l string) { lines = append(lines, plain(l)) })
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	if len(lines) > 0 {
		why.WriteString("\nlast lines of its log:\n  " + strings.Join(lines, "\n  "))
	} else {
		why.WriteString("\nits log is empty")
	}
	return &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("service %s did not become healthy", spec.Name),
		Where: spec.place(),
		Why:   why.String(),
		Next:  fmt.Sprintf("conduit logs %s shows its whole log; conduit restart %s tries again", spec.Name, spec.Name),
		Err:   last,
	}
}

// failed wraps an error of an engine, a file or a process; errors that already speak to the user pass.
func failed(ctx context.Context, err error, what, where, next string) error {
	var e *report.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return &report.Error{Kind: report.Interrupted, What: "interrupted: " + what, Where: where, Err: err, Next: "conduit down stops what was started"}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &report.Error{Kind: report.Timeout, What: "out of time: " + what, Where: where, Err: err, Next: "try again with a longer --timeout"}
	}
	return &report.Error{Kind: report.Service, What: what, Where: where, Err: err, Next: next}
}
