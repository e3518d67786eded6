package library

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/verify"
)

// client is the least that makes a test registry a [Registry].
type client struct {
	base string
	mu   sync.Mutex
	docs map[string]*Packument

	direct map[string]string // package.json by address; a repository's branches and tags are all the commit 111…
	asked  []Address
}

// Direct implements [Packages] for the addresses of the test.
func (c *client) Direct(_ context.Context, name string, a Address) (*Manifest, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, a)
	commit := strings.Repeat("1", 40)
	data, ok := c.direct[a.String()]
	if a.Pinned() {
		commit = a.Ref
		if !ok {
			data, ok = c.direct[a.Git.String()]
		}
	}
	if !ok {
		return nil, &report.Error{What: "nothing is at " + a.String(), Err: ErrNoSuchPackage}
	}
	if a.URL == "" {
		a.Ref = commit
	}
	kind, digits := "https", strings.Repeat("2", 12)
	if a.URL == "" {
		kind, digits = "git", commit
	}
	m, err := ParseManifest(name, []byte(data), kind, a.String(), digits)
	if err == nil {
		m.Integrity = verify.IntegrityOf([]byte(a.String())).String()
	}
	return m, err
}

// Open implements [Packages].
func (c *client) Open(ctx context.Context, lib resolve.Library) (Archive, error) {
	doc, err := c.Packument(ctx, lib.Name, true)
	if err != nil {
		return nil, err
	}
	m, err := doc.Version(lib.Version)
	if err != nil {
		return nil, err
	}
	resp, err := http.Get(m.Tarball)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return tarball.New(lib.Name, data, tarball.Limits{})
}

func (c *client) Packument(ctx context.Context, name string, full bool) (*Packument, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fmt.Sprint(name, full)
	if d := c.docs[key]; d != nil {
		return d, nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+url.PathEscape(name), nil)
	if err != nil {
		return nil, err
	}
	if !full {
		r.Header.Set("Accept", "application/vnd.npm.install-v1+json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, &report.Error{What: "the npm registry has no " + name, Err: ErrNoSuchPackage}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	reduced, err := Reduce(body)
	if err != nil {
		return nil, err
	}
	d, err := ParsePackument(name, reduced)
	if err == nil {
		c.docs[key] = d
	}
	return d, err
}

func startRegistry(t *testing.T) (*npmtest.Registry, *client) {
	t.Helper()
	reg, err := npmtest.Start(npmtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reg.Close() })
	return reg, &client{base: reg.URL(), docs: map[string]*Packument{}}
}
