// Package files keeps what models made until clients fetch it: each file under a name that nobody can guess, for a limited
// time, and all together within a limited space. What was kept longest goes first.
package files
