package npm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify/signature"
)

// dist is what a registry states of a version's tarball.
type dist struct {
	Integrity  string                       `json:"integrity"`
	Signatures []signature.ReleaseSignature `json:"signatures"`
}

// Signatures returns what the registry has signed of a version: the integrity that it states, and its signatures, of which there
// may be none. What the cache keeps is taken unless anew.
func (c *Client) Signatures(ctx context.Context, name, version string, anew bool) (integrity string, list []signature.ReleaseSignature, err error) {
	if err := checkName(name); err != nil {
		return "", nil, err
	}
	id := name + "@" + version
	address := c.config.documentURL(name) + "/" + url.PathEscape(version)
	data, err := c.kept(ctx, "npm signatures "+address, address, name, "the signatures of "+id, anew)
	if err != nil {
		return "", nil, err
	}
	var doc struct {
		Version string `json:"version"`
		Dist    dist   `json:"dist"`
	}
	if err := json.Unmarshal(data, &doc); err != nil || doc.Version != version {
		return "", nil, &report.Error{Kind: report.Network, What: "the registry's document of " + id + " cannot be read", Err: err, Next: "check the registry in .npmrc"}
	}
	return doc.Dist.Integrity, doc.Dist.Signatures, nil
}

// SigningKeys returns the keys with which the registry of a package signs, as it states them. A registry that does not sign has
// none: nil.
func (c *Client) SigningKeys(ctx context.Context, name string, anew bool) ([]byte, error) {
	address, err := url.JoinPath(c.config.registry(name), "-/npm/v1/keys")
	if err != nil {
		return nil, err
	}
	data, err := c.kept(ctx, "npm keys "+address, address, name, "the signing keys of "+name, anew)
	if errors.Is(err, library.ErrNoSuchPackage) || errors.Is(err, errNoEndpoint) {
		return nil, nil
	}
	return data, err
}

// kept fetches a small document once. Only what signatures are about is kept of the document of a version.
func (c *Client) kept(ctx context.Context, document, address, name, subject string, anew bool) ([]byte, error) {
	if data, ok := c.cache.Meta(document); ok && !anew {
		return data, nil
	}
	if c.offline {
		return nil, &report.Error{Kind: report.Network, What: subject + " are not in the cache, and conduit is offline", Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
	}
	var data []byte
	err := c.http.do(ctx, request{url: address, registry: c.config.registry(name), subject: subject,
		header: func(h http.Header) { h.Set("Accept", "application/json") },
		consume: func(r *http.Response) (err error) {
			data, err = readUpTo(r, c.limits.Document)
			if err == nil && data == nil {
				err = finalError{&report.Error{Kind: report.Policy, What: subject + " are too long", Where: r.Request.URL.Host, Next: "check the registry in .npmrc"}}
			}
			return err
		}})
	if err != nil {
		return nil, err
	}
	var part struct {
		Version string          `json:"version,omitempty"`
		Dist    *dist           `json:"dist,omitempty"`
		Keys    json.RawMessage `json:"keys,omitempty"`
	}
	if json.Unmarshal(data, &part) != nil {
		return data, nil // for the caller to refuse
	}
	reduced, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	return reduced, c.cache.PutMeta(document, reduced)
}
