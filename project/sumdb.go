package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/manners"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify/sumdb"
)

// EnvNoSumDB is the variable with patterns of sources that the checksum log is not asked for, between commas;
// [mirror.EnvPrivate] counts without it.
const EnvNoSumDB = "CONDUIT_NOSUMDB"

// checkLog compares what is new to the lock with the checksum log that the user trusts, if there is one. previous may be nil.
func (p *Project) checkLog(ctx context.Context, previous, lock *lockfile.Lock) error {
	log, err := sumdb.Parse(os.Getenv(sumdb.Env))
	if err != nil || log == nil {
		return err
	}
	private, err := mirror.Private(os.Getenv, EnvNoSumDB)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	client := sumdb.NewClient(ctx, log, kept{p.cache}, p.askLog(log))
	for i := range lock.Modules {
		m := &lock.Modules[i]
		src, _, err := resolve.ParseSource(m.Source)
		if err != nil {
			return err
		}
		if m.Version == "" || previous != nil && holds(previous, m) {
			continue
		}
		asked := true
		for _, pattern := range private {
			asked = asked && !pattern.Matches(m.Source)
		}
		if asked {
			group.Go(func() error { return client.Check(src.Fold().String(), m.Version, m.Sum) })
		}
	}
	return group.Wait()
}

// holds reports whether a lock has the same version with the same sum.
func holds(lock *lockfile.Lock, m *lockfile.Module) bool {
	before, ok := lock.Module(m.Source, m.Version)
	return ok && before.Sum == m.Sum
}

// kept is the part of the cache in which a log's client remembers.
type kept struct{ *cache.Cache }

// Read implements sumdb.Keep.
func (k kept) Read(name string) ([]byte, bool) { return k.Meta(name) }

// Write implements sumdb.Keep.
func (k kept) Write(name string, data []byte) error { return k.PutMeta(name, data) }

// Lock implements sumdb.Keep.
func (k kept) Lock(ctx context.Context, name string) (func(), error) {
	return k.Cache.Lock(ctx, cache.Key{Kind: cache.Build, ID: name})
}

// longestAnswer bounds an answer of a log: a tile has some ten kilobytes, a record less.
const longestAnswer = 1 << 20

// askLog asks the log, with the login of .netrc for its host. Redirects are not followed.
func (p *Project) askLog(log *sumdb.Log) sumdb.Get {
	return func(ctx context.Context, path string) ([]byte, error) {
		if p.offline {
			return nil, errors.New("it has not been asked for " + path + " before, and conduit is offline")
		}
		made, err := github.NewClient(os.Getenv)
		if err != nil {
			return nil, err
		}
		client := *made
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, log.URL.String()+path, nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("User-Agent", manners.UserAgent())
		if user, password, ok := github.Netrc(log.URL.Hostname()); ok && log.URL.User == nil {
			r.SetBasicAuth(user, password)
		}
		res, err := client.Do(r)
		if err != nil {
			return nil, errors.Unwrap(err)
		}
		defer res.Body.Close()
		data, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("it answered with status %d to %s", res.StatusCode, path)
		}
		return data, nil
	}
}
