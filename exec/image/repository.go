package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/redirect"
)

const (
	attempts = 4                      // of a blob that does not come any further
	pause    = 300 * time.Millisecond // before the second attempt; doubles
	silence  = 30 * time.Second       // longest wait for the next bytes
)

// Repository is where a registry has an image, with the rights of the user at hand: those of docker login.
type Repository struct {
	ref    name.Reference
	client *http.Client
}

// Registry finds the repository of a reference. It asks the registry which login it wants. Errors are those of [Digest].
func Registry(ctx context.Context, ref string) (*Repository, error) {
	parsed, err := parseReference(ref)
	if err != nil {
		return nil, err
	}
	at := parsed.Context()
	auth, err := authn.Resolve(ctx, authn.DefaultKeychain, at)
	if err != nil {
		return nil, unanswered(ctx, parsed, err)
	}
	ask, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	through, err := transport.NewWithContext(ask, at.Registry, auth, transport.NewUserAgent(transport.NewRetry(remote.DefaultTransport), "conduit"), []string{at.Scope(transport.PullScope)})
	if err != nil {
		return nil, unanswered(ctx, parsed, err)
	}
	return &Repository{parsed, &http.Client{Transport: through, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return errors.New("redirected from https to " + next.URL.Scheme)
		}
		return redirect.Follow(next, via)
	}}}, nil
}

// Copy writes a blob to w, which compares it. After a break it goes on where it was. Progress is told as bytes of the
// subject. Errors are of kind Network.
func (r *Repository) Copy(ctx context.Context, d ocispec.Descriptor, w io.Writer) error {
	kind, most := "blobs", d.Size
	if IsDocument(d) {
		kind, most = "manifests", maxDocument
	}
	at := r.ref.Context()
	address := url.URL{Scheme: at.Scheme(), Host: at.RegistryStr(), Path: "/v2/" + at.RepositoryStr() + "/" + kind + "/" + d.Digest.String()}
	copied := &counter{to: w, most: most, tell: func(n int64) {
		report.Emit(ctx, report.Event{Type: report.Progress, Step: "fetch", Subject: r.ref.Name(), Done: n, Total: d.Size})
	}}
	for attempt := 1; ; attempt++ {
		before := copied.n
		err := r.part(ctx, address.String(), copied)
		if err == nil && !IsDocument(d) && copied.n < d.Size {
			err = io.ErrUnexpectedEOF
		}
		var answer *transport.Error
		if err == nil || copied.err != nil || ctx.Err() != nil || errors.As(err, &answer) && !answer.Temporary() || report.KindOf(err) == report.Policy {
			return r.explained(ctx, d, copied, err)
		}
		if copied.n > before {
			attempt = 1
		}
		if attempt == attempts {
			return r.explained(ctx, d, copied, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause<<(attempt-1) + rand.N(pause)):
		}
	}
}

// part copies what is still missing of a blob, as far as the connection holds.
func (r *Repository) part(ctx context.Context, address string, to *counter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silence, func() { cancel(fmt.Errorf("nothing came for %v", silence)) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", strings.Join([]string{ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest, dockerIndex, dockerManifest, "application/octet-stream", "*/*"}, ", "))
	req.Header.Set("Accept-Encoding", "identity")
	if to.n > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(to.n, 10)+"-")
	}
	res, err := r.client.Do(req)
	if err != nil {
		return cause(ctx, err)
	}
	defer res.Body.Close()
	if err := transport.CheckError(res, http.StatusOK, http.StatusPartialContent); err != nil {
		return err
	}
	body := &alive{res.Body, watch}
	if res.StatusCode == http.StatusPartialContent && !strings.HasPrefix(res.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(to.n, 10)+"-") {
		return fmt.Errorf("asked for bytes from %d on, got %q", to.n, res.Header.Get("Content-Range"))
	}
	if res.StatusCode == http.StatusOK && to.n > 0 { // a registry without ranges sends all of it again
		if _, err := io.CopyN(io.Discard, body, to.n); err != nil {
			return cause(ctx, err)
		}
	}
	_, err = io.Copy(to, body)
	return cause(ctx, err)
}

func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

// explained is what a blob that did not come is to whoever wanted the image.
func (r *Repository) explained(ctx context.Context, d ocispec.Descriptor, copied *counter, err error) error {
	var told *report.Error
	switch {
	case err == nil:
		return nil
	case copied.err != nil: // whoever writes knows best
		return copied.err
	case ctx.Err() != nil && context.Cause(ctx) == context.Canceled:
		return &report.Error{Kind: report.Interrupted, What: "interrupted while fetching the image " + r.ref.Name(), Err: ctx.Err()}
	case errors.As(err, &told):
		return told
	}
	e := &report.Error{Kind: report.Network, What: "cannot fetch the image " + r.ref.Name(), Where: r.ref.Context().RegistryStr(), Err: err, Retryable: true,
		Next: "run the command again, which keeps what has come; or leave images out: --no-images"}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return e
	}
	switch answer.StatusCode {
	case http.StatusNotFound:
		e.What, e.Why = "the registry no longer has the image "+r.ref.Name(), "it answers 404 for "+d.Digest.String()
		e.Next, e.Retryable = "conduit update    locks what its tag names now; an engine that still has the image can push it again\nor leave images out: --no-images", false
		return e
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return unanswered(ctx, r.ref, err)
	}
	return e
}

// alive puts the end of a silent connection off whenever something comes.
type alive struct {
	io.Reader
	watch *time.Timer
}

func (a *alive) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if n > 0 {
		a.watch.Reset(silence)
	}
	return n, err
}

// counter counts what is written, remembers why writing failed, and takes no more than it should.
type counter struct {
	to      io.Writer
	n, most int64
	err     error
	tell    func(int64)
}

func (c *counter) Write(p []byte) (int, error) {
	if c.n+int64(len(p)) > c.most {
		c.err = &report.Error{Kind: report.Integrity, What: "the registry sends more than it said it would", Why: fmt.Sprintf("expected %d bytes\ngot      more", c.most),
			Next: "the registry, or something before it, sends other bytes than were published: find out who changed them"}
		return 0, c.err
	}
	n, err := c.to.Write(p)
	c.n += int64(n)
	c.err = err
	if c.n>>20 != (c.n-int64(n))>>20 { // each MiB
		c.tell(c.n)
	}
	return n, err
}
