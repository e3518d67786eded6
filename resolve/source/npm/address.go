package npm

import (
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// Address returns the path in the cache of a tarball that stands at an https address of its own, and its sha512. If want is
// an integrity, the bytes must have it, else the error is of kind Integrity; if it is empty they are fetched anew, since
// nothing else tells whether they are still the same. name is the package, for messages.
func (c *Client) Address(ctx context.Context, name, address, want string) (path string, sum verify.Integrity, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return "", sum, &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no https address of a tarball", address), Where: name, Next: "write it as https://HOST/FILE.tgz"}
	}
	known := want != ""
	if known {
		if sum, err = verify.ParseIntegrity(want); err != nil {
			return "", sum, weak(name, err)
		}
		if path, _, ok := c.cache.Lookup(cache.Key{Kind: cache.Library, ID: sum.String()}); ok {
			return path, sum, nil
		}
	}
	if known && !c.offline && c.mirror.Mirrored(address) {
		from := ""
		path, err := c.cache.Blob(ctx, cache.Key{Kind: cache.Library, ID: sum.String()}, func(ctx context.Context, w *cache.Writer) error {
			return c.mirrored(mirror.WithOrigin(ctx, &from), address, name, sum, w, func() error { return errAskHost })
		})
		if err == nil && from != "" {
			report.Record(ctx, report.Action{Act: report.Fetched, Subject: name, Digest: sum.String(), Origin: from})
		}
		if !errors.Is(err, errAskHost) {
			return path, sum, err
		}
	}
	if c.offline {
		return "", sum, &report.Error{Kind: report.Network, What: name + " is not in the cache, and conduit is offline", Where: u.Host, Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
	}
	dir, release, err := c.cache.Scratch(ctx)
	if err != nil {
		return "", sum, err
	}
	defer release()
	file := filepath.Join(dir, "tarball")
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: name})
	got, err := c.save(ctx, name, address, file)
	if err != nil {
		return "", sum, elsewhere(name, u.Host, err)
	}
	if known && sum.Algorithm == got.Algorithm && sum != got {
		return "", sum, verify.Mismatch(name+" from "+address, "integrity", sum.String(), got.String())
	}
	path, err = c.cache.Blob(ctx, cache.Key{Kind: cache.Library, ID: got.String()}, func(_ context.Context, w *cache.Writer) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: name})
	if err == nil {
		report.Record(ctx, report.Action{Act: report.Fetched, Subject: name, Digest: got.String(), Origin: address})
	}
	return path, got, err
}

// save downloads address into file.
func (c *Client) save(ctx context.Context, name, address, file string) (sum verify.Integrity, err error) {
	err = c.http.do(ctx, request{url: address, subject: name,
		header: func(h http.Header) { h.Set("Accept-Encoding", "identity") },
		consume: func(r *http.Response) error {
			f, err := os.Create(file)
			if err != nil {
				return finalError{cache.StorageError(file, "write", err)}
			}
			defer f.Close()
			hash := sha512.New()
			n, err := io.Copy(io.MultiWriter(f, hash), io.LimitReader(r.Body, c.limits.Tarball+1))
			if stored := cache.StorageError(file, "write", err); stored != err {
				return finalError{stored}
			}
			if err != nil {
				return err
			}
			if n > c.limits.Tarball {
				return finalError{&report.Error{Kind: report.Policy, What: name + " is too large", Why: fmt.Sprintf("its tarball has more than %d MiB", c.limits.Tarball>>20), Next: "choose another version of it"}}
			}
			sum = verify.Integrity{Algorithm: "sha512", Sum: string(hash.Sum(nil))}
			return f.Close()
		}})
	return sum, err
}

// elsewhere is an error of fetching, which speaks of the registry, for an address of another host.
func elsewhere(name, host string, err error) error {
	var e *report.Error
	if !errors.As(err, &e) || e.Kind == report.Policy || errors.As(err, new(*fs.PathError)) {
		return err
	}
	return &report.Error{Kind: e.Kind, What: "cannot fetch " + name + " from the address that its dependant states", Where: host, Why: e.Why, Err: e.Err,
		Next: fmt.Sprintf("check the network and the address; if it is gone for good, choose a published version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", name)}
}
