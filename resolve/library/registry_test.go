package library

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// client is the least that makes a test registry a [Registry].
type client struct {
	base string
	mu   sync.Mutex
	docs map[string]*Packument
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
