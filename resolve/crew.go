package resolve

import (
	"context"
	"sync"

	"golang.org/x/mod/semver"
)

// crew are the goroutines that work ahead of the one that merges. What an attempt has to look at follows from versions and
// ranges alone, in whatever order it is looked at, so they follow the requirements through the whole graph; the results are
// remembered, and merged in the order of the rounds. Errors are left to whoever merges what they belong to.
type crew struct {
	attempt *attempt
	ctx     context.Context
	group   sync.WaitGroup
	limit   int // of goroutines

	mu      sync.Mutex
	wake    sync.Cond // when there is more to do, or nothing any more
	tasks   []task    // the oldest first, since it is waited for soonest
	next    int       // of the tasks
	workers int
	idle    int
	over    bool
}

// task is one thing to do ahead: to see to a version that is to be merged, or else to what a demand will lead to.
type task struct {
	outcome *outcome
	demand  *demand
	kind    string // of what the demand asks for
}

func (a *attempt) newCrew(ctx context.Context) *crew {
	c := &crew{attempt: a, ctx: ctx, limit: a.workers() - 1} // whoever merges works too
	c.wake.L = &c.mu
	return c
}

// add leaves tasks to the crew.
func (c *crew) add(tasks ...task) {
	if len(tasks) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == len(c.tasks) {
		c.tasks, c.next = c.tasks[:0], 0
	}
	c.tasks = append(c.tasks, tasks...)
	for range min(len(tasks)-c.idle, c.limit-c.workers) {
		c.workers++
		c.group.Go(c.work)
	}
	for range min(len(tasks), c.idle) {
		c.wake.Signal()
	}
}

// dismiss ends the crew when what it has begun is done.
func (c *crew) dismiss() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.wake.Broadcast()
	c.group.Wait()
}

func (c *crew) work() {
	for t, ok := c.take(); ok; t, ok = c.take() {
		if t.outcome != nil {
			c.see(t.outcome)
		} else {
			c.follow(t.demand, t.kind)
		}
	}
}

// take waits for a task; ok is false when there will be no more.
func (c *crew) take() (t task, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.over {
		if c.next < len(c.tasks) {
			c.next++
			return c.tasks[c.next-1], true
		}
		c.idle++
		c.wake.Wait()
		c.idle--
	}
	return task{}, false
}

// outcome is what became of a version that is to be merged.
type outcome struct {
	node node
	kind string
	rev  *Revision // where requirements tell more than the version

	seen  sync.Once
	pkg   *pkg
	edges []*edge
	err   error
}

// see loads a version and chooses for everything that it requires.
func (c *crew) see(o *outcome) {
	o.seen.Do(func() {
		if o.pkg, o.err = c.attempt.load(c.ctx, o.node, o.kind, o.rev); o.err == nil {
			c.ahead(o.pkg)
			c.attempt.chooseAll(c.ctx, o)
		}
	})
}

// ahead leaves what a package requires to the crew: each demand once, since packages that stand side by side require the
// same. Left to [attempt.choose], all goroutines would wait for the same ones.
func (c *crew) ahead(p *pkg) {
	if p.ahead.Swap(c.attempt) == c.attempt {
		return
	}
	var tasks []task
	for i := range p.needs {
		n := &p.needs[i]
		if n.locked == "" && n.src.Kind != File && !soft(n.rng) && n.ahead.Load() != c.attempt && n.ahead.Swap(c.attempt) != c.attempt {
			tasks = append(tasks, task{demand: n.demand, kind: n.kind})
		}
	}
	c.add(tasks...)
}

// follow loads the version that [attempt.choose] will find for a demand without a lock.
func (c *crew) follow(d *demand, kind string) {
	a := c.attempt
	if _, rep, err := a.replace.apply(d.src); err != nil || rep != nil {
		return
	}
	least, err := d.minimum(c.ctx, a.solver)
	if err != nil {
		return
	}
	e := edge{rng: d.rng, to: least.node, rev: least.rev}
	a.raise(&e)
	if p, err := a.load(c.ctx, e.to, kind, e.rev); err == nil {
		c.ahead(p)
	}
}

// raise lifts an edge to the floor of its line where it allows that.
func (a *attempt) raise(e *edge) {
	if floor := a.floors[e.to.line]; floor != "" && semver.Compare(floor, e.to.version) > 0 && e.allows(floor) {
		e.to, e.rev = a.node(e.to.src, floor), nil
	}
}
