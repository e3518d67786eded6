package plugin

import (
	"context"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// pluginName is the name under which the contract is dispensed; go-plugin wants one though there is only one.
const pluginName = "provider"

// handshake is what both sides must agree on before anything else. The cookie is no secret: it keeps a person who starts
// a provider by hand from wondering why nothing happens. ProtocolVersion is 1 for conduit.provider.v1.
var handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "CONDUIT_PROVIDER",
	MagicCookieValue: "conduit.provider.v1",
}

// parentVariable tells a provider the process id of conduit, so that it can see when conduit has gone, however early.
const parentVariable = "CONDUIT_PARENT_PID"

// watchedVariable tells a provider that it and what it starts is ended when conduit is gone, without its doing.
const watchedVariable = "CONDUIT_WATCHED"

// contract binds conduit.provider.v1 to go-plugin; server is nil on conduit's side.
type contract struct {
	goplugin.NetRPCUnsupportedPlugin
	server providerv1.ProviderServer
}

// GRPCServer implements [goplugin.GRPCPlugin] for the provider's side.
func (c *contract) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	providerv1.RegisterProviderServer(s, c.server)
	return nil
}

// GRPCClient implements [goplugin.GRPCPlugin] for conduit's side.
func (c *contract) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return providerv1.NewProviderClient(conn), nil
}
