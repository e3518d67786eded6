package supervisor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report"
)

// notice compares what the driver saw with what should be.
func (k *keeper) notice(ctx context.Context, seen sight) {
	state := k.current().State
	if state == Waiting && k.noEngine && seen.began.After(k.settled) {
		_ = k.bring(ctx, false) // the engine answers again
		return
	}
	if state != Running || seen.began.Before(k.settled) {
		return
	}
	now := seen.status
	switch {
	case !seen.there:
		k.ended(ctx, errors.New("it is gone: somebody else has removed it"))
	case now.State == "restarting": // the engine's own policy starts it again, and the watch tells when
		k.away = true
		k.shut()
	case !now.Running:
		k.ended(ctx, errors.New(now.Problem))
	case len(now.Dead) > 0:
		k.ended(ctx, fmt.Errorf("its container %s has ended", strings.Join(now.Dead, ", ")))
	case now.ID != k.status.ID || port(now) != port(k.status) || k.away:
		k.shut()
		_ = k.bring(ctx, false) // somebody else has started it anew: adopt it
	default:
		k.status.ContainerCheck = now.ContainerCheck
	}
}

func port(s service.Status) int {
	if len(s.Ports) == 0 {
		return 0
	}
	return s.Ports[0].Host
}

// ended has the service started again after a pause.
func (k *keeper) ended(ctx context.Context, why error) {
	k.s.opts.Driver.Note(k.s.opts.Project, k.name, why.Error())
	_ = k.lost(ctx, why, false)
	k.settled = time.Now()
}

// probe asks the service whether it works. An unhealthy service is not restarted: a model that computes for minutes may
// not answer meanwhile, and what it holds would be lost.
func (k *keeper) probe(ctx context.Context) {
	spec := k.spec()
	err := service.Probe(ctx, spec, k.status)
	k.probeAt = time.Now().Add(spec.Interval())
	health := k.current().Health
	switch {
	case err == nil:
		k.streak = 0
		if health != service.Healthy {
			report.Emit(ctx, report.Event{Type: report.Info, Subject: k.name, Message: "is healthy again"})
			k.set(func(s *State) { s.Health, s.Reason = service.Healthy, "" })
		}
		return
	case time.Since(k.since) < spec.StartPeriod():
		return
	}
	k.streak++
	k.s.opts.Driver.Note(k.s.opts.Project, k.name, err.Error())
	if k.streak >= spec.Retries() && health != service.Unhealthy {
		report.Warn(ctx, k.name, "", "is unhealthy: "+err.Error())
		k.set(func(s *State) { s.Health, s.Reason = service.Unhealthy, err.Error() })
	}
}

// rest stops a service that nobody has used for as long as it may idle.
func (k *keeper) rest(ctx context.Context) {
	shut, again := k.gate.ShutAfter(k.service().Idle)
	if !shut {
		k.idleAt = time.Now().Add(again)
		return
	}
	report.Emit(ctx, report.Event{Type: report.Info, Subject: k.name, Message: fmt.Sprintf("was not used for %s: stopping it until it is", k.service().Idle)})
	k.idleAt, k.probeAt = time.Time{}, time.Time{}
	k.set(func(s *State) { s.State, s.Health, s.Reason = Idle, service.NoHealth, "" })
	if err := k.s.opts.Driver.Stop(ctx, k.s.opts.Project, []string{k.name}); err != nil {
		report.Warn(ctx, k.name, "", "it cannot be stopped: "+reason(err))
	}
	k.settled = time.Now()
}
