// Gateway measures conduit serve under load: 64 connections call a provider for half a minute, and then nothing may have failed,
// and memory and descriptors may not have grown. See bench/README.md. On Linux only.
package main
