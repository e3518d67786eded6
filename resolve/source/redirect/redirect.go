package redirect

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/MediaConduit/conduit/report"
)

// lookup resolves names; tests replace it.
var lookup = net.DefaultResolver.LookupNetIP

// Check refuses the redirect of an [http.Client] (see its CheckRedirect) to the next request where it leads from outside
// to inside. A host that is inside itself, such as a company's registry, may redirect there. Names are looked up; one that has no
// address here is left to whoever connects, say a proxy. The error is a [*report.Error] of kind [report.Policy].
func Check(next *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	if !inside(next.Context(), next.URL.Hostname()) || inside(next.Context(), from.Hostname()) {
		return nil
	}
	return &report.Error{Kind: report.Policy, What: "a redirect into the network of this machine was not followed", Where: from.Host,
		Why:  "it leads to " + (&url.URL{Scheme: next.URL.Scheme, Host: next.URL.Host}).String() + ", which hosts of the internet have no business to name",
		Next: "check the address in conduit.toml, .npmrc or git's url.*.insteadOf; a host that is meant to answer in its place is named there by its own address"}
}

// Follow is the CheckRedirect of clients that otherwise follow redirects as net/http does: ten at most.
func Follow(next *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return Check(next, via)
}

// inside reports whether one of a host's addresses is that of this machine or of a private network.
func inside(ctx context.Context, host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return private(ip)
	}
	ips, err := lookup(ctx, "ip", host)
	if err != nil {
		return host == "localhost"
	}
	for _, ip := range ips {
		if private(ip) {
			return true
		}
	}
	return false
}

// carrierNAT is the shared address space of RFC 6598, in which clouds keep services of their own.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

func private(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return !ip.IsGlobalUnicast() || ip.IsPrivate() || carrierNAT.Contains(ip)
}
