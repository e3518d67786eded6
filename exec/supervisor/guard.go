package supervisor

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/MediaConduit/conduit/report"
)

// presence says who supervises a project and how to speak to it.
type presence struct {
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Address string    `json:"address"` // of its control interface on loopback
	Token   string    `json:"token"`   // that the interface asks for
}

// guard is the right to supervise a project. The operating system gives it back when its holder dies.
type guard struct {
	path   string // of the presence; the lock lies beside it
	lock   *flock.Flock
	server *control
}

func presenceFile(state, project string) string {
	return filepath.Join(state, "supervisors", project+".json")
}

// takeWait bounds the wait for a lock that is held: a conduit that asks whether there is a supervisor holds it for a
// moment.
const takeWait = time.Second

// take gets the right to supervise the project, or says who has it.
func take(ctx context.Context, state, project string) (*guard, error) {
	g := &guard{path: presenceFile(state, project)}
	fail := func(err error) error {
		return &report.Error{Kind: report.Service, What: "cannot supervise the project", Where: g.path, Err: err, Next: "set CONDUIT_STATE to a folder that you may write to"}
	}
	if err := os.MkdirAll(filepath.Dir(g.path), 0o700); err != nil {
		return nil, fail(err)
	}
	g.lock = flock.New(g.path + ".lock")
	wait, cancel := context.WithTimeout(ctx, takeWait)
	defer cancel()
	ok, err := g.lock.TryLockContext(wait, 20*time.Millisecond)
	if ok {
		return g, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if wait.Err() == nil {
		return nil, fail(err)
	}
	who := "its process is not known yet"
	next := "conduit ps    shows its services, conduit logs -f NAME follows one"
	if p, err := readPresence(g.path); err == nil {
		who = fmt.Sprintf("process %d does, since %s", p.PID, p.Since.Local().Format(time.DateTime))
		next += fmt.Sprintf("\nconduit up -d    starts what does not run, through it\nkill %d    ends it and stops its services", p.PID)
	}
	return nil, &report.Error{Kind: report.Service, What: "another conduit supervises this project", Why: who, Next: next}
}

func readPresence(path string) (presence, error) {
	var p presence
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	return p, err
}

// serve opens the control interface of s and tells where it is.
func (g *guard) serve(s *Supervisor) error {
	fail := func(err error) error {
		return &report.Error{Kind: report.Service, What: "cannot open the supervisor's control interface", Where: g.path, Err: err, Next: "set CONDUIT_STATE to a folder that you may write to"}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fail(err)
	}
	token := rand.Text()
	g.server = newControl(s, l, token)
	data, err := json.Marshal(presence{PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second), Address: l.Addr().String(), Token: token})
	if err == nil {
		err = os.WriteFile(g.path+".new", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(g.path+".new", g.path)
	}
	if err != nil {
		g.close()
		return fail(err)
	}
	return nil
}

// close ends the control interface, after the orders that it is carrying out.
func (g *guard) close() {
	if g.server != nil {
		g.server.close()
		g.server = nil
	}
}

func (g *guard) release() {
	g.close()
	_ = os.Remove(g.path)
	_ = g.lock.Unlock() // the file stays: removing it would let two have it
}
