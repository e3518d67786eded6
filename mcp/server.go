package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// Host runs a project's providers; *[project.Host] is one. Methods may be called concurrently.
type Host interface {
	// Models lists the models of all providers that have a capability, "" for all. A provider that cannot tell is left out,
	// unless none can.
	Models(ctx context.Context, capability string) ([]project.Model, error)
	// Transform calls a model.
	Transform(ctx context.Context, req project.RunRequest) (plugin.Response, error)
}

// Options say what is served. Zeros mean the defaults.
type Options struct {
	Host    Host
	Version string        // of conduit, as clients are told
	Files   bool          // inputs may name files of this machine: only where the client is the user's own process
	Timeout time.Duration // of a call; default 10 minutes
	Keep    int64         // bytes of media that are kept as resources, the oldest go first; default 1 GiB
	Log     *slog.Logger  // of the protocol; nil for none
}

// Server offers models as tools. The caller closes it.
type Server struct {
	opts    Options
	server  *sdk.Server
	results *results
	running sync.RWMutex    // for reading, a call
	ended   context.Context // what calls that still run end with
	end     context.CancelFunc

	refreshing sync.Mutex
	tools      map[string][]byte // JSON of the tools that are offered, by their names
}

// New makes a server; it asks the host for nothing yet.
func New(opts Options) (*Server, error) {
	if opts.Timeout == 0 {
		opts.Timeout = 10 * time.Minute
	}
	if opts.Keep == 0 {
		opts.Keep = 1 << 30
	}
	dir, err := os.MkdirTemp("", "conduit-mcp-")
	if err != nil {
		return nil, &report.Error{What: "cannot make a temporary folder", Err: err, Next: "let TMPDIR name a writable folder"}
	}
	s := &Server{opts: opts, results: &results{dir: dir, most: opts.Keep}, tools: map[string][]byte{}}
	s.ended, s.end = context.WithCancel(context.Background())
	s.server = sdk.NewServer(&sdk.Implementation{Name: "conduit", Title: "MediaConduit", Version: opts.Version}, &sdk.ServerOptions{
		Logger: opts.Log,
		Instructions: "Each tool is a model of a media provider. Media that a tool makes have a URI that starts with " + resourcePrefix +
			"; give it to another tool to work on them.",
		Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{ListChanged: true}},
	})
	s.server.AddResourceTemplate(&sdk.ResourceTemplate{
		Name: "results", Description: "What tools have made", URITemplate: resourcePrefix + "{name}",
	}, s.results.read)
	s.server.AddReceivingMiddleware(s.upToDate)
	return s, nil
}

// Close removes what calls have made. No call may run any more.
func (s *Server) Close() error {
	s.end()
	if err := os.RemoveAll(s.results.dir); err != nil {
		return &report.Error{What: "cannot remove what tools have made", Where: s.results.dir, Err: err, Next: "remove that folder"}
	}
	return nil
}

// upToDate has the tools be those of the host's models before they are listed, or the first is called: models are found
// out late, and a client may call a tool that it knows from an earlier session.
func (s *Server) upToDate(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		switch params := req.GetParams().(type) {
		case *sdk.ListToolsParams:
			if params == nil || params.Cursor == "" {
				if err := s.refresh(ctx, true); err != nil {
					return nil, err
				}
			}
		case *sdk.CallToolParamsRaw:
			if err := s.refresh(ctx, false); err != nil {
				return failed(err), nil
			}
		}
		return next(ctx, method, req)
	}
}

// refresh offers the models that there are now. Without again, those that are offered already will do.
func (s *Server) refresh(ctx context.Context, again bool) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	if len(s.tools) > 0 && !again {
		return nil
	}
	models, err := s.opts.Host.Models(ctx, "")
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for name := range s.tools {
		gone[name] = true
	}
	for i, name := range names(models) {
		tool := describe(name, models[i], s.opts.Files)
		data, err := json.Marshal(tool)
		if err != nil {
			return fmt.Errorf("tool %s: %w", name, err)
		}
		delete(gone, name)
		if !bytes.Equal(s.tools[name], data) { // clients are told of each change
			s.tools[name] = data
			s.server.AddTool(tool, s.handler(models[i]))
		}
	}
	for name := range gone {
		delete(s.tools, name)
		s.server.RemoveTools(name)
	}
	return nil
}

// handler calls a model.
func (s *Server) handler(m project.Model) sdk.ToolHandler {
	return func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		if !s.running.TryRLock() {
			return failed(&report.Error{Kind: report.Interrupted, What: "the server stops", Next: "start it again", Retryable: true}), nil
		}
		defer s.running.RUnlock()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.ended, cancel)()
		result, err := s.call(ctx, m, req)
		if err != nil {
			return failed(err), nil
		}
		return result, nil
	}
}

func (s *Server) call(ctx context.Context, m project.Model, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
	dir, err := os.MkdirTemp(s.results.dir, "call-")
	if err != nil {
		return nil, storeError(err)
	}
	defer os.RemoveAll(dir)
	inputs, parameters, err := s.arguments(m, req.Params.Arguments, dir)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.opts.Timeout, &report.Error{Kind: report.Timeout,
		What: "it took longer than " + s.opts.Timeout.String(), Next: "have it started with more time: conduit mcp serve --timeout " + (2 * s.opts.Timeout).String()})
	defer cancel()
	response, err := s.opts.Host.Transform(limited, project.RunRequest{
		Provider: m.Provider, Model: m.ID, Inputs: inputs, Parameters: parameters, OutputDir: dir, Progress: notifier(ctx, req),
	})
	if err != nil {
		kind := report.KindOf(err)
		if ctx.Err() == nil && limited.Err() != nil && (kind == report.Timeout || kind == report.Interrupted || errors.Is(err, limited.Err())) {
			err = context.Cause(limited)
		}
		return nil, err
	}
	return s.answer(response)
}

// failed is an error as the client's model can read it: what, where, why, and what to do next.
func failed(err error) *sdk.CallToolResult {
	text := err.Error()
	if report.Retryable(err) {
		text += "\n  the same call may succeed later"
	}
	return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: text}},
		Meta: sdk.Meta{"conduit/kind": report.Classify(err).String(), "conduit/retryable": report.Retryable(err)}}
}

func storeError(err error) error {
	return &report.Error{What: "cannot store a file", Err: err, Next: "have room made in the folder for temporary files, or let TMPDIR name another"}
}

// takes are the kinds of media that a model takes; all where it does not say.
func takes(m project.Model) []string {
	if len(m.InputTypes) == 0 {
		return kinds
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return !slices.Contains(m.InputTypes, kind) })
}

// kinds are the kinds of media besides text. Their names are those of arguments.
var kinds = []string{"image", "audio", "video", "3d", "file"}

// onlyText reports whether a model takes nothing but text.
func onlyText(m project.Model) bool {
	return len(m.InputTypes) > 0 && !slices.ContainsFunc(m.InputTypes, func(kind string) bool { return kind != "text" })
}

// argument is the name of a tool's argument for a kind of media: names of programs' variables begin with letters.
func argument(kind string) string {
	if kind == "3d" {
		return "model3d"
	}
	return strings.ToLower(kind)
}
