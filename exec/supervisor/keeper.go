package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/exec/hold"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report"
)

// keeper keeps one service running. Everything that is done with the service is done by its goroutine, one thing at a
// time.
type keeper struct {
	s       *Supervisor
	name    string
	gate    *hold.Gate    // nil where no address is held
	address *hold.Address // of the gate
	orders  chan errand
	seen    chan sight // the newest only

	mu        sync.Mutex
	svc       Service
	pinned    string // the driver that has started it, "" before
	state     State
	interrupt context.CancelFunc // of what is being done; nil while nothing is
	follower  follower

	// What follows belongs to the goroutine.
	status   service.Status // of the last start
	settled  time.Time      // when the last operation ended: what was seen before says nothing
	since    time.Time      // since when it runs
	tries    int            // starts that failed one after the other
	streak   int            // probes that failed one after the other
	hung     bool           // it was started and did not become healthy: what runs of it has to go first
	noEngine bool           // it waits for the engine
	away     bool           // the engine starts it again by itself
	probeAt  time.Time      // zero times are never
	retryAt  time.Time
	idleAt   time.Time
}

// sight is what the driver said of the service when it was asked at a time.
type sight struct {
	began  time.Time
	status service.Status
	there  bool
}

func newKeeper(s *Supervisor, svc Service) *keeper {
	return &keeper{s: s, name: svc.Spec.Name, svc: svc, orders: make(chan errand), seen: make(chan sight, 1),
		state: State{Name: svc.Spec.Name, State: Starting}}
}

// hold listens on the stable address of the service. A port of its own that conduit.toml fixes is that address; the
// instance gets a free one.
func (k *keeper) hold() error {
	k.gate = hold.NewGate()
	try := func(port int) (*hold.Address, error) { return hold.Listen(k.name, port, k.gate, k.s.opts.Wait) }
	var err error
	if k.svc.Spec.Port != 0 {
		k.address, err = try(k.svc.Spec.Port)
	} else {
		k.address, err = k.s.ports.listen(k.s.ctx, k.name, try)
	}
	var taken *report.Error
	if port := k.svc.Spec.Port; port != 0 && errors.As(err, &taken) {
		k.s.opts.Driver.Occupant(k.s.ctx, port).Explain(taken)
	}
	if err == nil {
		k.state.Held = k.address.Port()
		report.Emit(k.s.ctx, report.Event{Type: report.Info, Subject: k.name, Message: fmt.Sprintf("is held at http://127.0.0.1:%d", k.address.Port())})
	}
	return err
}

func (k *keeper) current() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state
}

func (k *keeper) service() Service {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.svc
}

// driver is the one that has started the service, "" before.
func (k *keeper) driver() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pinned
}

// renew takes over what is declared of the service now.
func (k *keeper) renew(svc Service) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.svc = svc
}

// spec is what the driver gets. Where an address is held, that has the fixed port. A service stays with the driver that
// has started it first: an engine that goes away for a while must not leave a second instance, as a process.
func (k *keeper) spec() service.Spec {
	spec := k.service().Spec
	if pinned := k.driver(); pinned != "" && (spec.Driver == "" || spec.Driver == service.Auto) {
		spec.Driver = pinned
	}
	if k.gate != nil {
		spec.Port = 0
	}
	return spec
}

// set changes the state and tells everybody.
func (k *keeper) set(change func(*State)) {
	k.mu.Lock()
	change(&k.state)
	k.mu.Unlock()
	k.s.news()
}

// see hands over a sight; one that nobody has looked at yet is replaced.
func (k *keeper) see(s sight) {
	if s.there && s.status.Running {
		k.follow(s.status)
	}
	for {
		select {
		case k.seen <- s:
			return
		default:
		}
		select {
		case <-k.seen:
		default:
		}
	}
}

// run works until the context ends.
func (k *keeper) run(ctx context.Context, start bool) {
	if start {
		_ = k.bring(ctx, false) // the state says what came of it
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var wake <-chan struct{}
		if k.gate != nil && k.current().State == Idle {
			wake = k.gate.Wake()
		}
		timer.Reset(k.untilDue())
		select {
		case <-ctx.Done():
			return
		case e := <-k.orders:
			e.done <- k.obey(ctx, e.instruction)
		case s := <-k.seen:
			k.notice(ctx, s)
		case <-wake:
			report.Emit(ctx, report.Event{Type: report.Info, Subject: k.name, Message: "a connection has come: starting"})
			_ = k.bring(ctx, false)
		case <-timer.C:
			k.due(ctx)
		}
	}
}

func (k *keeper) untilDue() time.Duration {
	next := time.Hour
	for _, at := range []time.Time{k.probeAt, k.retryAt, k.idleAt} {
		if !at.IsZero() {
			next = min(next, max(time.Until(at), 0))
		}
	}
	return next
}

// due does what its time has come for.
func (k *keeper) due(ctx context.Context) {
	past := func(at time.Time) bool { return !at.IsZero() && !time.Now().Before(at) }
	switch {
	case past(k.retryAt):
		_ = k.bring(ctx, k.hung && !k.noEngine)
	case past(k.idleAt):
		k.rest(ctx)
	case past(k.probeAt):
		k.probe(ctx)
	}
}

// bring makes the service run and waits until it is healthy; again stops it first if it runs.
func (k *keeper) bring(ctx context.Context, again bool) error {
	k.probeAt, k.retryAt, k.idleAt = time.Time{}, time.Time{}, time.Time{}
	k.set(func(s *State) { s.State, s.Health, s.Next = Starting, service.Starting, time.Time{} })
	ctx, done := k.begin(ctx)
	defer done()
	err := k.s.await(ctx, k.service().Needs)
	if err != nil {
		return k.lost(ctx, err, true)
	}
	if again {
		k.status, err = k.s.opts.Driver.Restart(ctx, k.spec())
	} else {
		k.status, err = k.s.opts.Driver.Up(ctx, k.spec())
	}
	k.hung = err != nil
	if err != nil {
		return k.lost(ctx, err, false)
	}
	k.runs()
	return nil
}

// begin makes what is done under the context interruptible by orders.
func (k *keeper) begin(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	k.mu.Lock()
	k.interrupt = cancel
	k.mu.Unlock()
	return ctx, func() {
		k.mu.Lock()
		k.interrupt = nil
		k.mu.Unlock()
		cancel()
		k.settled = time.Now()
	}
}

// runs takes note of a healthy service.
func (k *keeper) runs() {
	k.mu.Lock()
	k.pinned = k.status.Driver
	idle := k.svc.Idle
	k.mu.Unlock()
	now := time.Now()
	k.since, k.streak, k.noEngine, k.away = now, 0, false, false
	k.probeAt = now.Add(k.spec().Interval())
	if k.gate != nil && len(k.status.Ports) == 0 {
		k.gate.Fail(fmt.Errorf("service %s publishes no port", k.name))
	} else if k.gate != nil {
		k.gate.Open(net.JoinHostPort("127.0.0.1", strconv.Itoa(k.status.Ports[0].Host)))
		if idle > 0 {
			k.idleAt = now.Add(idle)
		}
	}
	k.set(func(s *State) { s.State, s.Health, s.Reason = Running, k.status.Health, "" })
	k.follow(k.status)
}

// lost decides what becomes of a service that does not start or has ended. Own tells that the reason is not the service.
func (k *keeper) lost(ctx context.Context, err error, own bool) error {
	k.probeAt, k.idleAt = time.Time{}, time.Time{}
	if ctx.Err() != nil { // an order follows, or the end
		k.set(func(s *State) { s.State, s.Health, s.Reason = Waiting, service.NoHealth, "interrupted" })
		return err
	}
	k.noEngine = errors.Is(err, service.ErrNoEngine)
	switch {
	case k.noEngine: // nothing is wrong with the service
		k.retryAt = time.Now().Add(k.s.opts.Backoff.Most)
		k.shut()
		k.set(func(s *State) {
			s.State, s.Health, s.Reason, s.Next = Waiting, service.NoHealth, reason(err), k.retryAt
		})
		return err
	case time.Since(k.since) >= k.s.opts.Backoff.Steady && !k.since.IsZero():
		k.tries = 0
	}
	k.since = time.Time{}
	k.tries++
	if own || hopeless(err) || k.tries > k.s.opts.Backoff.Limit {
		why := reason(err)
		if k.tries > k.s.opts.Backoff.Limit {
			why = fmt.Sprintf("it was started again %d times; the last time: %s", k.s.opts.Backoff.Limit, why)
		}
		k.set(func(s *State) { s.State, s.Health, s.Reason, s.Next = Failed, service.NoHealth, why, time.Time{} })
		if k.gate != nil {
			k.gate.Fail(fmt.Errorf("service %s has failed: %s", k.name, why))
		}
		report.Warn(ctx, k.name, "", "has failed: "+why)
		return err
	}
	pause := k.s.opts.Backoff.pause(k.tries)
	k.retryAt = time.Now().Add(pause)
	k.shut()
	k.set(func(s *State) {
		s.State, s.Health, s.Reason, s.Next = Waiting, service.NoHealth, reason(err), k.retryAt
		s.Restarts++
	})
	report.Warn(ctx, k.name, "", fmt.Sprintf("%s\nstarting it again in %s (%d of %d)", reason(err), pause, k.tries, k.s.opts.Backoff.Limit))
	return err
}

func (k *keeper) shut() {
	if k.gate != nil {
		k.gate.Shut()
	}
}

// hopeless tells errors that another try cannot mend.
func hopeless(err error) bool {
	switch report.KindOf(err) {
	case report.Usage, report.Lock, report.Integrity, report.Policy:
		return true
	}
	return false
}

// reason is what an error says, without the remedy: that is for people who can type it.
func reason(err error) string {
	var e *report.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	why := e.Why
	if why == "" && e.Err != nil {
		why = e.Err.Error()
	}
	if why == "" {
		return e.What
	}
	return e.What + ": " + why
}
