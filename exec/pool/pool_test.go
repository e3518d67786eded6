package pool

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// fake is a process that ends when it is told to.
type fake struct {
	number  int
	exited  chan struct{}
	end     func()
	closed  atomic.Bool
	program string
}

func (f *fake) Exited() <-chan struct{} { return f.exited }

func (f *fake) Close() error {
	f.closed.Store(true)
	f.end()
	return nil
}

// starter starts fakes.
type starter struct {
	mu      sync.Mutex
	started []*fake
	program string
	err     error
}

func (s *starter) start(ctx context.Context) (*fake, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	f := &fake{number: len(s.started) + 1, exited: make(chan struct{}), program: s.program}
	f.end = sync.OnceFunc(func() { close(f.exited) })
	s.started = append(s.started, f)
	return f, ctx.Err()
}

func (s *starter) set(program string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.program, s.err = program, err
}

func (s *starter) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.started)
}

// open is a pool of fakes in a bubble of virtual time. It is closed at the end, and every fake must have been.
func open(t *testing.T, opts Options[*fake], use func(*testing.T, *starter, *Pool[*fake])) {
	synctest.Test(t, func(t *testing.T) {
		s := &starter{}
		opts.Name, opts.Start = "provider p", s.start
		p := New(t.Context(), opts)
		use(t, s, p)
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for _, f := range s.started {
			if !f.closed.Load() {
				t.Errorf("process %d was not closed", f.number)
			}
		}
	})
}

// number is a call that returns in which process it ran.
func number(t *testing.T, p *Pool[*fake]) int {
	t.Helper()
	var out int
	if err := p.Do(t.Context(), func(_ context.Context, f *fake) error { out = f.number; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// hold begins a call that ends when release is called, and waits until it is in its process.
func hold(t *testing.T, p *Pool[*fake]) (f *fake, release func() error) {
	t.Helper()
	inside, end, done := make(chan *fake, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- p.Do(t.Context(), func(ctx context.Context, f *fake) error {
			inside <- f
			select {
			case <-end:
				return nil
			case <-f.exited:
				return errors.New("the connection broke")
			}
		})
	}()
	select {
	case f = <-inside:
	case err := <-done:
		t.Fatal(err)
	}
	return f, func() error {
		close(end)
		return <-done
	}
}

func mustFail(t *testing.T, err error, retryable bool, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if report.Retryable(err) != retryable {
		t.Errorf("retryable is %t: %v", !retryable, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in: %v", word, err)
		}
	}
}

func TestShared(t *testing.T) {
	open(t, Options[*fake]{}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		if s.count() != 0 {
			t.Error("started before the first call")
		}
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() { number(t, p) })
		}
		calls.Wait()
		if s.count() != 1 {
			t.Errorf("%d processes were started", s.count())
		}
	})
}

func TestBackPressure(t *testing.T) {
	open(t, Options[*fake]{Concurrency: 2, Queue: 3}, func(t *testing.T, _ *starter, p *Pool[*fake]) {
		_, first := hold(t, p)
		_, second := hold(t, p)
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() { number(t, p) })
		}
		synctest.Wait()
		if running, queued := p.Load(); running != 2 || queued != 3 {
			t.Errorf("%d run and %d wait", running, queued)
		}
		err := p.Do(t.Context(), func(context.Context, *fake) error { t.Error("was let in"); return nil })
		mustFail(t, err, true, "provider p: it has too much to do", "2 calls run and 3 wait", "try again in a moment")
		if err := errors.Join(first(), second()); err != nil {
			t.Error(err)
		}
		waiting.Wait()
		number(t, p) // there is room again
	})
}

func TestCallerLeavesQueue(t *testing.T) {
	open(t, Options[*fake]{Concurrency: 1, Queue: 1}, func(t *testing.T, _ *starter, p *Pool[*fake]) {
		_, release := hold(t, p)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Do(ctx, func(context.Context, *fake) error { return nil })
		mustFail(t, err, true, "the time limit passed before it could begin")
		if report.KindOf(err) != report.Timeout {
			t.Errorf("kind %v", report.KindOf(err))
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		mustFail(t, p.Do(ctx, func(context.Context, *fake) error { return nil }), false, "interrupted before it began")
		if err := release(); err != nil {
			t.Error(err)
		}
	})
}

func TestIdle(t *testing.T) {
	open(t, Options[*fake]{Idle: time.Minute}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		number(t, p)
		time.Sleep(59 * time.Second)
		if n := number(t, p); n != 1 {
			t.Errorf("process %d answers within the idle time", n)
		}
		_, release := hold(t, p)
		time.Sleep(time.Hour)
		if err := release(); err != nil {
			t.Errorf("a long call was cut off: %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !s.started[0].closed.Load() {
			t.Error("it was not stopped after the idle time")
		}
		if n := number(t, p); n != 2 {
			t.Errorf("process %d answers after the idle time", n)
		}
	})
}

func TestCrash(t *testing.T) {
	open(t, Options[*fake]{Pause: time.Second}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		f, release := hold(t, p)
		f.end()
		if err := release(); err == nil || !strings.Contains(err.Error(), "the connection broke") {
			t.Errorf("the call in the process that crashed: %v", err)
		}
		before := time.Now()
		if n := number(t, p); n != 2 {
			t.Errorf("process %d answers", n)
		}
		if waited := time.Since(before); waited != time.Second {
			t.Errorf("the next start came after %s", waited)
		}
		if n := s.count(); n != 2 {
			t.Errorf("%d processes were started", n)
		}
	})
}

func TestCrashesInARow(t *testing.T) {
	open(t, Options[*fake]{Pause: time.Second, MostPause: 5 * time.Second, Crashes: 5, Next: "conduit logs p"}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		crash := func() {
			f, release := hold(t, p)
			f.end()
			_ = release()
		}
		var waits []time.Duration
		for range 5 {
			before := time.Now()
			crash()
			waits = append(waits, time.Since(before))
		}
		want := []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second}
		for i := range want {
			if waits[i] != want[i] {
				t.Errorf("pauses are %v, want %v", waits, want)
				break
			}
		}
		err := p.Do(t.Context(), func(context.Context, *fake) error { t.Error("was called"); return nil })
		mustFail(t, err, true, "it has crashed 5 times in a row", "conduit logs p")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := number(t, p); n != 6 {
			t.Errorf("process %d answers after the pause", n)
		}
		before := time.Now()
		crash() // an answer came between: the first in a row
		number(t, p)
		if waited := time.Since(before); waited != time.Second {
			t.Errorf("after an answer the pause is %s", waited)
		}
	})
}

func TestStartFails(t *testing.T) {
	open(t, Options[*fake]{Pause: time.Second}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		s.set("", errors.New("no key"))
		for range 3 {
			mustFail(t, p.Do(t.Context(), func(context.Context, *fake) error { return nil }), false, "no key")
		}
		s.set("", nil)
		mustFail(t, p.Do(t.Context(), func(context.Context, *fake) error { return nil }), false, "no key") // not tried again yet
		time.Sleep(time.Second)
		synctest.Wait()
		if n := number(t, p); n != 1 {
			t.Errorf("process %d answers", n)
		}
	})
}

func TestReload(t *testing.T) {
	open(t, Options[*fake]{}, func(t *testing.T, s *starter, p *Pool[*fake]) {
		if err := p.Reload(t.Context()); err != nil || s.count() != 0 {
			t.Errorf("a pool without a process: %v, %d started", err, s.count())
		}
		old, release := hold(t, p)
		s.set("", errors.New("src/index.ts:3: unexpected }"))
		mustFail(t, p.Reload(t.Context()), false, "unexpected }")
		if n := number(t, p); n != 1 {
			t.Errorf("process %d answers after a reload that failed", n)
		}
		s.set("new", nil)
		if err := p.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := number(t, p); n != 2 {
			t.Errorf("process %d answers after the reload", n)
		}
		synctest.Wait()
		if old.closed.Load() {
			t.Error("the old process was stopped in the middle of a call")
		}
		if err := release(); err != nil {
			t.Errorf("the call in the old process: %v", err)
		}
		synctest.Wait()
		if !old.closed.Load() {
			t.Error("the old process stays after its last call")
		}
	})
}

func TestCloseDrains(t *testing.T) {
	open(t, Options[*fake]{}, func(t *testing.T, _ *starter, p *Pool[*fake]) {
		_, release := hold(t, p)
		closed := make(chan error, 1)
		go func() { closed <- p.Close(t.Context()) }()
		synctest.Wait()
		mustFail(t, p.Do(t.Context(), func(context.Context, *fake) error { return nil }), true, "it is being stopped")
		select {
		case <-closed:
			t.Error("closed while a call ran")
		default:
		}
		if err := release(); err != nil {
			t.Errorf("the call that ran: %v", err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

func TestCloseAtOnce(t *testing.T) {
	open(t, Options[*fake]{}, func(t *testing.T, _ *starter, p *Pool[*fake]) {
		_, release := hold(t, p)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := release(); err == nil {
			t.Error("the call outlived its process")
		}
	})
}
