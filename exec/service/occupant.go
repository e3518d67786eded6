package service

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// Occupant is who has a port of this machine, and what makes them give it up. It is zero where nobody can tell.
type Occupant struct {
	Who  string // "container web-1 of image nginx", "process 4711 (python3 -m http.server)"
	Free string // the command that stops it
}

// occupantTime bounds the search: it explains an error that has happened already.
const occupantTime = 3 * time.Second

// Occupant finds out who has a port: a container that publishes it, else a process that listens on it.
func (m *Manager) Occupant(ctx context.Context, port int) Occupant {
	return m.docker.occupant(ctx, port)
}

func (d *dockerDriver) occupant(ctx context.Context, port int) Occupant {
	ctx, cancel := context.WithTimeout(ctx, occupantTime)
	defer cancel()
	if o := d.publisher(ctx, port); o != (Occupant{}) {
		return o
	}
	return listener(port)
}

// publisher is the container that publishes the port. On Linux the process that listens is then one of the engine's own,
// which says nothing and must not be killed.
func (d *dockerDriver) publisher(ctx context.Context, port int) Occupant {
	engine, err := d.engine(ctx)
	if err != nil {
		return Occupant{}
	}
	list, err := engine.ContainerList(ctx, client.ContainerListOptions{Filters: make(client.Filters).Add("publish", strconv.Itoa(port))})
	if err != nil {
		return Occupant{}
	}
	for _, c := range list.Items {
		for _, p := range c.Ports {
			// The filter is for ports of the container, too.
			if int(p.PublicPort) != port || len(c.Names) == 0 {
				continue
			}
			name := strings.TrimPrefix(c.Names[0], "/")
			who := "container " + name + " of image " + c.Image
			if of := c.Labels[labelName]; of != "" {
				who = fmt.Sprintf("container %s, which is service %s of project %s", name, of, c.Labels[labelProject])
			}
			return Occupant{Who: who, Free: "docker stop " + name}
		}
	}
	return Occupant{}
}

// portInUse is the error for a port that the service cannot have; by is who has it.
func portInUse(spec Spec, by Occupant, err error) error {
	if spec.Port == 0 {
		return &report.Error{Kind: report.Service, What: "no free port for service " + spec.Name, Where: "127.0.0.1", Err: err, Next: "stop programs that hold many ports open, then try again"}
	}
	e := &report.Error{
		Kind: report.Service, What: fmt.Sprintf("service %s cannot have port %d: it is in use", spec.Name, spec.Port), Where: spec.place(), Err: err,
		Next: fmt.Sprintf("remove port = %d under [services] in conduit.toml to take a free one, or stop what listens on it", spec.Port),
	}
	by.Explain(e)
	return e
}

// Explain has an error say who has the port, and what stops them.
func (o Occupant) Explain(e *report.Error) {
	if o == (Occupant{}) {
		return
	}
	e.Why = o.Who + " has it"
	e.Next += ":\n" + o.Free
}
