package npmtest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault makes requests go wrong. Several may be set; the first that matches a request is applied to it.
type Fault struct {
	Package  string        // the package concerned, "" for all
	On       string        // "document" or "tarball", "" for both
	Times    int           // how many requests it hits; 0 for all
	Status   int           // answer with this HTTP status
	After    int           // seconds for Retry-After, with Status
	Truncate bool          // break the connection in the middle of the body
	Stall    bool          // stop sending in the middle of the body
	Endless  bool          // never stop sending a tarball
	NoRange  bool          // send the whole tarball, whatever range is asked for
	Pad      int           // add so many MB to a document
	Weak     bool          // state a shasum only in a document, as the registry did before 2017
	Tarballs string        // state in a document that the tarballs lie below this address
	Corrupt  bool          // flip a byte of a tarball; in a document, state a wrong integrity for each version
	Unsigned bool          // leave the signatures out of a document
	Forged   bool          // state signatures in a document that are over something else
	Rename   string        // give the document this name
	Delay    time.Duration // wait before the answer
	Until    string        // wait until a request has come whose path holds this text
	Hang     bool          // never answer
	Redirect string        // redirect to this address; "loop" is the request's own

	hits int
}

// Fault sets a fault. [Registry.Reset] ends it.
func (r *Registry) Fault(f Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, &f)
}

// ParseFault reads a fault from words as a test script writes them:
// "package=axios on=tarball times=2 status=503 after=1", "truncate", "stall", "endless", "norange", "corrupt", "unsigned", "forged", "rename=x",
// "pad=50", "weak", "tarballs=https://elsewhere/", "delay=1s", "until=axios-1.6.0.tgz", "hang", "redirect=loop".
func ParseFault(words ...string) (Fault, error) {
	var f Fault
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		var err error
		switch key {
		case "package":
			f.Package = value
		case "on":
			f.On = value
		case "times":
			f.Times, err = strconv.Atoi(value)
		case "status":
			f.Status, err = strconv.Atoi(value)
		case "after":
			f.After, err = strconv.Atoi(value)
		case "truncate":
			f.Truncate = true
		case "stall":
			f.Stall = true
		case "endless":
			f.Endless = true
		case "norange":
			f.NoRange = true
		case "pad":
			f.Pad, err = strconv.Atoi(value)
		case "weak":
			f.Weak = true
		case "tarballs":
			f.Tarballs = value
		case "corrupt":
			f.Corrupt = true
		case "unsigned":
			f.Unsigned = true
		case "forged":
			f.Forged = true
		case "rename":
			f.Rename = value
		case "delay":
			f.Delay, err = time.ParseDuration(value)
		case "until":
			f.Until = value
		case "hang":
			f.Hang = true
		case "redirect":
			f.Redirect = value
		default:
			err = fmt.Errorf("no such fault")
		}
		if err != nil {
			return Fault{}, fmt.Errorf("npmtest: fault %q: %w", w, err)
		}
	}
	return f, nil
}

// fault takes the fault that is due for a request, if any.
func (r *Registry) fault(name, what string) *Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.faults {
		if f.Package != "" && f.Package != name || f.On != "" && f.On != what || f.Times > 0 && f.hits >= f.Times {
			continue
		}
		f.hits++
		return f
	}
	return nil
}

// await returns when a request has come whose path holds text, or when the client of q is gone.
func (r *Registry) await(q *http.Request, text string) {
	for look := time.NewTicker(5 * time.Millisecond); ; {
		if slices.ContainsFunc(r.Requests(), func(sent string) bool { return strings.Contains(sent, text) }) {
			return
		}
		select {
		case <-look.C:
		case <-q.Context().Done():
			return
		}
	}
}

// answer does what the fault wants before or instead of the answer, and reports whether that was all.
func (f *Fault) answer(w http.ResponseWriter, q *http.Request) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-q.Context().Done():
			return true
		}
	}
	switch {
	case f.Hang:
		<-q.Context().Done()
	case f.Redirect == "loop":
		http.Redirect(w, q, q.URL.EscapedPath(), http.StatusFound)
	case f.Redirect != "":
		http.Redirect(w, q, f.Redirect, http.StatusFound)
	case f.Status != 0:
		if f.After > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.After))
		}
		http.Error(w, http.StatusText(f.Status), f.Status)
	default:
		return false
	}
	return true
}

// cut sends the first half of body under the length of the whole, and then ends the connection; with stall it keeps it open
// as long as the client does.
func cut(w http.ResponseWriter, q *http.Request, body []byte, stall bool) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:len(body)/2]) // the client may be gone; the connection ends here anyway
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	if stall {
		<-q.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// pour sends body over and over until the client has enough.
func pour(w http.ResponseWriter, body []byte) {
	block := bytes.Repeat(body, 1+(1<<20)/max(len(body), 1))
	for {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// pad sends a document with another member of so many MB.
func pad(w http.ResponseWriter, body []byte, megabytes int) {
	block := bytes.Repeat([]byte("x"), 1_000_000)
	_, err := w.Write(append(body[:len(body)-1:len(body)-1], `,"pad":"`...))
	for range megabytes {
		if err == nil {
			_, err = w.Write(block)
		}
	}
	if err == nil {
		_, _ = w.Write([]byte(`"}`)) // the client may be gone
	}
}

// spoil makes a document what the fault wants it to be.
func (f *Fault) spoil(doc map[string]any) {
	if f.Rename != "" {
		doc["name"] = f.Rename
	}
	eachDist(doc, func(version string, dist map[string]any) {
		if f.Corrupt {
			dist["integrity"] = "sha512-" + strings.Repeat("A", 86) + "=="
		}
		if f.Unsigned {
			delete(dist, "signatures")
		}
		if signatures, ok := dist["signatures"].([]any); ok && f.Forged {
			forged := maps.Clone(signatures[0].(map[string]any))
			forged["sig"] = "MEQCIFiG4BbRCfOtJiV9BkwAfmuZ6j6WDPSwLTUxm8z4HbwxAiBRQBV8eXLNJmyYnSS5oLT12Q44o71/CetyWd+uifoylA=="
			dist["signatures"] = []any{forged}
		}
		if f.Weak {
			delete(dist, "integrity")
		}
		if f.Tarballs != "" {
			dist["tarball"] = f.Tarballs + "elsewhere-" + version + ".tgz"
		}
	})
}
