// Package manners is how conduit behaves towards the hosts that it asks for packages: it says who it is, waits before it
// asks again, longer each time and never in step with other machines, and believes a host that says when to come back.
package manners
