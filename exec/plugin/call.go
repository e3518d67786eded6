package plugin

import (
	"context"
	"errors"
	"io"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"github.com/MediaConduit/conduit/report"
)

// load hands the provider what it is started with.
func (p *Provider) load(ctx context.Context) error {
	config, err := toStruct(p.spec.Config)
	if err != nil {
		return p.usageError("its settings in conduit.toml cannot be handed on", err)
	}
	services := make(map[string]*providerv1.ServiceInfo, len(p.spec.Services))
	for name, info := range p.spec.Services {
		services[name] = toServiceInfo(info)
	}
	_, err = p.rpc.Load(ctx, &providerv1.LoadRequest{
		Name: p.spec.Name, ExportName: p.spec.ExportName, Type: p.spec.Type, Services: services,
		DefaultService: p.spec.Default, Config: config, OutputDir: p.spec.Dir,
	})
	if err != nil {
		return p.callError(ctx, "it cannot be loaded", err)
	}
	return nil
}

// Describe asks the provider what it is.
func (p *Provider) Describe(ctx context.Context) (Description, error) {
	answer, err := p.rpc.Describe(ctx, &providerv1.DescribeRequest{})
	if err != nil {
		return Description{}, p.callError(ctx, "it cannot describe itself", err)
	}
	return fromDescription(answer.GetDescription()), nil
}

// Models asks the provider for its models; one that discovers them remotely has waited for the discovery.
func (p *Provider) Models(ctx context.Context) ([]Model, error) {
	answer, err := p.rpc.Models(ctx, &providerv1.ModelsRequest{})
	if err != nil {
		return nil, p.callError(ctx, "it cannot list its models", err)
	}
	return fromModels(answer.GetModels()), nil
}

// Health asks the provider whether it could do work now.
func (p *Provider) Health(ctx context.Context) (Health, error) {
	answer, err := p.rpc.Health(ctx, &providerv1.HealthRequest{})
	if err != nil {
		return Health{}, p.callError(ctx, "it cannot tell its health", err)
	}
	return Health{Available: answer.GetAvailable(), Message: p.recorder.secrets.text(answer.GetMessage()), Details: asMap(answer.GetDetails())}, nil
}

// Configure hands the provider settings, beyond those it was started with.
func (p *Provider) Configure(ctx context.Context, config map[string]any) error {
	settings, err := toStruct(config)
	if err != nil {
		return p.usageError("its settings cannot be handed on", err)
	}
	if _, err := p.rpc.Configure(ctx, &providerv1.ConfigureRequest{Config: settings}); err != nil {
		return p.callError(ctx, "it refuses its settings", err)
	}
	return nil
}

// Transform runs a model. Cancelling ctx cancels the work and leaves the provider running; when ctx's deadline passes, the
// provider's process is ended, since a provider that does not answer may never stop by itself.
func (p *Provider) Transform(ctx context.Context, request Request) (Response, error) {
	parameters, err := toStruct(request.Parameters)
	if err != nil {
		return Response{}, p.usageError("the parameters cannot be handed on", err)
	}
	var files *staged
	if r := p.process.reach; r != nil {
		files, request, err = r.stage(request)
		defer files.release()
		if err != nil {
			return Response{}, p.inputError(err)
		}
	}
	inputs, err := toMedia(request.Inputs)
	if err != nil {
		return Response{}, p.usageError("an input cannot be handed on", err)
	}
	const failed = "its model failed"
	// The deadline stays here: if the provider knew it too, its answer to it would sometimes come first, and look like a
	// failure of its own.
	calling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	stream, err := p.rpc.Transform(calling, &providerv1.TransformRequest{
		Model: request.Model, Capability: request.Capability, Inputs: inputs, Parameters: parameters, OutputDir: request.OutputDir,
	})
	if err != nil {
		return Response{}, p.callError(ctx, failed, err)
	}
	var response *Response
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Response{}, p.callError(ctx, failed, err)
		}
		switch event := message.GetEvent().(type) {
		case *providerv1.TransformResponse_Progress:
			emitProgress(request, Progress{Fraction: event.Progress.GetFraction(), Message: p.recorder.secrets.text(event.Progress.GetMessage())})
		case *providerv1.TransformResponse_Partial:
			emitProgress(request, Progress{Fraction: -1, Partial: event.Partial})
		case *providerv1.TransformResponse_Result:
			response = &Response{Outputs: fromMedia(event.Result.GetOutputs()), Metadata: asMap(event.Result.GetMetadata())}
		}
	}
	if response == nil {
		return Response{}, &report.Error{
			Kind: report.Provider, Where: p.where(), What: "it ended the call without a result",
			Next: "report this to the provider's author: Transform has to end with a result or an error",
		}
	}
	if files != nil {
		if err := files.collect(response.Outputs); err != nil {
			return Response{}, p.outputError(err)
		}
	}
	return *response, nil
}

func emitProgress(request Request, progress Progress) {
	if request.Progress != nil {
		request.Progress(progress)
	}
}
