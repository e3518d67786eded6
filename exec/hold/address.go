package hold

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Address is a listener on 127.0.0.1 that hands connections to what is behind a gate.
type Address struct {
	Gate *Gate

	name     string
	wait     time.Duration
	listener *net.TCPListener
	ctx      context.Context
	cancel   context.CancelFunc
	group    sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// Listen holds 127.0.0.1:port for the service called name. A request waits for the gate to open for at most wait. Where
// another program has the port, the error, of kind Service, has the cause of the operating system in its chain.
func Listen(name string, port int, gate *Gate, wait time.Duration) (*Address, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, &report.Error{Kind: report.Service, What: "cannot hold port " + strconv.Itoa(port) + " for service " + name, Err: err,
			Next: "stop what listens on it, or write another port = … for " + name + " under [services] in conduit.toml"}
	}
	a := &Address{Gate: gate, name: name, wait: wait, listener: l.(*net.TCPListener), conns: map[net.Conn]struct{}{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.group.Go(a.accept)
	return a, nil
}

// Port is the port that is held.
func (a *Address) Port() int { return a.listener.Addr().(*net.TCPAddr).Port }

// Close stops listening, ends all connections and waits until nothing of them is left.
func (a *Address) Close() error {
	a.cancel()
	err := a.listener.Close()
	a.mu.Lock()
	for c := range a.conns {
		_ = c.Close()
	}
	a.mu.Unlock()
	a.group.Wait()
	return err
}

func (a *Address) accept() {
	for {
		c, err := a.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no file descriptor is free: the client waits in the queue meanwhile
			select {
			case <-a.ctx.Done():
				return
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		if !a.keep(c) {
			_ = c.Close()
			return
		}
		a.group.Go(func() {
			defer a.drop(c)
			x := newExchange(a, c)
			defer x.close()
			x.serve(a.ctx)
		})
	}
}

// keep remembers an open connection for Close; false when that was called already.
func (a *Address) keep(c net.Conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx.Err() != nil {
		return false
	}
	a.conns[c] = struct{}{}
	return true
}

func (a *Address) drop(c net.Conn) {
	a.mu.Lock()
	delete(a.conns, c)
	a.mu.Unlock()
	_ = c.Close()
}
