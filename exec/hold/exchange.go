package hold

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	bufferSize   = 16 << 10
	replayMost   = 256 << 10              // bytes of a request's body that are kept for sending it again
	attempts     = 5                      // how often an idempotent request is sent that gets no answer
	pauseMost    = 50 * time.Millisecond  // between attempts to connect while the gate stays open
	pauseGrowth  = 4                      // of the pause between attempts that got no answer: a crash is not noticed at once
	silence      = 100 * time.Millisecond // after which a client is taken for one that waits for the server's first word
	dialTimeout  = 5 * time.Second
	lingerAtMost = time.Second // for a client that still sends a body which nobody wants
)

// exchange is one client connection with the connection to the service that belongs to it.
type exchange struct {
	address *Address
	gate    *Gate
	client  *net.TCPConn
	in      *bufio.Reader // of client
	service *net.TCPConn  // nil while there is none
	out     *bufio.Reader // of service
	turn    int           // the gate's when service was made
	used    bool          // service has answered before

	request, response head
	rawIn, rawOut     []byte // their bytes, used again
	body              []byte // of the request, where it can be sent again
	pending           []byte // not yet written to the client
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}

func newExchange(a *Address, client *net.TCPConn) *exchange {
	x := &exchange{address: a, gate: a.Gate, client: client, in: readers.Get().(*bufio.Reader), out: readers.Get().(*bufio.Reader)}
	x.in.Reset(client)
	return x
}

func (x *exchange) close() {
	x.hangUp()
	x.in.Reset(nil)
	x.out.Reset(nil)
	readers.Put(x.in)
	readers.Put(x.out)
}

// hangUp closes the connection to the service.
func (x *exchange) hangUp() {
	if x.service != nil {
		x.address.drop(x.service)
		x.service = nil
	}
}

// serve relays until one side is done.
func (x *exchange) serve(ctx context.Context) {
	if !x.http(ctx) {
		return
	}
	for {
		var err error
		if x.rawIn, err = readHead(x.in, x.rawIn); err != nil {
			if errors.Is(err, errHead) {
				x.refuse(431, "the head of the request is longer than 1 MiB")
			} else if len(x.rawIn) > 0 {
				x.tunnel(ctx, x.rawIn) // it broke off: the service may say what it thinks of it
			}
			return
		}
		if !x.request.parseRequest(x.rawIn) {
			x.tunnel(ctx, x.rawIn)
			return
		}
		if !x.relay(ctx) {
			return
		}
	}
}

// http finds out whether the client speaks HTTP/1. Where it does not, the connection is forwarded as bytes here.
func (x *exchange) http(ctx context.Context) bool {
	_ = x.client.SetReadDeadline(time.Now().Add(silence))
	_, err := x.in.Peek(1)
	_ = x.client.SetReadDeadline(time.Time{})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if spoke := x.listen(ctx); spoke {
			x.tunnel(ctx, nil)
			return false
		}
		_, err = x.in.Peek(1)
	}
	if err != nil {
		return false
	}
	defer func() { _ = x.client.SetReadDeadline(time.Time{}) }()
	_ = x.client.SetReadDeadline(time.Now().Add(10 * silence))
	for {
		b, _ := x.in.Peek(x.in.Buffered())
		maybe, more := begins(b)
		if maybe && more && len(b) < bufferSize {
			if _, err = x.in.Peek(len(b) + 1); err == nil {
				continue
			}
		}
		if maybe && !errors.Is(err, os.ErrDeadlineExceeded) {
			return true // also where the line is longer than the buffer: the head is read piece by piece
		}
		_ = x.client.SetReadDeadline(time.Time{})
		x.tunnel(ctx, nil)
		return false
	}
}

// listen connects to the service for a client that says nothing, and tells whether the service spoke first.
func (x *exchange) listen(ctx context.Context) (spoke bool) {
	err := x.reach(ctx)
	if err != nil {
		return false
	}
	x.gate.leave() // nothing is under way as long as both are silent
	const (
		serviceSpoke = iota
		serviceGone
		clientDone // it spoke or went
	)
	heard := make(chan int, 2)
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := x.out.Peek(1); err == nil {
			heard <- serviceSpoke
		} else {
			heard <- serviceGone
		}
	})
	group.Go(func() { _, _ = x.in.Peek(1); heard <- clientDone })
	past := time.Unix(1, 0)
	switch <-heard {
	case serviceSpoke:
		_ = x.client.SetReadDeadline(past)
		group.Wait()
		_ = x.client.SetReadDeadline(time.Time{})
		return true
	case clientDone:
		_ = x.service.SetReadDeadline(past)
		group.Wait()
		_ = x.service.SetReadDeadline(time.Time{})
		return x.out.Buffered() > 0
	}
	group.Wait() // for the client: another instance will answer it
	x.hangUp()
	return false
}

// connect makes the connection to the service anew.
func (x *exchange) connect(p pass) error {
	x.hangUp()
	c, err := net.DialTimeout("tcp4", p.addr, dialTimeout)
	if err != nil {
		return err
	}
	if !x.address.keep(c) {
		_ = c.Close()
		return net.ErrClosed
	}
	x.service, x.turn, x.used = c.(*net.TCPConn), p.turn, false
	x.out.Reset(c)
	return nil
}

// reach waits for the gate and connects, again and again until wait is over: before anything was sent that is always safe.
// The caller leaves the gate.
func (x *exchange) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, x.address.wait, fmt.Errorf("service %s was not ready within %s", x.address.name, x.address.wait))
	defer cancel()
	for {
		p, err := x.gate.enter(ctx)
		if err != nil {
			return err
		}
		if x.service != nil && x.turn == p.turn && (x.request.idempotent() || fresh(x.service)) {
			return nil
		}
		if err = x.connect(p); err == nil {
			return nil
		}
		x.gate.leave()
		x.gate.pause(ctx, pauseMost)
		if ctx.Err() != nil {
			return fmt.Errorf("service %s: %w", x.address.name, err)
		}
	}
}
