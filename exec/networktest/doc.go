// Package networktest runs tests in a network of their own, on Linux. Container engines change the rules by which a
// machine leads packets: two on one network take them away from each other, and Podman leads a port to its container a
// moment before it finds out that a server of another test listens there.
package networktest
