package service

import (
	"context"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

const (
	reconnectFirst = time.Second     // after which a lost engine is looked for
	reconnectMost  = 5 * time.Second // to which that grows
)

// Watch reads the engine's events. An engine that goes away is looked for until it is back; then anything may have changed.
func (d *dockerDriver) Watch(ctx context.Context, project string, changed func(name string)) {
	pause := reconnectFirst
	lost := false
	for ctx.Err() == nil {
		engine, err := d.engine(ctx)
		if err == nil {
			if lost {
				report.Emit(ctx, report.Event{Type: report.Info, Subject: "Docker", Message: "the engine answers again"})
			}
			lost, pause = false, reconnectFirst
			d.follow(ctx, engine, project, changed)
			changed("")
			if ctx.Err() == nil && d.Ping(ctx) != nil {
				lost = true
				report.Warn(ctx, "Docker", "", "the engine does not answer any more; waiting for it")
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(pause*2, reconnectMost)
	}
}

// follow hands on events until their stream ends.
func (d *dockerDriver) follow(ctx context.Context, engine client.APIClient, project string, changed func(name string)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := engine.Events(ctx, client.EventsListOptions{Filters: ofProject(project).Add("type", string(events.ContainerEventType))})
	changed("") // what happened before the stream began
	for {
		select {
		case e := <-stream.Messages:
			switch e.Action {
			case events.ActionStart, events.ActionDie, events.ActionDestroy, events.ActionOOM, events.ActionPause, events.ActionUnPause,
				events.ActionHealthStatusHealthy, events.ActionHealthStatusUnhealthy:
				changed(e.Actor.Attributes[labelName])
			}
		case <-stream.Err:
			return
		}
	}
}
