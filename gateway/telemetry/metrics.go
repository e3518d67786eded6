package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/MediaConduit/conduit/gateway/failure"
)

// Telemetry is what one gateway counts and traces. Its methods may be called concurrently.
type Telemetry struct {
	tracer   trace.Tracer
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	times    *prometheus.HistogramVec
	active   prometheus.Gauge
	calls    *prometheus.CounterVec
	callTime *prometheus.HistogramVec
	calling  *prometheus.GaugeVec
	jobs     *prometheus.CounterVec
	webhooks *prometheus.CounterVec
}

// durations are the bounds of histograms in seconds: a model may take a millisecond or an hour.
var durations = []float64{.001, .005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}

// New returns a telemetry whose spans go to traces.
func New(traces Traces) *Telemetry {
	t := &Telemetry{
		tracer:   tracerOf(traces),
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "conduit_http_requests_total", Help: "Requests of HTTP."}, []string{"route", "code"}),
		times:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "conduit_http_request_duration_seconds", Help: "Time from a request's header to the end of its answer.", Buckets: durations}, []string{"route"}),
		active:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "conduit_http_requests_in_flight", Help: "Requests of HTTP that are being answered."}),
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "conduit_calls_total", Help: "Calls of models, by outcome: ok, or the kind of the error."}, []string{"provider", "outcome"}),
		callTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "conduit_call_duration_seconds", Help: "Time that calls of models took.", Buckets: durations}, []string{"provider"}),
		calling:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "conduit_calls_in_flight", Help: "Calls of models that run."}, []string{"provider"}),
		jobs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "conduit_jobs_total", Help: "Jobs that entered a state."}, []string{"state"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "conduit_webhook_attempts_total", Help: "Attempts to deliver the end of a job, by outcome: delivered, failed or given-up."}, []string{"outcome"}),
	}
	t.registry.MustRegister(t.requests, t.times, t.active, t.calls, t.callTime, t.calling, t.jobs, t.webhooks,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return t
}

// Gauge adds a metric whose value is asked for when the metrics are.
func (t *Telemetry) Gauge(name, help string, value func() float64) {
	t.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Metrics serves all metrics.
func (t *Telemetry) Metrics() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{})
}

// Begin counts a request; the function that it returns counts its end, with the pattern of its route.
func (t *Telemetry) Begin() func(route string, status int, took time.Duration) {
	t.active.Inc()
	return func(route string, status int, took time.Duration) {
		t.active.Dec()
		t.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
		t.times.WithLabelValues(route).Observe(took.Seconds())
	}
}

// Call counts and traces a call of a model, see [call.Observer].
func (t *Telemetry) Call(ctx context.Context, provider, model, capability string) (context.Context, func(error)) {
	begun := time.Now()
	t.calling.WithLabelValues(provider).Inc()
	ctx, span := t.tracer.Start(ctx, "call "+provider, trace.WithAttributes(
		attribute.String("conduit.provider", provider), attribute.String("conduit.model", model), attribute.String("conduit.capability", capability)))
	return ctx, func(err error) {
		outcome := "ok"
		if err != nil {
			outcome = failure.Of(err).Kind
			span.SetStatus(codes.Error, outcome) // not its text, which may have what a user wrote
		}
		span.End()
		t.calling.WithLabelValues(provider).Dec()
		t.calls.WithLabelValues(provider, outcome).Inc()
		t.callTime.WithLabelValues(provider).Observe(time.Since(begun).Seconds())
	}
}

// Job counts that a job entered a state.
func (t *Telemetry) Job(state string) { t.jobs.WithLabelValues(state).Inc() }

// Webhook counts an attempt to deliver a webhook.
func (t *Telemetry) Webhook(outcome string) { t.webhooks.WithLabelValues(outcome).Inc() }
