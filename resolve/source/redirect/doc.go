// Package redirect refuses redirects that lead from a host of the internet into the network of whoever runs conduit: to
// the machine itself, to a private network, to the metadata service of a cloud. A registry or git host that could send
// conduit there would have a client behind the firewall.
package redirect
