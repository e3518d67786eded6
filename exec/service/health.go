package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// probe asks a service from the host whether it works.
type probe struct {
	port    int
	path    string        // "" for a bare TCP connection
	timeout time.Duration // of one attempt
}

// probeClient follows no redirect, because 3xx already shows a working service, and uses no proxy, because a proxy cannot
// reach this machine's loopback.
var probeClient = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Probe asks the instance s of spec once whether it works: nil, or what happened in one line. It looks from the host only;
// what the container's own check says is in s.
func Probe(ctx context.Context, spec Spec, s Status) error {
	p := probe{path: spec.healthPath(), timeout: spec.probeTimeout()}
	if len(s.Ports) > 0 && (s.Driver == Process || s.Ports[0].Name == s.ComposeService) {
		p.port = s.Ports[0].Host
	}
	switch {
	case p.port != 0 && (p.path != "" || s.ContainerCheck == ""):
		if err := p.check(ctx); err != nil {
			return err
		}
	case s.ContainerCheck == Starting:
		return nil
	}
	if s.ContainerCheck == Unhealthy {
		return errors.New("its container's own health check fails")
	}
	return nil
}

func (p probe) url() string {
	if p.port == 0 || p.path == "" {
		return ""
	}
	return baseURL(p.port) + p.path
}

// check returns nil when the service answered as it should, else what happened in one line.
func (p probe) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	if p.path == "" {
		return p.dial(ctx)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "conduit")
	resp, err := probeClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("GET %s: no answer within %s", p.url(), p.timeout)
		}
		var op *net.OpError
		if errors.As(err, &op) {
			err = op
		}
		return fmt.Errorf("GET %s: %w", p.url(), err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
	if resp.StatusCode >= 200 && resp.StatusCode < 400 {
		return nil
	}
	text := strings.Join(strings.Fields(string(body)), " ")
	if text != "" {
		text = ": " + text
	}
	return fmt.Errorf("GET %s: %s%s", p.url(), resp.Status, text)
}

// dial connects and then waits a moment: an engine's port proxy accepts connections for a container that does not
// listen, and closes them at once.
func (p probe) dial(ctx context.Context) error {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port))
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err = conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return fmt.Errorf("connect %s: closed at once: %w", addr, err)
}

// errGone is returned by a step of [await] when waiting longer is pointless.
type errGone struct{ error }

// await repeats step, quickly at first, until it returns nil, an errGone, the limit passes or the context ends. The error
// is the last one of step.
func await(ctx context.Context, limit time.Duration, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pause := 50 * time.Millisecond
	var last error
	for {
		err := step(ctx)
		var gone errGone
		if err == nil || errors.As(err, &gone) {
			return err
		}
		if ctx.Err() == nil || last == nil {
			last = err // an attempt that the deadline cut short says less than the one before
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(pause):
		}
		pause = min(pause*3/2, 500*time.Millisecond)
	}
}

// ready reports that an instance is up.
func ready(ctx context.Context, s Status) {
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: s.Name, Message: strings.TrimSpace("ready " + s.Address())})
}

// limit is how long to wait for a service to become healthy: as long as the longest of the declared health checks allows,
// and no longer than the driver's own limit.
func limit(most time.Duration, declared ...time.Duration) time.Duration {
	var longest time.Duration
	for _, d := range declared {
		longest = max(longest, d)
	}
	if longest == 0 {
		return most
	}
	return min(longest, most)
}
