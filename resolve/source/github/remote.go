package github

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// remote is one repository on a host.
type remote struct {
	origin *Origin
	name   string // as a source: "github:OWNER/REPO"
	url    string // before it is rewritten

	mu      sync.Mutex // held while the refs are asked for
	session transport.UploadPackSession
	adv     *packp.AdvRefs
	read    *refs
}

// refs returns the repository's refs: what the host says, asked once, or when offline what it said last.
func (r *remote) refs(ctx context.Context) (*refs, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read != nil {
		return r.read, nil
	}
	var err error
	if r.origin.opts.Offline {
		r.read, err = r.remembered()
	} else {
		err = r.origin.opts.Mirror.Fetch(ctx, r.name, mirror.Refs(r.url), mirroredRefs, func(in io.Reader) error { return r.take(in) }, func() error { return r.ask(ctx) })
	}
	return r.read, err
}

// live is refs for those who need the host itself: refs may have come from a mirror.
func (r *remote) live(ctx context.Context) (*refs, error) {
	if err := r.origin.opts.Mirror.Direct(r.name); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.adv == nil {
		if err := r.ask(ctx); err != nil {
			return nil, err
		}
	}
	return r.read, nil
}

// mirroredRefs bounds the refs that a mirror sends, in bytes.
const mirroredRefs = 64 << 20

// take reads the refs that a mirror has.
func (r *remote) take(in io.Reader) error {
	data, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	read, err := parseRefs(data)
	if err != nil {
		return &report.Error{Kind: report.Integrity, What: "what the mirror says of " + r.name + " cannot be read", Err: err,
			Next: "have the mirror written anew (conduit mirror), or ask another one: " + mirror.EnvProxy + "=direct"}
	}
	r.read = read
	return r.origin.opts.Cache.PutMeta(r.document(), data)
}

// document is the name under which the refs lie in the cache.
func (r *remote) document() string { return "refs " + r.url }

func (r *remote) remembered() (*refs, error) {
	data, ok := r.origin.opts.Cache.Meta(r.document())
	var known refs
	if !ok || json.Unmarshal(data, &known) != nil {
		return nil, offline(r.name, "the versions of "+r.name)
	}
	return &known, nil
}

// ask requests the refs. The session is kept: it knows where redirects have led, and what the host can do.
func (r *remote) ask(ctx context.Context) error {
	report.Emit(ctx, report.Event{Type: report.Detail, Step: "resolve", Subject: r.name, Message: "reading the refs"})
	session, adv, err := r.connect(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		adv, err = packp.NewAdvRefs(), nil
	}
	if err != nil {
		return err
	}
	read := newRefs(adv)
	data, err := json.Marshal(read)
	if err != nil {
		return err
	}
	if err := r.origin.opts.Cache.PutMeta(r.document(), data); err != nil {
		return err
	}
	r.session, r.adv = session, adv
	if r.read == nil { // else a mirror's were handed out already, and stay
		r.read = read
	}
	return nil
}

// connect opens a session. Credentials that are at hand go with the first request; git's credential helpers are asked
// only when the host demands some.
func (r *remote) connect(ctx context.Context) (transport.UploadPackSession, *packp.AdvRefs, error) {
	client, err := r.origin.client()
	if err != nil {
		return nil, nil, err
	}
	url := r.origin.rewriting().rewrite(ctx, r.url)
	endpoint, err := transport.NewEndpoint(url)
	if err != nil || endpoint.Protocol != "https" && endpoint.Protocol != "http" {
		return nil, nil, &report.Error{Kind: report.Usage, What: "cannot reach " + r.name, Where: redact(url),
			Why:  "git's setting url.*.insteadOf leads to an address that is not http or https",
			Next: "change the setting, or add one for " + r.url + " that leads to https"}
	}
	if endpoint.Protocol == "http" && r.origin.opts.Plain != nil && !manners.Loopback(endpoint.Host) {
		host := endpoint.Host
		if endpoint.Port != 0 && endpoint.Port != 80 {
			host = net.JoinHostPort(host, strconv.Itoa(endpoint.Port))
		}
		if err := r.origin.opts.Plain(host); err != nil {
			return nil, nil, err
		}
	}
	var tried []string
	given := r.origin.credentials(endpoint)
	if given != nil {
		tried = append(tried, given.name)
	}
	session, adv, err := open(ctx, githttp.NewClient(client), endpoint, given)
	if errors.Is(err, transport.ErrAuthenticationRequired) {
		if helped := r.origin.askHelper(ctx, endpoint); helped != nil {
			session, adv, err = open(ctx, githttp.NewClient(client), endpoint, helped)
			r.origin.tellHelper(ctx, endpoint, helped, !errors.Is(err, transport.ErrAuthenticationRequired))
			tried = append(tried, helped.name)
		}
	}
	if err != nil && !errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return nil, nil, r.explain(ctx, url, tried, err)
	}
	return session, adv, err
}

// open starts a session and reads what the host advertises. The endpoint is copied, since sessions change theirs.
func open(ctx context.Context, t transport.Transport, endpoint *transport.Endpoint, given *login) (transport.UploadPackSession, *packp.AdvRefs, error) {
	own := *endpoint
	var auth transport.AuthMethod
	if given != nil {
		auth = given.BasicAuth
	}
	session, err := t.NewUploadPackSession(&own, auth)
	if err != nil {
		return nil, nil, err
	}
	adv, err := session.AdvertisedReferencesContext(ctx)
	return session, adv, err
}
