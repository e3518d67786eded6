// Package gateway serves a project's providers over HTTP: one long-lived process for everything in the lock.
//
// Under /api/v1 is its own API: providers and their health, models, services, calls, and jobs that outlive the process. Under
// /v1 are endpoints that clients of OpenAI's API can talk to. /healthz, /readyz, /metrics and /openapi.json are for those who
// run it. docs/gateway.md is its handbook; the routes are those of [Gateway.routes], and /openapi.json describes each.
//
// A request passes, from the outside in: its record for log, metrics and traces; the check of names and origins; the token; the
// limits; its handler. Handlers return errors, and one place writes them.
package gateway
