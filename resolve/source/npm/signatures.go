package npm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify/signature"
)

// dist is what a registry states of a version's tarball.
type dist struct {
	Integrity  string                       `json:"integrity"`
	Signatures []signature.ReleaseSignature `json:"signatures"`
}

// Signed is what the registry has signed of a version: the integrity that it states, and its signatures, of which there may be none.
type Signed struct {
	Integrity  string
	Signatures []signature.ReleaseSignature
	Statement
}

// Statement is what a registry answered about signatures. Nothing vouches for it before they were verified.
type Statement struct {
	Data     []byte // nil for nothing
	cache    *cache.Cache
	document string
}

// Keep has the cache keep the statement, which is for when it was found to hold.
func (s Statement) Keep() error {
	if s.Data == nil {
		return nil
	}
	return s.cache.PutMeta(s.document, s.Data)
}

// Signatures asks for what the registry has signed of a version. What the cache keeps is taken, or what was answered before, unless anew.
func (c *Client) Signatures(ctx context.Context, name, version string, anew bool) (Signed, error) {
	if err := checkName(name); err != nil {
		return Signed{}, err
	}
	id := name + "@" + version
	address := c.config.documentURL(name) + "/" + url.PathEscape(version)
	said, err := c.stated(ctx, "npm signatures "+address, address, name, "", "the signatures of "+id, anew)
	if err != nil {
		return Signed{}, err
	}
	var doc struct {
		Version string `json:"version"`
		Dist    dist   `json:"dist"`
	}
	if err := json.Unmarshal(said.Data, &doc); err != nil || doc.Version != version {
		return Signed{}, &report.Error{Kind: report.Network, What: "the registry's document of " + id + " cannot be read", Err: err, Next: "check the registry in .npmrc"}
	}
	return Signed{doc.Dist.Integrity, doc.Dist.Signatures, said}, nil
}

// SigningKeys asks for the keys with which the registry of a package signs. A registry that does not sign has none.
func (c *Client) SigningKeys(ctx context.Context, name string, anew bool) (Statement, error) {
	address, err := url.JoinPath(c.config.registry(name), "-/npm/v1/keys")
	if err != nil {
		return Statement{}, err
	}
	said, err := c.stated(ctx, "npm keys "+address, address, name, "", "the signing keys of "+name, anew)
	if errors.Is(err, library.ErrNoSuchPackage) || errors.Is(err, errNoEndpoint) {
		return Statement{}, nil
	}
	return said, err
}

// Attested tells whether the registry says that it has attestations of a version.
func (c *Client) Attested(ctx context.Context, name, version string) (bool, error) {
	doc, err := c.Packument(ctx, name, false)
	if err != nil {
		return false, err
	}
	m, err := doc.Version(version)
	return err == nil && m.Attested, err
}

// Attestations asks for the attestations of a version (https://docs.npmjs.com/generating-provenance-statements). A registry that has
// none has nothing to state.
func (c *Client) Attestations(ctx context.Context, name, version string, anew bool) (Statement, error) {
	if err := checkName(name); err != nil {
		return Statement{}, err
	}
	address, err := url.JoinPath(c.config.registry(name), "-/npm/v1/attestations")
	if err != nil {
		return Statement{}, err
	}
	id := name + "@" + version
	address += "/" + strings.Replace(name, "/", "%2f", 1) + "@" + url.PathEscape(version)
	said, err := c.stated(ctx, "npm attestations "+address, address, name, mirror.Attestations(name, version), "the attestations of "+id, anew)
	if errors.Is(err, library.ErrNoSuchPackage) || errors.Is(err, errNoEndpoint) || errors.Is(err, fs.ErrNotExist) {
		return Statement{}, nil
	}
	return said, err
}

// stated fetches a small document once, from a mirror where it has a file there. Only what signatures are about is taken of the document of a
// version.
func (c *Client) stated(ctx context.Context, document, address, name, file, subject string, anew bool) (Statement, error) {
	said := Statement{cache: c.cache, document: document}
	if before, ok := c.answered.Load(document); ok && !anew {
		said.Data = before.([]byte)
		return said, nil
	}
	if data, ok := c.cache.Meta(document); ok && !anew {
		said.Data = data
		return said, nil
	}
	if c.offline {
		return said, &report.Error{Kind: report.Network, What: subject + " are not in the cache, and conduit is offline", Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
	}
	var data []byte
	direct := func() error {
		return c.http.do(ctx, request{url: address, registry: c.config.registry(name), subject: subject,
			header: func(h http.Header) { h.Set("Accept", "application/json") },
			consume: func(r *http.Response) (err error) {
				data, err = readUpTo(r, c.limits.Document)
				if err == nil && data == nil {
					err = finalError{&report.Error{Kind: report.Policy, What: subject + " are too long", Where: r.Request.URL.Host, Next: "check the registry in .npmrc"}}
				}
				return err
			}})
	}
	var err error
	if file == "" {
		err = direct()
	} else {
		err = c.mirror.Fetch(ctx, "npm:"+name, file, c.limits.Document, func(in io.Reader) (err error) {
			data, err = io.ReadAll(in)
			return err
		}, direct)
	}
	if err != nil {
		return said, err
	}
	var part struct {
		Version string          `json:"version,omitempty"`
		Dist    *dist           `json:"dist,omitempty"`
		Keys    json.RawMessage `json:"keys,omitempty"`
		Attests json.RawMessage `json:"attestations,omitempty"`
	}
	said.Data = data
	if json.Unmarshal(data, &part) == nil { // else for the caller to refuse
		if said.Data, err = json.Marshal(part); err != nil {
			return said, err
		}
	}
	c.answered.Store(document, said.Data)
	return said, nil
}
