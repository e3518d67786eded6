package resolve

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
)

const defaultParallel = 8

func (s *solver) workers() int { return max(1, cmp.Or(s.p.Parallel, defaultParallel)) }

// parallel calls do for every number below n.
func (s *solver) parallel(n int, do func(i int)) {
	each := inTurn(n, do)
	wait := s.start(n, each)
	each()
	wait()
}

// ahead begins to call do for every number below n, for a caller who does so too and need not wait for the last: do knows
// what is done already.
func (s *solver) ahead(n int, do func(i int)) (wait func()) {
	return s.start(n, inTurn(n, do))
}

// inTurn calls do for every number below n. Goroutines that call the result share the numbers.
func inTurn(n int, do func(i int)) func() {
	var next atomic.Int64
	return func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
}

// start has goroutines help the caller with n things: a few that take one after another, since each grows a stack of its own.
func (s *solver) start(n int, each func()) (wait func()) {
	var group sync.WaitGroup
	for range min(n, s.workers()) - 1 {
		group.Go(each)
	}
	return group.Wait
}

// loadAll loads versions, and finds the minima that their requirements will contribute, each once: left to
// [attempt.choose], all goroutines would wait for the same ones, since packages that stand side by side require the same.
func (a *attempt) loadAll(ctx context.Context, todo []node, outcomes []outcome) {
	l := &loading{limit: a.workers(), total: len(todo)}
	l.wake.L = &l.mu
	l.work = func() {
		for {
			i, d, ok := l.take()
			switch {
			case !ok:
				return
			case d != nil:
				if _, rep, err := a.replace.apply(d.src); err == nil && rep == nil {
					_, _ = d.minimum(ctx, a.solver) // whoever chooses it reports the error
				}
			default:
				o, n := &outcomes[i], todo[i]
				o.pkg, o.err = a.load(ctx, n, a.kinds[n.src], a.visits[n.place].rev)
				l.loaded(o.pkg)
			}
		}
	}
	l.mu.Lock()
	l.start(len(todo))
	l.mu.Unlock()
	l.group.Wait()
}

// loading is what is to do for the versions of one round.
type loading struct {
	work  func()
	group sync.WaitGroup
	limit int // of goroutines

	mu          sync.Mutex
	wake        sync.Cond // when there is more to do, or nothing any more
	next, total int       // of the versions
	under       int       // way: versions that may bring more demands
	demands     []*demand // whose minima nobody has begun to look for
	workers     int
	idle        int
}

// start has up to n more goroutines work. The caller holds mu.
func (l *loading) start(n int) {
	for range min(n-l.idle, l.limit-l.workers) {
		l.workers++
		l.group.Go(l.work)
	}
}

// take waits for a version or a demand; ok is false when there will be no more.
func (l *loading) take() (version int, d *demand, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if n := len(l.demands); n > 0 {
			d, l.demands = l.demands[n-1], l.demands[:n-1]
			return 0, d, true
		}
		if l.next < l.total {
			l.next++
			l.under++
			return l.next - 1, nil, true
		}
		if l.under == 0 {
			return 0, nil, false
		}
		l.idle++
		l.wake.Wait()
		l.idle--
	}
}

// loaded takes note of a package, nil for one that could not be loaded.
func (l *loading) loaded(p *pkg) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under--
	before := len(l.demands)
	if p != nil {
		for i := range p.needs {
			n := &p.needs[i]
			if !n.prepared && n.locked == "" && n.src.Kind != File && !soft(n.rng) {
				n.prepared = true
				l.demands = append(l.demands, n.demand)
			}
		}
	}
	l.start(len(l.demands) - before)
	if l.idle > 0 {
		l.wake.Broadcast()
	}
}
