// Package service starts, finds and stops the services that providers talk to.
//
// A service comes from a verified package folder and runs under one of two drivers behind the one interface [Driver]:
// in Docker, from the package's compose file, or as a plain local process, from the command that the package declares.
// [New] returns the driver that chooses between the two for each service and that sees the services of both.
//
// The same rules hold under both drivers. A service listens on 127.0.0.1 only, on a free port, and the port is read back
// after every start. Names never collide: neither between projects, nor between two lines of one service in one
// project. Ready means that a probe from the host succeeded. What was started outlives the process that started it, and
// is found again without a file of ours: in Docker by the engine's labels, else by process ID and start time.
//
// # What a package may not do
//
// A compose file from elsewhere runs with few rights. A [report.Policy] error refuses privileged containers, capabilities
// and namespaces that reach the host or containers of others, devices, mounts of anything outside the package's own folder
// (the Docker socket with it), build contexts, secrets and env files outside that folder, and compose providers, which are
// programs of the host. docs/compose.md tells of every key, and a test compares it with compose's schema. A folder of the user's own (a file: source) is trusted: it is how a user who wants one of these opts in. What a
// package mounts out of its own folder is mounted read-only, because that folder is shared by all projects of the
// machine; a mounted folder that the package does not contain becomes a volume of the project's own.
package service
