package npm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify"
)

// maxTarball is the size in bytes up to which a tarball is read.
const maxTarball = 1 << 30

// progressEvery is how many bytes pass between two reports of progress.
const progressEvery = 256 << 10

// Tarball returns the path of a version's tarball in the cache, fetched if it is not there and verified while it streams.
// With an integrity, as a lock has it, only the tarball itself is asked for; with none, the registry's word is taken. The
// error is of kind Integrity, naming the package and both hashes, where the bytes are not those that were promised.
func (c *Client) Tarball(ctx context.Context, name, version, integrity string) (path string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if !library.Valid(version) {
		return "", &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no version of an npm package", version), Where: name, Next: "write it in full, as in 1.2.3"}
	}
	subject := name + "@" + version
	if integrity == "" {
		if integrity, err = c.integrity(ctx, name, version); err != nil {
			return "", err
		}
	}
	want, err := verify.ParseIntegrity(integrity)
	if err != nil {
		return "", weak(subject, err)
	}
	key := cache.Key{Kind: cache.Library, ID: want.String()}
	return c.cache.Blob(ctx, key, func(ctx context.Context, w io.Writer) error {
		if c.offline {
			return &report.Error{Kind: report.Network, What: subject + " is not in the cache, and conduit is offline", Next: "run 'conduit sync' once without --offline, CONDUIT_OFFLINE unset"}
		}
		report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: subject})
		if err := c.download(ctx, name, version, want, w); err != nil {
			return err
		}
		report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: subject})
		return nil
	})
}

func weak(subject string, err error) error {
	return &report.Error{Kind: report.Integrity, What: "there is no integrity to verify " + subject + " with", Err: err,
		Next: "choose another version of it, or publish it anew with a current npm, which adds a sha512"}
}

// integrity is what the registry promises for a version.
func (c *Client) integrity(ctx context.Context, name, version string) (string, error) {
	doc, err := c.Packument(ctx, name, false)
	if err != nil {
		return "", err
	}
	m, err := doc.Version(version)
	if err != nil {
		return "", err
	}
	if m.Integrity == "" {
		return "", weak(name+"@"+version, errors.New("the registry states none"))
	}
	return m.Integrity, nil
}

// download writes the tarball to w. It takes the address that all registries share, which needs no document; where
// that has nothing, the one that the document states.
func (c *Client) download(ctx context.Context, name, version string, want verify.Integrity, w io.Writer) error {
	usual := c.config.tarballURL(name, version)
	err := c.stream(ctx, usual, name+"@"+version, want, w)
	if !errors.Is(err, library.ErrNoSuchPackage) {
		return err
	}
	doc, derr := c.Packument(ctx, name, false)
	if derr != nil {
		return derr
	}
	m, derr := doc.Version(version)
	if derr != nil {
		return derr
	}
	stated := c.config.rebase(name, m.Tarball)
	if stated == "" || stated == usual {
		return err
	}
	if !strings.HasPrefix(stated, "https://") && !strings.HasPrefix(stated, "http://") {
		return &report.Error{Kind: report.Network, What: "the registry states no usable address for " + name + "@" + version, Why: "it is " + stated, Next: "check the registry in .npmrc"}
	}
	return c.stream(ctx, stated, name+"@"+version, want, w)
}

// stream fetches one address. An attempt that follows a broken one goes on where that ended, since w cannot be rewound;
// that the parts belong together is proved by the integrity of the whole.
func (c *Client) stream(ctx context.Context, address, subject string, want verify.Integrity, w io.Writer) error {
	out := &counter{ctx: ctx, subject: subject, w: verify.NewWriter(w, subject, want)}
	return c.http.do(ctx, request{
		url:     address,
		subject: subject,
		header: func(h http.Header) {
			h.Set("Accept-Encoding", "identity") // tarballs are compressed already
			if out.n > 0 {
				h.Set("Range", fmt.Sprintf("bytes=%d-", out.n))
			}
		},
		consume: func(r *http.Response) error {
			done := out.n
			skip := done
			if r.StatusCode == http.StatusPartialContent && strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", done)) {
				skip = 0
			} else if r.StatusCode != http.StatusOK {
				return fmt.Errorf("unexpected HTTP status %d", r.StatusCode)
			}
			if r.ContentLength >= 0 {
				out.total = done - skip + r.ContentLength
			}
			if _, err := io.CopyN(io.Discard, r.Body, skip); err != nil {
				return io.ErrUnexpectedEOF
			}
			if _, err := io.Copy(out, io.LimitReader(r.Body, maxTarball-done+1)); err != nil {
				return err
			}
			if out.n > maxTarball {
				return finalError{&report.Error{Kind: report.Policy, What: subject + " is too large", Why: fmt.Sprintf("its tarball has more than %d MiB", maxTarball>>20), Next: "choose another version of it"}}
			}
			if err := out.w.Close(); err != nil {
				return finalError{err}
			}
			return nil
		},
	})
}

// counter counts what is written through it and reports progress. An error of the disk is final.
type counter struct {
	ctx      context.Context
	subject  string
	w        *verify.Writer
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
