package jobs

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// allowed decides which addresses a webhook may go to. A client of the gateway names them, and must not reach through it
// what only the gateway's machine can reach.
type allowed struct {
	hosts    []string
	networks []netip.Prefix
}

func newAllowed(entries []string) allowed {
	var out allowed
	for _, entry := range entries {
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			out.networks = append(out.networks, prefix.Masked())
		} else if ip, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			out.networks = append(out.networks, netip.PrefixFrom(ip, ip.BitLen()))
		} else {
			out.hosts = append(out.hosts, strings.ToLower(entry))
		}
	}
	return out
}

// check refuses an address by how it is written. Which machine its name means shows when it is called.
func (a allowed) check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &report.Error{Kind: report.Usage, What: "the webhook is no address of http or https", Next: `"webhook": "https://example.com/hook"`}
	}
	if u.User != nil {
		return &report.Error{Kind: report.Usage, What: "the webhook's address holds a password", Next: "leave it out: receivers check the signature instead"}
	}
	host := strings.ToLower(u.Hostname())
	if slices.Contains(a.hosts, host) {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if a.listed(ip) {
			return nil
		}
		if !public(ip) {
			return private(host)
		}
	}
	if u.Scheme != "https" {
		return &report.Error{Kind: report.Policy, What: "webhooks go over https", Next: "use https, or have the gateway started with --webhook-allow " + host}
	}
	return nil
}

func private(host string) error {
	return &report.Error{Kind: report.Policy, What: "webhooks do not go to " + host + ", which is no public address", Next: "have the gateway started with --webhook-allow " + host}
}

func (a allowed) listed(ip netip.Addr) bool {
	return slices.ContainsFunc(a.networks, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// special are networks whose addresses look public and are not, or lead elsewhere: RFC 6890 and its registries at IANA.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("::/96"),
}

// public reports whether an address belongs to a machine of the public Internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// transport connects to addresses that are allowed only, whatever their names mean at that moment. It asks no proxy, which would
// find names' addresses by itself.
func (a allowed) transport() http.RoundTripper {
	checked := &net.Dialer{Timeout: attemptTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err == nil && !a.listed(at.Addr()) && !public(at.Addr()) {
			return private(at.Addr().String())
		}
		return err
	}}
	free := &net.Dialer{Timeout: attemptTime}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, fmt.Errorf("malformed address %q", address)
			}
			if slices.Contains(a.hosts, strings.ToLower(host)) {
				return free.DialContext(ctx, network, address)
			}
			return checked.DialContext(ctx, network, address)
		},
		MaxIdleConns: deliverAtOnce, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: attemptTime, ForceAttemptHTTP2: true,
	}
}
