package plugin

import (
	"context"
	"fmt"
	"os"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Implementation is a provider written in Go. Methods may be called concurrently, none before Load has returned. An error
// may be a [*CallError], which tells its kind; any other is the provider's own failure. What the provider prints becomes
// log records.
type Implementation interface {
	// Load makes the provider ready. It is called once.
	Load(ctx context.Context, load Load) (Description, error)
	// Configure takes settings; also right after Load where there are any.
	Configure(ctx context.Context, config map[string]any) error
	// Health tells whether the provider could do work now.
	Health(ctx context.Context) (Health, error)
	// Models lists the models.
	Models(ctx context.Context) ([]Model, error)
	// Transform runs a model; it ends early when ctx is cancelled. Request.Progress is never nil.
	Transform(ctx context.Context, request Request) (Response, error)
}

// Load is what a native provider is started with.
type Load struct {
	Name      string                 // the provider's name in the project
	Type      string                 // "local" or "remote"
	Services  map[string]ServiceInfo // by every name and source text
	Default   string                 // key of its own service in Services, "" without one
	OutputDir string                 // folder for media that it makes
	Host      Services               // conduit: takes keys of Services
}

// Serve runs impl as a provider until conduit ends it. A native provider's main function calls it and nothing after it. It
// exits with a message when the program was not started by conduit.
func Serve(impl Implementation) {
	open, err := readOpening()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conduit's first words cannot be read:", err)
		os.Exit(1)
	}
	watchParent()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         goplugin.PluginSet{pluginName: &contract{server: newServer(impl)}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return goplugin.DefaultGRPCServer(append(opts, open.serverOptions()...))
		},
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, JSONFormat: true, Output: os.Stderr}),
	})
}

func newServer(impl Implementation) *server {
	return &server{impl: impl, host: &questions{waiting: make(map[uint64]chan *providerv1.ServiceAnswer), ask: make(chan *providerv1.ServiceQuestion)}}
}
