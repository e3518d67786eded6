package hold

import (
	"bufio"
	"bytes"
	"errors"
	"strconv"
)

// headMost bounds the head of a request or response, bytes.
const headMost = 1 << 20

var errHead = errors.New("the head of the message is too long")

// head is the start line and the fields of an HTTP/1 message, as it came, with what decides where the message ends.
type head struct {
	raw        []byte
	method     string // of a request
	status     int    // of a response
	oldVersion bool   // HTTP/1.0
	length     int64  // Content-Length; -1 without one
	chunked    bool
	close      bool // Connection: close
	keep       bool // Connection: keep-alive
	upgrade    bool // Connection: upgrade
	expect     bool // the client waits for 100 Continue before it sends the body
	broken     bool // it cannot be said where the message ends
}

// readHead reads up to the empty line, into buf. Empty lines before the start line are kept: they are passed on.
func readHead(r *bufio.Reader, buf []byte) ([]byte, error) {
	buf = buf[:0]
	started := false
	for {
		line, err := r.ReadSlice('\n')
		buf = append(buf, line...)
		if len(buf) > headMost {
			return buf, errHead
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			started = true
			continue
		}
		if err != nil {
			return buf, err
		}
		if len(bytes.TrimRight(line, "\r\n")) > 0 {
			started = true
		} else if started {
			return buf, nil
		}
	}
}

// parse reads the fields that say where the message ends and what follows it (RFC 9112, sections 6 and 9).
func (h *head) parse(raw []byte) {
	*h = head{raw: raw, length: -1}
	rest := bytes.TrimLeft(raw, "\r\n")
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		value = bytes.TrimSpace(value)
		switch len(name) {
		case len("Content-Length"):
			if bytes.EqualFold(name, []byte("Content-Length")) {
				n, err := strconv.ParseInt(string(value), 10, 64)
				if err != nil || n < 0 || h.length >= 0 && h.length != n {
					h.broken = true
				}
				h.length = n
			}
		case len("Transfer-Encoding"):
			if bytes.EqualFold(name, []byte("Transfer-Encoding")) {
				h.chunked = hasToken(value, "chunked")
				h.broken = h.broken || !h.chunked
			}
		case len("Connection"):
			if bytes.EqualFold(name, []byte("Connection")) {
				h.close = h.close || hasToken(value, "close")
				h.keep = h.keep || hasToken(value, "keep-alive")
				h.upgrade = h.upgrade || hasToken(value, "upgrade")
			}
		case len("Expect"):
			if bytes.EqualFold(name, []byte("Expect")) {
				h.expect = true
			}
		}
	}
	if h.chunked {
		h.length = -1
	}
}

// parseRequest reads the head of a request; ok is false when it is none of HTTP/1.
func (h *head) parseRequest(raw []byte) (ok bool) {
	h.parse(raw)
	line, _, _ := bytes.Cut(bytes.TrimLeft(raw, "\r\n"), []byte("\n"))
	method, rest, _ := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(" "))
	at := bytes.LastIndexByte(rest, ' ')
	if len(method) == 0 || at < 0 || !bytes.HasPrefix(rest[at+1:], []byte("HTTP/1.")) {
		return false
	}
	h.method, h.oldVersion = string(method), bytes.HasSuffix(rest, []byte("/1.0"))
	// Servers differ in what they make of a chunked body in the older version (RFC 9112, section 6.1).
	return !h.broken && !(h.oldVersion && h.chunked)
}

// parseResponse reads the head of a response; ok is false when it is none of HTTP/1.
func (h *head) parseResponse(raw []byte) (ok bool) {
	h.parse(raw)
	line, _, _ := bytes.Cut(bytes.TrimLeft(raw, "\r\n"), []byte("\n"))
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return false
	}
	var err error
	h.status, err = strconv.Atoi(string(line[9:12]))
	h.oldVersion = line[7] == '0'
	return err == nil
}

// hasToken tells whether a comma-separated list holds a word, whatever its case.
func hasToken(list []byte, word string) bool {
	for len(list) > 0 {
		var item []byte
		item, list, _ = bytes.Cut(list, []byte(","))
		if bytes.EqualFold(bytes.TrimSpace(item), []byte(word)) {
			return true
		}
	}
	return false
}

// idempotent are the methods that may be sent again without knowing whether the first was acted on (RFC 9110, 9.2.2).
func (h *head) idempotent() bool {
	switch h.method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return false
}

// bodiless tells whether a response to method has no body whatever its fields say (RFC 9112, 6.3).
func (h *head) bodiless(method string) bool {
	return method == "HEAD" || h.status == 204 || h.status == 304
}

// methods are those that a first line may begin with to be taken for HTTP.
var methods = []string{"GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "}

// begins tells whether a connection that starts with b may be HTTP/1, and whether more bytes are needed to tell.
func begins(b []byte) (maybe, more bool) {
	for _, m := range methods {
		n := min(len(b), len(m))
		if string(b[:n]) == m[:n] {
			return true, !bytes.Contains(b, []byte("\n"))
		}
	}
	return false, false
}
