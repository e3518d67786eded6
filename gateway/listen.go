package gateway

import (
	"context"
	"net"
	"net/netip"

	"github.com/MediaConduit/conduit/report"
)

// Listen listens on an address, HOST:PORT; port 0 is a free one. Everywhere but on loopback addresses there has to be a token.
// command is the command line whose flags these are: "conduit serve".
func Listen(ctx context.Context, command, address string, tokens []string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, &report.Error{Kind: report.Usage, What: "--listen " + address + " is no address", Next: "--listen 127.0.0.1:8420"}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &report.Error{Kind: report.Network, What: "cannot listen on " + address, Err: err, Next: "stop what has the port, or take a free one: --listen 127.0.0.1:0"}
	}
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err == nil && at.Addr().Unmap().IsLoopback() || len(tokens) > 0 {
		return l, nil
	}
	_ = l.Close() // nobody has been answered
	return nil, &report.Error{Kind: report.Policy, What: "others than this machine's users could call what listens on " + l.Addr().String() + ", and it has no token",
		Next: "give it one: openssl rand -hex 32 > token && " + command + " --listen " + address + " --token-file token\nor keep it to this machine: --listen 127.0.0.1:8420"}
}

// tokenLeast is how many characters a token has at least.
const tokenLeast = 16

// CheckTokens refuses tokens that can be guessed.
func CheckTokens(tokens []string) error {
	for _, token := range tokens {
		if len(token) < tokenLeast {
			return &report.Error{Kind: report.Policy, What: "the token is too short to be safe", Next: "make one: openssl rand -hex 32"}
		}
	}
	return nil
}
