package registry

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/osv-scalibr/clients/datasource"
)

// upstream is the npm registry and the folder that keeps what it sent.
type upstream struct {
	dir string
	npm datasource.NPMRegistryConfig
}

func newUpstream(dir string) (*upstream, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	npm, err := datasource.LoadNPMRegistryConfig(dir)
	return &upstream{dir, npm}, err
}

func (u *upstream) document(ctx context.Context, name string, ask bool) ([]byte, error) {
	return u.keep(at(name, documentFile), ask, func() (*http.Response, error) {
		return u.npm.MakeRequest(ctx, http.DefaultClient, name)
	})
}

func (u *upstream) tarball(ctx context.Context, name, file string, ask bool) ([]byte, error) {
	base := u.npm.ScopeURLs[""]
	if scope, _, ok := strings.Cut(name, "/"); ok && u.npm.ScopeURLs[scope] != "" {
		base = u.npm.ScopeURLs[scope]
	}
	address, err := url.JoinPath(base, name, "-", file)
	if err != nil {
		return nil, err
	}
	return u.keep(at(name, "-", file), ask, func() (*http.Response, error) {
		return u.npm.Auths.GetAuth(address).Get(ctx, http.DefaultClient, address)
	})
}

// keep returns the kept file. Where it is missing, it is fetched if ask allows it.
func (u *upstream) keep(file string, ask bool, get func() (*http.Response, error)) ([]byte, error) {
	path := filepath.Join(u.dir, file)
	data, err := os.ReadFile(path)
	if err == nil || !ask {
		return data, err
	}
	resp, err := get()
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, fs.ErrNotExist
	default:
		return nil, fmt.Errorf("the npm registry answers %s", resp.Status)
	}
	if data, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	part, err := os.CreateTemp(filepath.Dir(path), "part-") // both forms of a document may be asked for at once
	if err != nil {
		return nil, err
	}
	_, err = part.Write(data)
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	return data, err
}
