package npmtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/osv-scalibr/clients/datasource"
)

// documentFile is a package's document in a snapshot.
const documentFile = "packument.json"

// upstream is the real npm registry, as npm's configuration named it when the test registry was started (a test sets the
// environment to the test registry later).
type upstream struct {
	names []string
	dir   string
	npm   datasource.NPMRegistryConfig
	mu    sync.Mutex // one fetch at a time: tests ask for few packages, and each once
}

func newUpstream(opts Options) (*upstream, error) {
	if opts.Dir == "" {
		return nil, errors.New("npmtest: Upstream needs a Dir to keep what it fetches")
	}
	if err := os.MkdirAll(opts.Dir, 0o777); err != nil {
		return nil, err
	}
	npm, err := datasource.LoadNPMRegistryConfig(opts.Dir)
	if err != nil {
		return nil, err
	}
	return &upstream{names: opts.Upstream, dir: opts.Dir, npm: npm}, nil
}

func (u *upstream) has(name string) bool {
	return u != nil && name != "" && (slices.Contains(u.names, name) || slices.Contains(u.names, "*"))
}

func (u *upstream) document(ctx context.Context, name string) ([]byte, error) {
	return u.keep(filepath.Join(filepath.FromSlash(name), documentFile), func() (*http.Response, error) {
		return u.npm.MakeRequest(ctx, http.DefaultClient, name)
	})
}

func (u *upstream) tarball(ctx context.Context, name, file string) ([]byte, error) {
	base := u.npm.ScopeURLs[""]
	if scope, _, ok := strings.Cut(name, "/"); ok && u.npm.ScopeURLs[scope] != "" {
		base = u.npm.ScopeURLs[scope]
	}
	address, err := url.JoinPath(base, name, "-", file)
	if err != nil {
		return nil, err
	}
	return u.keep(filepath.Join(filepath.FromSlash(name), "-", filepath.FromSlash(file)), func() (*http.Response, error) {
		return u.npm.Auths.GetAuth(address).Get(ctx, http.DefaultClient, address)
	})
}

// keep returns the kept file, fetching it where it is missing.
func (u *upstream) keep(file string, get func() (*http.Response, error)) ([]byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	path := filepath.Join(u.dir, file)
	if data, err := os.ReadFile(path); err == nil {
		return data, nil
	}
	resp, err := get()
	if err != nil {
		return nil, fmt.Errorf("npmtest: upstream: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, fs.ErrNotExist
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("npmtest: upstream answers %s", resp.Status)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "part-") // several processes may share the folder
	if err != nil {
		return nil, err
	}
	_, err = tmp.Write(data)
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return data, err
}
