// Package supervisor keeps the services of a project running for as long as a conduit is there to do it.
//
// [Supervisor.Run] starts them in the order of their dependencies, adopts those that run already, starts again what ends,
// with growing pauses and up to a limit, and stops everything in reverse order when its context ends. Each service has a
// keeper, a goroutine that does one thing at a time with it and whose word on its state counts. What happens outside is
// learnt from the driver's watch; a slow poll finds what a watch has missed.
//
// Whether a service runs is asked of the driver, never remembered: a supervisor that was killed leaves nothing behind that
// the next one could believe wrongly. Two files only help people and other conduits: who supervises a project (see [Find])
// and which port is held for which service.
//
// With Options.Hold every service has a stable address, see package hold; a service that declares how long it may idle is
// then stopped when unused, and started by the next connection.
package supervisor
