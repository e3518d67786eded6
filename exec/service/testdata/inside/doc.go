//go:build linux

// Command inside is a service that tells what a container looks like from its inside.
//
//	inside serve         answers on $PORT until SIGUSR1 or SIGTERM
//	inside check         asks it whether it answers: a health check
//	inside report [FILE] writes what it sees, as JSON, to standard output or FILE
//	inside write FILE    writes its working folder, user and environment to FILE: a hook
//	inside done          ends at once
package main
