package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// marker is the environment variable by which all processes of an instance are found where the operating system lets us
// read it: those too that have left the process group, and those that were started right before conduit was killed.
const marker = "CONDUIT_SERVICE"

// instance is one process service, as its state file knows it.
type instance struct {
	record
	Project string    `json:"project"`
	PID     int       `json:"pid"`   // 0 when nothing was started
	Birth   string    `json:"birth"` // when the process started, in the operating system's own terms: with the PID, its identity
	Started time.Time `json:"started"`
	Signal  string    `json:"signal,omitempty"` // that asks it to stop; "" for SIGTERM

	Grace time.Duration `json:"grace,omitempty"` // that it may take to stop, nanoseconds

	dir string // its folder: state.json, log, exit, data
}

// instance returns the instance without reading its state.
func (d *processDriver) instance(project, name string) *instance {
	return &instance{Project: project, record: record{Name: name}, dir: filepath.Join(d.state, "services", unique(project), unique(name))}
}

// folders are the instances of the project that were ever started, sorted by the names of their folders.
func (d *processDriver) folders(project string) []*instance {
	root := filepath.Join(d.state, "services", unique(project))
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var all []*instance
	for _, e := range entries {
		in := &instance{Project: project, dir: filepath.Join(root, e.Name())}
		in.load()
		if in.Name == "" {
			in.Name = e.Name()
		}
		all = append(all, in)
	}
	return all
}

func (d *processDriver) has(project, name string) bool {
	in := d.instance(project, name)
	in.load()
	return in.PID != 0
}

func (in *instance) lockName() string {
	return filepath.Base(filepath.Dir(in.dir)) + " " + filepath.Base(in.dir)
}
func (in *instance) file() string { return filepath.Join(in.dir, "state.json") }
func (in *instance) log() string  { return filepath.Join(in.dir, "log") }

// load reads the state file; an absent or broken one means that nothing is known to run.
func (in *instance) load() {
	data, err := os.ReadFile(in.file())
	if err != nil {
		return
	}
	read := instance{dir: in.dir}
	if json.Unmarshal(data, &read) == nil && read.PID > 0 {
		*in = read
	}
}

// save replaces the state file at once, so that nobody reads half of it.
func (in *instance) save() error {
	data, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		return err
	}
	tmp := in.file() + ".new"
	if err := os.WriteFile(tmp, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, in.file())
}

// alive tells whether the process runs and is the one that was started.
func (in *instance) alive() bool {
	if in.PID <= 0 || in.Birth == "" {
		return false
	}
	if done, ours := collecting.Load(in.identity()); ours { // it need not be asked for
		select {
		case <-done.(chan struct{}):
			return false
		default:
			return true
		}
	}
	now, err := birth(in.PID)
	return err == nil && now == in.Birth
}

// end ends all processes of the instance, first by asking.
func (in *instance) end(ctx context.Context) error {
	allowed := in.Grace
	if allowed <= 0 {
		allowed = grace
	}
	deadline := time.Now().Add(allowed)
	asked := false
	for {
		members := in.members()
		if len(members) == 0 {
			break
		}
		force := time.Now().After(deadline) || ctx.Err() != nil
		if !asked || force {
			in.signal(members, force)
			asked = true
		}
		if time.Now().After(deadline.Add(grace)) {
			return &report.Error{Kind: report.Service, What: "service " + in.Name + " does not stop", Where: "process " + strconv.Itoa(members[0]), Why: "it is still there after it was killed", Next: fmt.Sprintf("kill -9 %d as the user that owns it, then conduit down", members[0])}
		}
		time.Sleep(20 * time.Millisecond)
	}
	in.collected()
	return nil
}

// forget removes the state and the logs of an instance after [instance.end].
func (in *instance) forget() error {
	for _, path := range append(in.logs(), in.file(), in.exitFile()) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &report.Error{Kind: report.Service, What: "cannot forget service " + in.Name, Where: path, Err: err, Next: "remove the file"}
		}
	}
	in.PID, in.Birth = 0, ""
	return nil
}

// status describes the instance after one probe; the error is why it is not healthy.
func (in *instance) status(ctx context.Context) (Status, error) {
	s, err := in.picture()
	if err != nil {
		return s, err
	}
	p := probe{port: in.Port, path: in.Health, timeout: in.Timeout}
	err = p.check(ctx)
	switch {
	case err == nil && !in.alive():
		return in.picture() // somebody else answered on its port
	case err == nil:
		s.Health = Healthy
	case time.Since(in.Started) > max(in.Patience, time.Minute):
		s.Health = Unhealthy
	default:
		s.Health = Starting
	}
	return s, err
}

// picture describes the instance without a probe; the error is that it has ended.
func (in *instance) picture() (Status, error) {
	s := Status{
		Name: in.Name, Project: in.Project, Source: in.Source, Version: in.Version, Driver: Process, ID: strconv.Itoa(in.PID),
		State: "exited", Health: NoHealth, Ports: []Port{{Container: in.Port, Host: in.Port, Name: in.Name}},
		LastCheck: time.Now().UTC(), ServiceDirectory: in.Dir, Matches: in.Hash,
	}
	if !in.alive() {
		s.Ports = []Port{}
		return s, errGone{errors.New("its process has ended" + in.exit())}
	}
	s.Running, s.State, s.Started = true, "running", in.Started
	s.HealthCheckURL = probe{port: in.Port, path: in.Health}.url()
	return s, nil
}
