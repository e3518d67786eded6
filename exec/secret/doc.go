// Package secret finds the values that a provider's settings refer to instead of holding them: a variable of the
// environment, a file, or what a program prints. Settings are written into conduit.toml, which people share; secrets are not.
//
// A value leaves this package in two places only: in the settings that are handed to the provider, and in the list by
// which [github.com/MediaConduit/conduit/exec/plugin] keeps it out of logs and errors. No error of this package holds one.
package secret
