package telemetry

import (
	"context"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/MediaConduit/conduit/report"
)

// Traces receives spans; nil for none.
type Traces = oteltrace.TracerProvider

const scope = "github.com/MediaConduit/conduit/gateway"

// exporterVariables are those that say where traces go, as OpenTelemetry specifies them.
var exporterVariables = []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}

// OpenTraces sends traces by OTLP over HTTP to where OpenTelemetry's variables of the environment say, and nowhere where they
// say nothing. shut sends what is left.
func OpenTraces(ctx context.Context, version string) (traces Traces, shut func(context.Context) error, err error) {
	wanted := false
	for _, name := range exporterVariables {
		wanted = wanted || os.Getenv(name) != ""
	}
	if !wanted || os.Getenv("OTEL_SDK_DISABLED") == "true" {
		return nil, func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, &report.Error{Kind: report.Usage, What: "traces cannot be sent", Err: err, Next: "check the variables OTEL_EXPORTER_OTLP_…"}
	}
	// Later attributes win: what the environment says of the service comes last.
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "conduit"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, nil, &report.Error{Kind: report.Usage, What: "traces cannot be described", Err: err, Next: "check the variable OTEL_RESOURCE_ATTRIBUTES"}
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about))
	return provider, provider.Shutdown, nil
}

func tracerOf(traces Traces) oteltrace.Tracer {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	return traces.Tracer(scope)
}

// Span begins the span of a request, within the trace that the client's headers name, where they do. The function that it
// returns ends it.
func (t *Telemetry) Span(r *http.Request) (ctx context.Context, id string, end func(route string, status int)) {
	ctx = propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, oteltrace.WithSpanKind(oteltrace.SpanKindServer))
	if in := span.SpanContext(); in.HasTraceID() {
		id = in.TraceID().String()
	}
	return ctx, id, func(route string, status int) {
		span.SetName(route)
		span.SetAttributes(attribute.String("http.route", route), attribute.String("http.request.method", r.Method), attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}
