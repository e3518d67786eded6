// Package report is how the libraries of conduit speak to their caller: errors that say what, where, why and what to do
// next, and progress as events.
//
// Libraries never print and never exit. They return a [*Error] whose [Kind] decides the exit code, and they hand events
// to the [Sink] that the caller put into the context. Only cmd/conduit knows terminals.
package report
