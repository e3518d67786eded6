//go:build unix

package plugin

// WithoutShell has providers watch conduit by themselves, as in a container without a shell.
func WithoutShell() { shell = "/nowhere/sh" }
