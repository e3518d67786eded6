package hold_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/hold"
	"github.com/MediaConduit/conduit/report"
)

// held returns a held address with an open gate to addr; "" leaves it shut.
func held(t *testing.T, addr string) *hold.Address {
	t.Helper()
	a, err := hold.Listen("app", 0, hold.NewGate(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if addr != "" {
		a.Gate.Open(addr)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func address(a *hold.Address) string { return fmt.Sprintf("127.0.0.1:%d", a.Port()) }

// client is one that follows no redirect and shares no connection with other tests.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// TestTransparent sees requests and responses of all framings arrive as they were sent.
func TestTransparent(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 64<<10) // 1 MiB
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Host", r.Host)
		w.Header().Set("X-Forwarded", r.Header.Get("X-Forwarded-For")+r.Header.Get("Via"))
		switch r.URL.Path {
		case "/echo":
			if r.Header.Get("Stream") != "" {
				_ = http.NewResponseController(w).EnableFullDuplex() // else net/http stops reading when it is answered
				w.WriteHeader(http.StatusAccepted)
			}
			_, _ = io.Copy(w, r.Body)
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/trailer":
			w.Header().Set("Trailer", "Sum")
			_, _ = io.WriteString(w, "body")
			w.(http.Flusher).Flush()
			w.Header().Set("Sum", "42")
		case "/hints":
			w.Header().Set("Link", "</a>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "after")
		case "/close":
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "bye")
		}
	}))
	defer server.Close()
	a := held(t, server.Listener.Addr().String())
	c := client(t)
	url := "http://" + address(a)
	send := func(method, path string, body io.Reader, header ...string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequest(method, url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return resp, string(text)
	}
	for range 2 { // the second time over a kept connection
		resp, text := send("POST", "/echo", strings.NewReader("short"))
		if text != "short" || resp.Header.Get("X-Host") != address(a) || resp.Header.Get("X-Forwarded") != "" {
			t.Errorf("%q %v", text, resp.Header)
		}
		if _, text = send("POST", "/echo", strings.NewReader(long)); text != long {
			t.Errorf("a long body came back as %d bytes", len(text))
		}
		if _, text = send("PUT", "/echo", io.MultiReader(strings.NewReader(long), strings.NewReader("!")), "Stream", "yes"); text != long+"!" {
			t.Errorf("a chunked body came back as %d bytes", len(text))
		}
		if _, text = send("POST", "/echo", strings.NewReader(long), "Expect", "100-continue"); text != long {
			t.Errorf("an expected body came back as %d bytes", len(text))
		}
		if resp, _ = send("HEAD", "/echo", nil); resp.StatusCode != http.StatusOK {
			t.Error(resp.Status)
		}
		if resp, _ = send("GET", "/empty", nil); resp.StatusCode != http.StatusNoContent {
			t.Error(resp.Status)
		}
		if resp, text = send("GET", "/trailer", nil); text != "body" || resp.Trailer.Get("Sum") != "42" {
			t.Errorf("%q %v", text, resp.Trailer)
		}
		if _, text = send("GET", "/hints", nil); text != "after" {
			t.Error(text)
		}
		if resp, text = send("GET", "/close", nil); text != "bye" || !resp.Close {
			t.Error(text, resp.Close)
		}
	}
}

// TestOldResponse relays a response that ends where the connection does, and cuts one that breaks off.
func TestOldResponse(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		want   string
		broken bool
	}{
		"to the end": {"HTTP/1.0 200 OK\r\n\r\nall of it", "all of it", false},
		"cut length": {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", "part", true},
		"cut chunk":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\npa", "pa", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := listener(t, func(c net.Conn) {
				_, _ = http.ReadRequest(bufio.NewReader(c))
				_, _ = io.WriteString(c, test.answer)
			})
			a := held(t, l)
			resp, err := client(t).Get("http://" + address(a))
			if err != nil {
				if test.broken {
					return
				}
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if (err != nil) != test.broken || !test.broken && string(text) != test.want {
				t.Errorf("%q %v", text, err)
			}
		})
	}
}

// listener serves each connection with serve, and closes it afterwards.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// TestNotHTTP forwards what is not HTTP as bytes: whoever speaks first.
func TestNotHTTP(t *testing.T) {
	echo := listener(t, func(c net.Conn) { _, _ = io.Copy(c, c) })
	for _, first := range []string{"\x16\x03\x01binary", "PRI * HTTP/2.0\r\n", "GETTING\n", "hello\n", "GET over"} {
		c, err := net.Dial("tcp", address(held(t, echo)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.WriteString(c, first); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(first))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != first {
			t.Errorf("%q came back as %q %v", first, got, err)
		}
		_ = c.(*net.TCPConn).CloseWrite()
		if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
			t.Errorf("after the end: %q %v", rest, err)
		}
		c.Close()
	}
	greeting := listener(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 ready\r\n")
		line, _ := bufio.NewReader(c).ReadString('\n')
		_, _ = io.WriteString(c, "250 "+line)
	})
	c, err := net.Dial("tcp", address(held(t, greeting)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	if line, err := r.ReadString('\n'); line != "220 ready\r\n" {
		t.Fatal(line, err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\n")
	if line, err := r.ReadString('\n'); line != "250 GET / HTTP/1.1\n" {
		t.Fatal(line, err)
	}
}

// TestSilentClient is a connection that is opened ahead of its first request.
func TestSilentClient(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "one") }))
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "two") }))
	defer other.Close()
	accepted := make(chan struct{}, 10)
	front := listener(t, func(c net.Conn) {
		accepted <- struct{}{}
		back, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			return
		}
		defer back.Close()
		go func() { _, _ = io.Copy(back, c) }()
		_, _ = io.Copy(c, back)
	})
	a := held(t, front)
	c, err := net.Dial("tcp", address(a))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	<-accepted // by the service, for the case that it speaks first
	server.CloseClientConnections()
	server.Close()
	a.Gate.Open(other.Listener.Addr().String())
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	if string(text) != "two" {
		t.Errorf("%s: %s", resp.Status, text)
	}
}

// TestUpgrade forwards bytes after a switch of protocols, and does not drain them.
func TestUpgrade(t *testing.T) {
	l := listener(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil || req.Header.Get("Upgrade") != "echo" {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.Copy(c, r)
	})
	a := held(t, l)
	c, err := net.Dial("tcp", address(a))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(resp, err)
	}
	a.Gate.Drain(context.Background()) // returns: a stream is not waited for
	if use := a.Gate.Use(); use.Streams != 1 || use.Requests != 0 {
		t.Errorf("%+v", use)
	}
	_, _ = io.WriteString(c, "still there\n")
	if line, err := r.ReadString('\n'); line != "still there\n" {
		t.Error(line, err)
	}
	if shut, _ := a.Gate.ShutAfter(0); shut {
		t.Error("a service with an open stream was taken for unused")
	}
}

// TestRetry sends idempotent requests again when the service went away without an answer, and no others.
func TestRetry(t *testing.T) {
	var seen atomic.Int32
	dying := listener(t, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		seen.Add(1)
	})
	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append([]byte("again "), body...))
	}))
	defer answering.Close()
	a := held(t, dying)
	c := client(t)
	post, err := c.Post("http://"+address(a), "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(post.Body)
	post.Body.Close()
	if post.StatusCode != http.StatusBadGateway || seen.Load() != 1 || !strings.Contains(string(text), "service app ended before it answered") {
		t.Errorf("%s after %d attempts: %s", post.Status, seen.Load(), text)
	}

	seen.Store(0)
	var group sync.WaitGroup
	group.Go(func() {
		for seen.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		a.Gate.Open(answering.Listener.Addr().String())
	})
	req, _ := http.NewRequest("PUT", "http://"+address(a), strings.NewReader("x"))
	put, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, _ = io.ReadAll(put.Body)
	put.Body.Close()
	group.Wait()
	if string(text) != "again x" || seen.Load() == 0 {
		t.Errorf("%s after %d attempts: %s", put.Status, seen.Load(), text)
	}
}

// TestFailure answers at once for a service that was given up, and says why.
func TestFailure(t *testing.T) {
	a := held(t, "")
	a.Gate.Fail(errors.New("service app has failed: exit status 3"))
	resp, err := client(t).Get("http://" + address(a))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusServiceUnavailable || !bytes.Contains(text, []byte("exit status 3")) {
		t.Errorf("%s: %s", resp.Status, text)
	}
}

// TestTaken says which port cannot be had.
func TestTaken(t *testing.T) {
	a := held(t, "")
	_, err := hold.Listen("other", a.Port(), hold.NewGate(), time.Second)
	var e *report.Error
	if !errors.As(err, &e) || e.Kind != report.Service || !strings.Contains(e.What, fmt.Sprint(a.Port())) || !strings.Contains(e.Next, "port = … for other") {
		t.Error(err)
	}
}

// TestRestarts is 10,000 requests at 50 at a time while the service behind moves five times, each time drained: every one
// is answered once, and no service sees one twice.
func TestRestarts(t *testing.T) {
	var mu sync.Mutex
	handled := map[string]int{}
	start := func() *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			handled[r.URL.Query().Get("id")]++
		}))
	}
	server := start()
	a := held(t, server.Listener.Addr().String())
	const requests, clients, moves = 10_000, 50, 5
	var next, done atomic.Int32
	c := client(t)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for {
				id := next.Add(1)
				if id > requests {
					return
				}
				method := []string{"GET", "POST"}[id%2]
				req, _ := http.NewRequest(method, fmt.Sprintf("http://%s/?id=%d", address(a), id), nil)
				resp, err := c.Do(req)
				if err != nil {
					t.Errorf("request %d: %v", id, err)
					continue
				}
				text, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					t.Errorf("request %d: %s: %s", id, resp.Status, text)
				}
				done.Add(1)
			}
		})
	}
	for i := range moves {
		for done.Load() < int32((i+1)*requests/(moves+1)) && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		a.Gate.Drain(context.Background())
		server.Close()
		server = start()
		a.Gate.Open(server.Listener.Addr().String())
	}
	group.Wait()
	server.Close()
	for id := 1; id <= requests; id++ {
		if n := handled[fmt.Sprint(id)]; n != 1 {
			t.Errorf("request %d was handled %d times", id, n)
		}
	}
}
