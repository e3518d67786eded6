// Package call is what a client asks of a model and what it gets: the request as JSON or as a form, the model that a name
// means, the call itself with its limits, and the outputs as JSON, by address or as they are.
//
// The gateway's own API, its jobs and the OpenAI-compatible endpoints share it; the types here are those of the wire.
package call
