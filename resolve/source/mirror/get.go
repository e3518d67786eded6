package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
	"github.com/MediaConduit/conduit/resolve/source/redirect"
)

// maxRedirects is how many redirects one request may take.
const maxRedirects = 5

// get has consume read a file of one mirror. The error has fs.ErrNotExist in its chain where the mirror does not have it.
func (r *Route) get(ctx context.Context, s step, source, name string, most int64, consume func(io.Reader) error) error {
	fail := func(why string, err error) error {
		return &report.Error{Kind: report.Network, What: "cannot get " + source + " from the mirror", Where: s.text, Why: why, Err: err,
			Next: "check the mirror, or let the next entry of " + EnvProxy + " be asked whatever goes wrong: \"|\" in place of the comma"}
	}
	if s.mirror.Scheme == "file" {
		f, err := os.Open(filepath.Join(folder(s.mirror), filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			return missing(s, source)
		}
		if err != nil {
			return fail("", err)
		}
		defer f.Close()
		return r.read(f, most, s, source, consume, fail)
	}
	client, err := r.client()
	if err != nil {
		return err
	}
	address := *s.mirror
	address.User = nil
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String()+"/"+name, nil)
	if err != nil {
		return fail("", err)
	}
	req.Header.Set("User-Agent", manners.UserAgent())
	req.Header.Set("Accept-Encoding", "identity")
	sent := r.authorize(req, s)
	res, err := client.Do(req)
	var refused *report.Error
	if errors.As(err, &refused) {
		return refused
	}
	if err != nil {
		return fail("", errors.Unwrap(err)) // *url.Error, which repeats the address
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
		return r.read(res.Body, most, s, source, consume, fail)
	case http.StatusNotFound, http.StatusGone:
		return missing(s, source)
	case http.StatusUnauthorized, http.StatusForbidden:
		why := "it wants a login, and there is none for " + s.mirror.Host
		if sent != "" {
			why = "it refuses the login of " + sent
		}
		return &report.Error{Kind: report.Network, What: "the mirror lets nobody in", Where: s.text, Why: fmt.Sprintf("%s (status %d)", why, res.StatusCode),
			Next: "give ~/.netrc an entry for " + s.mirror.Hostname() + ", with the mirror's token as the password"}
	}
	return fail(fmt.Sprintf("the mirror answered with status %d", res.StatusCode), nil)
}

func missing(s step, source string) error {
	return &report.Error{Kind: report.Network, What: "the mirror does not have what is needed of " + source, Where: s.text, Err: fs.ErrNotExist,
		Next: "have it added to the mirror (conduit mirror), or put ,direct at the end of " + EnvProxy}
}

// authorize adds the login for a mirror, and tells where it is from.
func (r *Route) authorize(req *http.Request, s step) (from string) {
	if u := s.mirror.User; u != nil {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
		return EnvProxy
	}
	if r.opts.Login != nil {
		if user, password, ok := r.opts.Login(s.mirror.Hostname()); ok {
			req.SetBasicAuth(user, password)
			return ".netrc"
		}
	}
	return ""
}

// read hands a file on, and tells errors of the connection from those of whoever reads.
func (r *Route) read(in io.Reader, most int64, s step, source string, consume func(io.Reader) error, fail func(string, error) error) error {
	b := &bounded{in: in, left: most}
	err := consume(b)
	switch {
	case err == nil:
		return nil
	case b.left < 0:
		return fail(fmt.Sprintf("the file has more than %d bytes", most), nil)
	case b.err != nil:
		return fail("", b.err)
	}
	return err
}

// bounded is a reader that fails after some bytes, and remembers why reading failed.
type bounded struct {
	in   io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errors.New("the file is larger than allowed")
	}
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// client follows a few redirects, never out of TLS, and takes logins along to no other host.
func (r *Route) client() (*http.Client, error) {
	made, err := r.opts.Client()
	if err != nil {
		return nil, err
	}
	own := *made
	own.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0].URL
		switch {
		case len(via) > maxRedirects:
			return errors.New("more redirects than are followed")
		case req.URL.Scheme != "https" && req.URL.Scheme != "http", first.Scheme == "https" && req.URL.Scheme != "https":
			return errors.New("redirected from https to " + req.URL.Scheme)
		case req.URL.Scheme == "http" && !loopback(req.URL.Hostname()):
			return errors.New("redirected to an address without TLS")
		}
		for _, before := range via {
			if before.URL.Scheme != req.URL.Scheme || before.URL.Host != req.URL.Host {
				req.Header.Del("Authorization")
			}
		}
		req.Header.Del("Referer")
		return redirect.Check(req, via)
	}
	return &own, nil
}
