// Command compose measures conduit up and down beside docker compose itself, on the same compose files and the same engine:
// five projects of one, three and ten containers. Docker Compose is built from its module, in the version whose packages
// conduit uses, and kept in the user's cache. It also compares twenty independent services that come up at once with the
// same one after another.
//
// It needs a Docker engine.
package main
