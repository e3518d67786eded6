// Command conduit manages the media providers of a project and the services they talk to: it resolves them, locks them,
// fetches and builds them, starts the services and runs the providers.
//
// This package is only the command line: flags, progress, printing and exit codes. What a command does is in package
// project. Standard output carries a command's result and nothing else; progress, warnings and logs go to standard error.
package main
