package npm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// pieces puts one file together from several answers: an attempt that follows a broken one goes on where that ended, since
// what was written cannot be taken back. That the pieces belong together is proved by the integrity of the whole.
type pieces struct {
	counter
	most    int64  // bytes that the file may have
	etag    string // of the first piece, if it is one that proves equal bytes
	whole   bool   // do not ask for ranges
	pieced  bool   // more than one answer was used
	started bool
	asked   int64 // where the last range began
}

// ask sets the headers of the next attempt.
func (p *pieces) ask(h http.Header) {
	h.Set("Accept-Encoding", "identity") // tarballs are compressed already, and ranges are of these bytes
	if p.n == p.asked {                  // nothing was there yet, or asking for a range brought nothing
		p.whole = p.whole || p.n > 0
	}
	if p.n == 0 || p.whole {
		return
	}
	p.asked = p.n
	h.Set("Range", fmt.Sprintf("bytes=%d-", p.n))
	if p.etag != "" { // another file is sent from its start
		h.Set("If-Range", p.etag)
	}
}

var errChanged = errors.New("the registry changed the file while it was sent")

// take writes what an answer adds.
func (p *pieces) take(r *http.Response) error {
	etag := r.Header.Get("ETag")
	if strings.HasPrefix(etag, "W/") {
		etag = ""
	}
	skip := p.n
	switch {
	case r.StatusCode == http.StatusPartialContent && strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", p.n)):
		skip = 0
	case r.StatusCode != http.StatusOK:
		p.whole = true
		return fmt.Errorf("unexpected HTTP status %d", r.StatusCode)
	}
	p.pieced = p.pieced || p.n > 0
	if p.n > 0 && p.etag != "" && etag != "" && etag != p.etag {
		return finalError{&report.Error{Kind: report.Integrity, What: "the registry has another tarball of " + p.subject + " than a moment ago", Err: errChanged,
			Next: "type the command again; if it stays, check the registry in .npmrc"}}
	}
	if !p.started {
		p.started, p.etag = true, etag
	}
	if r.ContentLength >= 0 {
		p.total = p.n - skip + r.ContentLength
		if p.total > p.most {
			return finalError{tooLarge(p.subject, p.most)}
		}
	}
	if _, err := io.CopyN(io.Discard, r.Body, skip); err != nil {
		return io.ErrUnexpectedEOF
	}
	_, err := io.Copy(&p.counter, io.LimitReader(r.Body, p.most-p.n+1))
	if err == nil && p.n > p.most {
		err = finalError{tooLarge(p.subject, p.most)}
	}
	return err
}

// progressEvery is how many bytes pass between two reports of progress.
const progressEvery = 256 << 10

// counter counts what is written through it and reports progress. An error of the disk is final.
type counter struct {
	ctx      context.Context
	subject  string
	w        io.Writer
	n, total int64
	reported int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil {
		return n, finalError{err}
	}
	if c.n-c.reported >= progressEvery {
		c.reported = c.n
		report.Emit(c.ctx, report.Event{Type: report.Progress, Step: "fetch", Subject: c.subject, Done: c.n, Total: c.total})
	}
	return n, nil
}
