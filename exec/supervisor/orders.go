package supervisor

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
)

// What another conduit can order.
const (
	verbStart   = "start"
	verbStop    = "stop"
	verbRestart = "restart"
)

// instruction is an order to a keeper.
type instruction struct {
	verb string
	svc  *Service // what is declared now; nil for what was before
}

type errand struct {
	instruction
	done chan error
}

const interruptEvery = 100 * time.Millisecond

// order has the keeper do something and waits for it. What it is doing is interrupted.
func (k *keeper) order(ctx context.Context, i instruction) error {
	e := errand{i, make(chan error, 1)}
	for sent := false; !sent; {
		k.mu.Lock()
		if k.interrupt != nil && i.verb != verbStart {
			k.interrupt()
		}
		k.mu.Unlock()
		select {
		case k.orders <- e:
			sent = true
		case <-time.After(interruptEvery): // it may have begun something else just now
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case err := <-e.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// obey carries out an order.
func (k *keeper) obey(ctx context.Context, i instruction) error {
	same := i.svc == nil || reflect.DeepEqual(k.service(), *i.svc)
	if !same {
		k.renew(*i.svc)
	}
	k.tries = 0
	switch i.verb {
	case verbStart:
		if k.current().State == Running && same {
			return nil
		}
		k.drain(ctx)
		return k.bring(ctx, false)
	case verbRestart:
		k.drain(ctx)
		k.set(func(s *State) { s.Restarts++ })
		return k.bring(ctx, true)
	case verbStop:
		k.drain(ctx)
		k.probeAt, k.retryAt, k.idleAt = time.Time{}, time.Time{}, time.Time{}
		if k.gate != nil {
			k.gate.Fail(fmt.Errorf("service %s was stopped", k.name))
		}
		err := k.s.opts.Driver.Stop(ctx, k.s.opts.Project, []string{k.name})
		k.settled = time.Now()
		k.set(func(s *State) { s.State, s.Health, s.Reason, s.Next = Stopped, service.NoHealth, "", time.Time{} })
		return err
	}
	return errors.New("unknown order " + i.verb)
}

// drain lets new requests wait, and those under way end.
func (k *keeper) drain(ctx context.Context) {
	if k.gate != nil {
		ctx, cancel := context.WithTimeout(ctx, k.s.opts.Drain)
		defer cancel()
		k.gate.Drain(ctx)
	}
}

// await waits until the named services run. One that was given up or stopped ends it.
func (s *Supervisor) await(ctx context.Context, names []string) error {
	for {
		changed := s.nextChange()
		ready := true
		for _, name := range names {
			k := s.keeper(name)
			if k == nil {
				continue // not supervised: it was not asked for
			}
			switch k.current().State {
			case Running, Idle:
			case Failed, Stopped:
				return fmt.Errorf("it needs service %s, which does not run", name)
			default:
				ready = false
			}
		}
		if ready {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// obey carries out an order for the named services, all when names is empty, as they are declared now.
func (s *Supervisor) obey(ctx context.Context, verb string, names []string) error {
	declared := map[string]*Service{}
	if verb != verbStop {
		all, err := s.opts.Load(ctx)
		if err != nil {
			return err
		}
		for _, svc := range all {
			declared[svc.Spec.Name] = &svc
		}
	}
	targets, err := s.targets(names, declared)
	if err != nil {
		return err
	}
	err = s.inOrder(targets, verb == verbStop, func(k *keeper) error {
		return k.order(ctx, instruction{verb, declared[k.name]})
	})
	if verb == verbStop && len(names) == 0 && err == nil {
		s.finish()
	}
	return err
}

// inOrder does something with services in the order of their dependencies or in reverse, with those that do not need each
// other at the same time. It goes on after errors and returns them all.
func (s *Supervisor) inOrder(keepers []*keeper, reverse bool, do func(*keeper) error) error {
	var all []Service
	for _, k := range keepers {
		all = append(all, k.service())
	}
	order, err := levels(all)
	if err != nil {
		return err
	}
	if reverse {
		slices.Reverse(order)
	}
	var mu sync.Mutex
	var errs []error
	for _, level := range order {
		var group sync.WaitGroup
		for _, svc := range level {
			group.Go(func() {
				err := do(s.keeper(svc.Spec.Name))
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			})
		}
		group.Wait()
	}
	return errors.Join(errs...)
}

// targets are the keepers of the named services; those that are declared and have none get one.
func (s *Supervisor) targets(names []string, declared map[string]*Service) ([]*keeper, error) {
	var out []*keeper
	if len(names) == 0 {
		out = s.list()
		for name := range declared {
			if s.keeper(name) == nil && len(s.opts.Names) == 0 {
				names = append(names, name)
			}
		}
		slices.Sort(names)
	}
	for _, name := range names {
		k := s.keeper(name)
		if k == nil && declared[name] != nil {
			var err error
			if k, err = s.employ(*declared[name]); err != nil {
				return nil, err
			}
			s.running.Go(func() { k.run(s.ctx, false) })
		}
		if k != nil {
			out = append(out, k)
		}
	}
	return out, nil
}
