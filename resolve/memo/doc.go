// Package memo remembers what was computed once for many goroutines that ask for it again and again.
package memo
