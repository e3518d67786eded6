package service

import (
	"context"
	"time"

	"github.com/MediaConduit/conduit/report"
)

const (
	glanceEvery = time.Second      // at processes that run: one read of the process table each
	searchEvery = 30 * time.Second // for instances that others have started, and for logs that have grown
)

// Watch looks at the processes of the project.
func (d *processDriver) Watch(ctx context.Context, project string, changed func(name string)) {
	known := map[string]*instance{} // those that were alive, by folder
	search := func() {
		for _, in := range d.started(project) {
			if err := in.shrink(); err != nil {
				report.Warn(ctx, in.Name, in.log(), "its log cannot be rotated: "+err.Error())
			}
			if have := known[in.dir]; have != nil && have.Birth == in.Birth {
				continue
			}
			if in.alive() {
				known[in.dir] = in
				changed(in.Name)
			}
		}
	}
	tick := time.NewTicker(glanceEvery)
	defer tick.Stop()
	last := time.Time{}
	for {
		if time.Since(last) >= searchEvery {
			search()
			last = time.Now()
		}
		for _, in := range d.own.all() {
			if known[in.dir] == nil && in.Project == project {
				known[in.dir] = in
				changed(in.Name)
			}
		}
		for dir, in := range known {
			if !in.alive() {
				delete(known, dir)
				last = time.Time{} // another may be there already
				changed(in.Name)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-d.own.changed():
		case <-tick.C:
		}
	}
}
