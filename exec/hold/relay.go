package hold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// relay sends the request whose head was read to the service and its response to the client. It tells whether the
// connection can carry another request.
func (x *exchange) relay(ctx context.Context) (again bool) {
	req := &x.request
	req.raw = x.rawIn
	x.body = x.body[:0]
	streamed := req.chunked || req.length > replayMost || req.expect && req.length > 0
	if !streamed && req.length > 0 {
		x.body = slices.Grow(x.body, int(req.length))[:req.length]
		if _, err := io.ReadFull(x.in, x.body); err != nil {
			return false
		}
	}
	pause := pauseMost
	for attempt := 1; ; attempt++ {
		if err := x.reach(ctx); err != nil {
			x.refuse(503, err.Error())
			return false
		}
		var upload sync.WaitGroup
		var uploaded error
		reused := x.used
		err := x.send(streamed, &upload, &uploaded)
		if err == nil {
			err = x.answer()
		}
		if err == nil {
			again = x.finish(ctx, streamed, &upload, &uploaded)
			return again
		}
		x.hangUp()
		x.stopUpload(streamed, &upload)
		x.gate.leave()
		if streamed || !req.idempotent() || attempt == attempts {
			x.refuse(502, fmt.Sprintf("the connection to service %s ended before it answered: %v", x.address.name, err))
			return false
		}
		if !reused { // a kept connection that the service had just closed says nothing about it
			x.gate.pause(ctx, pause)
			pause *= pauseGrowth
		}
	}
}

// send writes the request; a body that is too long to be kept goes on in the background, because a service may answer
// before it has read all of it.
func (x *exchange) send(streamed bool, upload *sync.WaitGroup, uploaded *error) error {
	buffers := net.Buffers{x.request.raw}
	if len(x.body) > 0 {
		buffers = append(buffers, x.body)
	}
	if _, err := buffers.WriteTo(x.service); err != nil {
		return err
	}
	if streamed {
		service := x.service
		upload.Go(func() {
			if x.request.chunked {
				*uploaded = copyChunked(service, x.in)
			} else {
				*uploaded = copyBody(service, x.in, x.request.length)
			}
		})
	}
	return nil
}

// stopUpload makes an upload end that nobody will read.
func (x *exchange) stopUpload(streamed bool, upload *sync.WaitGroup) {
	if streamed {
		_ = x.client.SetReadDeadline(time.Unix(1, 0))
		upload.Wait()
		_ = x.client.SetReadDeadline(time.Time{})
	}
}

// answer reads the head of the response. An error means that not one byte of it came.
func (x *exchange) answer() error {
	if _, err := x.out.Peek(1); err != nil {
		return err
	}
	x.used = true
	return nil
}

// finish relays the response, of which the first byte has come, and leaves the gate.
func (x *exchange) finish(ctx context.Context, streamed bool, upload *sync.WaitGroup, uploaded *error) (again bool) {
	left := false
	defer func() {
		if !left {
			x.stopUpload(streamed, upload)
			x.gate.leave()
		}
	}()
	res := &x.response
	for {
		var err error
		if x.rawOut, err = readHead(x.out, x.rawOut); err != nil || !res.parseResponse(x.rawOut) || res.broken {
			x.cut(x.rawOut)
			return false
		}
		if res.status >= 200 || res.status == 101 {
			break
		}
		if _, err := x.client.Write(x.rawOut); err != nil { // 100 Continue, 103 Early Hints
			x.hangUp()
			return false
		}
	}
	if res.status == 101 || x.request.method == "CONNECT" && res.status < 300 {
		if _, err := x.client.Write(x.rawOut); err != nil {
			x.hangUp()
			return false
		}
		left = true
		upload.Wait()
		end := x.gate.stream()
		defer end()
		x.pump(ctx)
		return false
	}
	whole, err := x.respond(res)
	if err != nil {
		x.cut(nil)
		return false
	}
	if !whole { // it ended where the service hung up
		x.hangUp()
		return false
	}
	if streamed {
		done := make(chan struct{})
		go func() { upload.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(lingerAtMost): // answered without having read the request
			x.hangUp()
			x.linger()
			return false
		}
		if *uploaded != nil {
			x.hangUp()
			return false
		}
	}
	if res.close || x.request.close || (res.oldVersion || x.request.oldVersion) && !res.keep {
		x.hangUp()
		x.linger()
		return false
	}
	return true
}

// respond relays head and body of a response. Whole is false for one that ends with the connection.
func (x *exchange) respond(res *head) (whole bool, err error) {
	if res.bodiless(x.request.method) || res.length == 0 {
		_, err = x.client.Write(x.rawOut)
		return true, err
	}
	if res.length > 0 {
		if n := min(int64(x.out.Buffered()), res.length); n > 0 { // mostly all of it: one write
			b, _ := x.out.Peek(int(n))
			x.pending = append(append(x.pending[:0], x.rawOut...), b...)
			_, _ = x.out.Discard(int(n))
			if _, err = x.client.Write(x.pending); err != nil {
				return true, err
			}
			return true, copyBody(x.client, x.out, res.length-n)
		}
		if _, err = x.client.Write(x.rawOut); err != nil {
			return true, err
		}
		return true, copyBody(x.client, x.out, res.length)
	}
	if _, err = x.client.Write(x.rawOut); err != nil {
		return true, err
	}
	if res.chunked {
		return true, copyChunked(x.client, x.out)
	}
	_, err = io.Copy(x.client, x.out)
	return false, err
}

// cut ends a response in the middle: the client must not take the part for the whole, so its connection is reset.
func (x *exchange) cut(part []byte) {
	if len(part) > 0 {
		_, _ = x.client.Write(part)
	}
	x.hangUp()
	_ = x.client.SetLinger(0)
	_ = x.client.Close()
}

// linger lets the client read the last response before the connection ends, though it may still be sending.
func (x *exchange) linger() {
	_ = x.client.CloseWrite()
	_ = x.client.SetReadDeadline(time.Now().Add(lingerAtMost))
	_, _ = io.Copy(io.Discard, x.client)
}

// refuse answers for the service, and ends the connection.
func (x *exchange) refuse(status int, why string) {
	reason := map[int]string{431: "Request Header Fields Too Large", 502: "Bad Gateway", 503: "Service Unavailable"}[status]
	body := "conduit: " + why + "\n"
	retry := ""
	if status == 503 {
		retry = "Retry-After: 1\r\n"
	}
	text := "HTTP/1.1 " + strconv.Itoa(status) + " " + reason + "\r\nContent-Type: text/plain; charset=utf-8\r\n" + retry +
		"Connection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	if x.request.method != "HEAD" {
		text += body
	}
	_, _ = io.WriteString(x.client, text)
	x.linger()
}

// tunnel forwards bytes from now on, first those of the client that were read already.
func (x *exchange) tunnel(ctx context.Context, first []byte) {
	x.request = head{method: "POST"} // what was said once is not said again: a kept connection must be a living one
	if x.service == nil || x.used {
		x.hangUp()
		if err := x.reach(ctx); err != nil {
			return
		}
	} else if _, err := x.gate.enter(ctx); err != nil {
		return
	}
	end := x.gate.stream()
	defer end()
	if len(first) > 0 {
		if _, err := x.service.Write(first); err != nil {
			return
		}
	}
	x.pump(ctx)
}

// pump copies both ways until both are done. The end of one direction is passed on.
func (x *exchange) pump(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = x.client.Close() })
	defer stop()
	service := x.service
	var group sync.WaitGroup
	group.Go(func() { pour(service, x.client, x.in) })
	pour(x.client, service, x.out)
	group.Wait()
}

// pour copies from one connection, of which some bytes may lie in a buffer, to another.
func pour(to, from *net.TCPConn, buffered buffer) {
	b, _ := buffered.Peek(buffered.Buffered())
	_, err := to.Write(b)
	if err == nil {
		_, err = io.Copy(to, from) // the kernel copies, where it can
	}
	if err == nil {
		err = to.CloseWrite()
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		_ = to.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
	}
}
