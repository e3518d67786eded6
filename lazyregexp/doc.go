// Package lazyregexp has regular expressions that are compiled when they are first used. Each command needs a few of those
// that its packages have, and compiling all of them took a tenth of the time to start.
package lazyregexp
