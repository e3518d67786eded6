package npm

import (
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/MediaConduit/conduit/report"
)

// Limits bound what is read from a registry, in bytes; zero fields have their default values.
type Limits struct {
	Document int64 // of a package document, uncompressed; 45 MiB. The largest ones in use have some thirty
	Tarball  int64 // of a tarball, compressed; 512 MiB
}

func (l Limits) orDefault() Limits {
	if l.Document == 0 {
		l.Document = 45 << 20
	}
	if l.Tarball == 0 {
		l.Tarball = 512 << 20
	}
	return l
}

// Policy is what the user allows that is refused otherwise.
type Policy struct {
	SHA1 []string // "name@version" of packages that may be verified by SHA-1 alone
	// Plain says whether a host, with its port where there is one, may be asked without TLS where the configuration says so; its error
	// is of kind Policy. nil allows all.
	Plain func(host string) error
	Hosts []string // hosts that tarballs may come from besides the registry's own and those that .npmrc names
}

// policy is a Policy that may be replaced while requests are under way.
type policy struct{ atomic.Pointer[Policy] }

func (p *policy) get() Policy {
	if now := p.Load(); now != nil {
		return *now
	}
	return Policy{}
}

// plain is Policy.Plain as of now.
func (p *policy) plain(host string) error {
	if allowed := p.get().Plain; allowed != nil {
		return allowed(host)
	}
	return nil
}

// Allow replaces the policy of the client, and of those that [Client.Local] made of it.
func (c *Client) Allow(p Policy) { c.policy.Store(&p) }

// checkAddress refuses an address for a tarball that is not on the registry's own host, not on one that the user's
// configuration names and not allowed by policy; and one without TLS where the registry has it.
func (c *Client) checkAddress(name, subject, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return &report.Error{Kind: report.Network, What: "the registry states no usable address for " + subject, Why: "it is " + address, Next: "check the registry in .npmrc"}
	}
	base, err := url.Parse(c.config.registry(name))
	if err != nil {
		return err
	}
	host := hostOf(u)
	allowed := slices.ContainsFunc(c.policy.get().Hosts, func(h string) bool { return strings.EqualFold(h, host) })
	switch {
	case base.Scheme == "https" && u.Scheme != "https":
		return &report.Error{Kind: report.Policy, What: "the tarball of " + subject + " would come without TLS", Where: base.Host,
			Why: "the registry has it at " + u.Scheme + "://" + host + ", while the registry itself is reached by https", Next: "tell the operator of the registry; nothing of it was fetched"}
	case host != hostOf(base) && !allowed && !c.config.knows(u):
		return &report.Error{Kind: report.Policy, What: "the tarball of " + subject + " lies on another host", Where: base.Host,
			Why:  "the registry itself does not have it and points to " + host,
			Next: "if you trust that host, add to conduit.toml:\n[policy]\nhosts = [\"" + host + "\"]"}
	}
	return nil
}
