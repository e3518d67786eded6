// Package media tells what a file is: its media type (RFC 6838) by its name or its first bytes, the kind of input that a
// provider takes it as, and the name that a file of a type gets.
package media
