// Package telemetry counts and traces what the gateway does: metrics for Prometheus, traces for OpenTelemetry. It sees names
// of providers, models and routes, durations and outcomes; no inputs, outputs, messages or tokens.
package telemetry
