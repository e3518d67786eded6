package hold

import (
	"bufio"
	"bytes"
	"net/http"
	"slices"
	"testing"
)

// FuzzHead: where a message ends is found where net/http finds it, or not at all. A relay that saw another end than the
// server behind it would hand one client's bytes to another.
func FuzzHead(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
	f.Add([]byte("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde"))
	f.Add([]byte("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\n\r\n1\r\na\r\n0\r\n\r\n"))
	f.Add([]byte("POST /x HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n\r\na"))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, err := readHead(bufio.NewReader(bytes.NewReader(data)), nil)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(data, raw) {
			t.Fatalf("%q is not how %q begins", raw, data)
		}
		var h head
		h.parseResponse(raw)
		if !h.parseRequest(raw) {
			return
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			return // the server will refuse it
		}
		if want := slices.Contains(request.TransferEncoding, "chunked"); h.chunked != want {
			t.Errorf("%q: chunked is %v", raw, h.chunked)
		}
		if length := max(h.length, 0); !h.chunked && length != request.ContentLength {
			t.Errorf("%q: the body has %d bytes, not %d", raw, length, request.ContentLength)
		}
		if h.method != request.Method {
			t.Errorf("%q: the method is %q", raw, h.method)
		}
	})
}
