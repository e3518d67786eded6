package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// guard decides who may call.
type guard struct {
	tokens  [][sha256.Size]byte
	names   []string
	origins []string
}

func newGuard(opts Options) *guard {
	g := &guard{origins: opts.Origins, names: opts.Names}
	for _, token := range opts.Tokens {
		g.tokens = append(g.tokens, sha256.Sum256([]byte(token)))
	}
	return g
}

// token checks a request's token, in a time that does not depend on it.
func (g *guard) token(r *http.Request) error {
	if len(g.tokens) == 0 {
		return nil
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return failure.Unauthorized("the request has no token", "send the header Authorization: Bearer TOKEN")
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(given)))
	found := 0
	for _, token := range g.tokens {
		found |= subtle.ConstantTimeCompare(sum[:], token[:])
	}
	if found == 0 {
		return failure.Unauthorized("the request's token is wrong", "send one of those that the gateway was started with")
	}
	return nil
}

// guarded keeps browsers' pages out that are not the gateway's own: one that resolves its name to a loopback address (DNS
// rebinding), and one that sends requests across origins (CSRF). Pages of Options.Origins may call.
func (g *Gateway) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.guard.name(r); err != nil {
			g.fail(w, r, err)
			return
		}
		origin := r.Header.Get("Origin")
		if origin == "" {
			if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
				g.fail(w, r, foreign("of another site"))
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		if !slices.Contains(g.guard.origins, origin) {
			if _, host, _ := strings.Cut(origin, "://"); host == r.Host { // a page of the gateway's own
				next.ServeHTTP(w, r)
				return
			}
			g.fail(w, r, foreign(origin))
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "Location, Retry-After, X-Request-Id")
		h.Add("Vary", "Origin")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func foreign(origin string) error {
	return &report.Error{Kind: report.Policy, What: "a page " + origin + " may not call this gateway",
		Next: "if it is yours, have the gateway started with --cors " + origin}
}

// name checks the name by which a request reached a loopback address. Elsewhere a token is needed, which no page has.
func (g *guard) name(r *http.Request) error {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return nil
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return nil
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(g.names, host) {
		return nil
	}
	return &report.Error{Kind: report.Policy, What: "this gateway is not " + host,
		Why:  "it listens on a loopback address, and is reached by the name localhost only",
		Next: "if " + host + " is a name of yours for it, have it started with --allow-host " + host}
}
