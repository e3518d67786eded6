package sse

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	writeTime = 30 * time.Second // for a client to take what is written
	beatTime  = 15 * time.Second // between comments, which keep proxies from closing an idle connection
)

// Stream is an answer that is a stream of events. Its methods may be called concurrently.
type Stream struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
	err     error // the first that writing met

	closed chan struct{}
	beats  sync.WaitGroup
}

// Begin answers with the status 200 and opens a stream. The caller closes it before its handler returns.
func Begin(w http.ResponseWriter) *Stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would collect events
	w.WriteHeader(http.StatusOK)
	s := &Stream{w: w, control: http.NewResponseController(w), closed: make(chan struct{})}
	s.write(nil)
	s.beats.Go(s.beat)
	return s
}

func (s *Stream) beat() {
	ticker := time.NewTicker(beatTime)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
			s.write([]byte(":\n\n"))
		}
	}
}

// Send writes an event whose data is v as JSON. name and id may be empty. The error is that of the connection; it stays.
func (s *Stream) Send(name, id string, v any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	return s.SendText(name, id, strings.TrimSuffix(body.String(), "\n"))
}

// SendText writes an event whose data is one line of text.
func (s *Stream) SendText(name, id, data string) error {
	var out bytes.Buffer
	if id != "" {
		out.WriteString("id: " + id + "\n")
	}
	if name != "" {
		out.WriteString("event: " + name + "\n")
	}
	out.WriteString("data: " + data + "\n\n")
	return s.write(out.Bytes())
}

func (s *Stream) write(data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTime)) // a recorder of tests has none
	if _, s.err = s.w.Write(data); s.err == nil {
		s.err = s.control.Flush()
	}
	return s.err
}

// Close ends the stream.
func (s *Stream) Close() {
	close(s.closed)
	s.beats.Wait()
	_ = s.control.SetWriteDeadline(time.Time{}) // as in write
}
