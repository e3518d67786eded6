package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// offline is the error for what --offline does not find in the cache.
func offline(name, missing string) error {
	return &report.Error{Kind: report.Network, What: "cannot get " + missing,
		Why:  "it is not in the cache, and --offline forbids to ask for it",
		Next: "run the command once without --offline (and without CONDUIT_OFFLINE): that brings " + name + " into the cache"}
}

// explain turns an error of the transport into one that says which peer failed and what can be done. tried names the
// credentials that went along.
func (r *remote) explain(ctx context.Context, where string, tried []string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *report.Error
	if errors.As(err, &known) {
		return err
	}
	var wrapped *plumbing.UnexpectedError // it has no Unwrap
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	e := &report.Error{Kind: report.Network, What: "cannot read " + r.name, Where: redact(where), Err: err}
	var status *githttp.Err
	var dns *net.DNSError
	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired) && len(tried) > 0, errors.Is(err, transport.ErrAuthorizationFailed):
		e.Why = "the host refuses our credentials"
		if len(tried) > 0 {
			e.Why += ": " + strings.Join(tried, ", then ")
		}
		e.Next = loginHint(r.name)
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrRepositoryNotFound):
		e.Kind = report.Failure
		e.What = "there is no repository " + r.name + ", or it is private"
		e.Why = "the host gives the same answer to both; " + EnvToken + ", .netrc and git's credential helpers have nothing for it"
		if len(tried) > 0 {
			e.Why = "the host gives the same answer to both, and was sent " + strings.Join(tried, ", then ")
		}
		e.Next = "check the spelling; if the repository is private, " + loginHint(r.name)
	case errors.As(err, &status) && status.StatusCode() == http.StatusTooManyRequests:
		e.Why = "the host asks us to send fewer requests (status 429)"
		e.Next = "try again " + manners.When(manners.After(status.Response.Header, time.Now()), time.Now()) + "; with credentials the host allows more: " + loginHint(r.name)
	case errors.As(err, &status):
		e.Why = fmt.Sprintf("the host answered with status %d", status.StatusCode())
		e.Next = "try again later, or work from the cache with --offline"
	case errors.As(err, &dns):
		e.Why = "the name of the host " + dns.Name + " cannot be looked up"
		e.Next = networkHint
	default:
		var u *url.Error
		if errors.As(err, &u) {
			e.Why = u.Err.Error() // without the address, which Where tells
		}
		e.Next = networkHint
	}
	return e
}

const networkHint = "check the network and the proxy settings (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE), or work from the cache with --offline"

func loginHint(name string) string {
	if strings.HasPrefix(name, string(resolve.GitHub)+":") {
		return "set " + EnvToken + " to a token that may read it, or give git a credential helper or ~/.netrc an entry for github.com"
	}
	return "give git a credential helper, or ~/.netrc an entry, for the host"
}

// damaged is the error for a pack that does not hold what it should.
func (r *remote) damaged(err error) error {
	return &report.Error{Kind: report.Integrity, What: "what the host sent of " + r.name + " is damaged; nothing of it was kept", Where: redact(r.url), Err: err,
		Next: "try again; if it stays, the repository itself is damaged: tell its publisher"}
}

// noSuchName is the error for a name or version that src does not have; it says what there is.
func noSuchName(src resolve.Source, refs *refs, name string) error {
	e := &report.Error{What: src.String() + " has no branch, tag or commit " + name, Err: resolve.ErrNoSuchRevision}
	versions := slices.SortedFunc(maps.Keys(refs.versions(src.Dir)), semver.Compare)
	switch {
	case refs.Commit == "" && len(refs.Branches) == 0:
		e.Why = "the repository is empty"
		e.Next = "push a commit to it first"
		return e
	case len(versions) == 0:
		e.Why = "the repository has no version tags"
	default:
		e.Why = "its versions are " + some(versions)
	}
	if len(refs.Branches) > 0 {
		e.Why += "; its branches are " + some(refs.releases(src.Dir).Branches)
	}
	switch {
	case len(versions) > 0:
		e.Next = "conduit get " + src.String() + "@" + versions[len(versions)-1]
	case refs.Head != "":
		e.Next = "conduit get " + src.String() + "@" + refs.Head
	default:
		e.Next = "conduit get " + src.String() + "@COMMIT"
	}
	return e
}

// listed is how many names a message shows.
const listed = 6

// some joins the first few names.
func some(names []string) string {
	if len(names) <= listed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:listed], ", "), len(names)-listed)
}

// redact removes credentials from an address.
func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that cannot be read)"
	}
	u.User = nil
	return u.String()
}
