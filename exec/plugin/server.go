package plugin

import (
	"context"
	"errors"
	"sync"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// server is the provider's side of the contract around an [Implementation].
type server struct {
	providerv1.UnimplementedProviderServer
	impl Implementation
	host *questions

	mu          sync.Mutex
	description *Description
	outputDir   string
}

func (s *server) Load(ctx context.Context, request *providerv1.LoadRequest) (*providerv1.LoadResponse, error) {
	services := make(map[string]ServiceInfo, len(request.GetServices()))
	for name, info := range request.GetServices() {
		services[name] = fromServiceInfo(info)
	}
	description, err := s.impl.Load(ctx, Load{
		Name: request.GetName(), Type: request.GetType(), Services: services, Default: request.GetDefaultService(),
		OutputDir: request.GetOutputDir(), Host: s.host,
	})
	if err != nil {
		return nil, wireError(providerv1.Error_LOAD, err)
	}
	if config := asMap(request.GetConfig()); config != nil {
		if err := s.impl.Configure(ctx, config); err != nil {
			return nil, wireError(providerv1.Error_CONFIGURATION, err)
		}
	}
	s.mu.Lock()
	s.description, s.outputDir = &description, request.GetOutputDir()
	s.mu.Unlock()
	return &providerv1.LoadResponse{}, nil
}

func (s *server) Describe(context.Context, *providerv1.DescribeRequest) (*providerv1.DescribeResponse, error) {
	s.mu.Lock()
	description := s.description
	s.mu.Unlock()
	if description == nil {
		return nil, wireError(providerv1.Error_LOAD, errors.New("Load has not been called"))
	}
	wire, err := toDescription(*description)
	if err != nil {
		return nil, wireError(providerv1.Error_EXECUTION, err)
	}
	return &providerv1.DescribeResponse{Description: wire}, nil
}

func (s *server) Configure(ctx context.Context, request *providerv1.ConfigureRequest) (*providerv1.ConfigureResponse, error) {
	if err := s.impl.Configure(ctx, request.GetConfig().AsMap()); err != nil {
		return nil, wireError(providerv1.Error_CONFIGURATION, err)
	}
	return &providerv1.ConfigureResponse{}, nil
}

func (s *server) Health(ctx context.Context, _ *providerv1.HealthRequest) (*providerv1.HealthResponse, error) {
	health, err := s.impl.Health(ctx)
	if err != nil {
		return nil, wireError(providerv1.Error_EXECUTION, err)
	}
	details, err := toStruct(health.Details)
	if err != nil {
		return nil, wireError(providerv1.Error_EXECUTION, err)
	}
	return &providerv1.HealthResponse{Available: health.Available, Message: health.Message, Details: details}, nil
}

func (s *server) Models(ctx context.Context, _ *providerv1.ModelsRequest) (*providerv1.ModelsResponse, error) {
	models, err := s.impl.Models(ctx)
	if err != nil {
		return nil, wireError(providerv1.Error_EXECUTION, err)
	}
	wire, err := toModels(models)
	if err != nil {
		return nil, wireError(providerv1.Error_EXECUTION, err)
	}
	return &providerv1.ModelsResponse{Models: wire}, nil
}

func (s *server) Transform(request *providerv1.TransformRequest, stream grpc.ServerStreamingServer[providerv1.TransformResponse]) error {
	var sending sync.Mutex
	send := func(message *providerv1.TransformResponse) error {
		sending.Lock()
		defer sending.Unlock()
		return stream.Send(message)
	}
	s.mu.Lock()
	outputDir := s.outputDir
	s.mu.Unlock()
	if request.GetOutputDir() != "" {
		outputDir = request.GetOutputDir()
	}
	response, err := s.impl.Transform(stream.Context(), Request{
		Model: request.GetModel(), Capability: request.GetCapability(), Inputs: fromMedia(request.GetInputs()),
		Parameters: request.GetParameters().AsMap(), OutputDir: outputDir,
		Progress: func(progress Progress) {
			// A stream that cannot send has a cancelled context, which tells the implementation.
			if progress.Partial != "" {
				_ = send(&providerv1.TransformResponse{Event: &providerv1.TransformResponse_Partial{Partial: progress.Partial}})
				return
			}
			_ = send(&providerv1.TransformResponse{Event: &providerv1.TransformResponse_Progress{
				Progress: &providerv1.Progress{Fraction: progress.Fraction, Message: progress.Message},
			}})
		},
	})
	if err != nil {
		if stream.Context().Err() != nil {
			return wireError(providerv1.Error_CANCELLED, err)
		}
		return wireError(providerv1.Error_EXECUTION, err)
	}
	outputs, err := toMedia(response.Outputs)
	if err != nil {
		return wireError(providerv1.Error_EXECUTION, err)
	}
	metadata, err := toStruct(response.Metadata)
	if err != nil {
		return wireError(providerv1.Error_EXECUTION, err)
	}
	return send(&providerv1.TransformResponse{Event: &providerv1.TransformResponse_Result{
		Result: &providerv1.TransformResult{Outputs: outputs, Metadata: metadata},
	}})
}

// Services implements the call-back stream.
func (s *server) Services(stream grpc.BidiStreamingServer[providerv1.ServiceAnswer, providerv1.ServiceQuestion]) error {
	return s.host.serve(stream)
}

// wireError makes of err the status that travels, with the implementation's own words.
func wireError(kind providerv1.Error_Kind, err error) error {
	const limit = 8 << 10
	failure := &providerv1.Error{Kind: kind, Message: cut(err.Error(), limit)}
	var own *CallError
	if errors.As(err, &own) {
		if value, ok := providerv1.Error_Kind_value[own.Kind]; ok && value != 0 {
			failure.Kind = providerv1.Error_Kind(value)
		}
		failure.Name, failure.Stack, failure.Retryable, failure.Missing = own.Name, cut(own.Stack, limit), own.Retryable, own.Missing
		failure.Remedy = own.Remedy
	}
	state, detailErr := status.New(codes.Aborted, cut(err.Error(), 200)).WithDetails(failure)
	if detailErr != nil { // it cannot be marshalled: not valid UTF-8
		return status.Error(codes.Aborted, "the provider's error cannot be told: "+detailErr.Error())
	}
	return state.Err()
}
