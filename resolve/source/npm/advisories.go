package npm

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/advisory"
	"github.com/MediaConduit/conduit/resolve/library"
)

// errNoEndpoint is in the chain of errors about a request that a registry has nothing for.
var errNoEndpoint = errors.New("no such endpoint")

// Advisories asks the registries of packages what is known to be wrong with versions of them: names to versions. Nothing is
// kept.
func (c *Client) Advisories(ctx context.Context, versions map[string][]string) ([]advisory.Advisory, error) {
	const database = "conduit audit --database DIR    reads an unpacked OSV dump instead"
	if c.offline {
		return nil, &report.Error{Kind: report.Network, What: "the npm registry is not asked for advisories", Why: "--offline forbids it", Next: database}
	}
	asked := map[string]map[string][]string{}
	for name, list := range versions {
		base := c.config.registry(name)
		if asked[base] == nil {
			asked[base] = map[string][]string{}
		}
		asked[base][name] = list
	}
	var out []advisory.Advisory
	for _, base := range slices.Sorted(maps.Keys(asked)) {
		body, err := json.Marshal(asked[base])
		if err != nil {
			return nil, err
		}
		address, err := url.JoinPath(base, "-/npm/v1/security/advisories/bulk")
		if err != nil {
			return nil, err
		}
		err = c.http.do(ctx, request{url: address, registry: base, subject: "advisories", body: body, consume: func(r *http.Response) error {
			data, err := readUpTo(r, c.limits.Document)
			if err != nil {
				return err
			}
			list, err := advisory.ParseBulk(data)
			if err != nil {
				return finalError{&report.Error{Kind: report.Network, What: "the npm registry's advisories cannot be read", Where: r.Request.URL.Host, Err: err, Next: database}}
			}
			out = append(out, list...)
			return nil
		}})
		if errors.Is(err, library.ErrNoSuchPackage) || errors.Is(err, errNoEndpoint) {
			u, _ := url.Parse(base) // do has parsed it
			return nil, &report.Error{Kind: report.Failure, What: "the registry has no advisories", Where: u.Host, Why: "it does not know npm's bulk advisory endpoint", Next: database}
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
