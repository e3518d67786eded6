// Package sumdb is the client and the server of a checksum log: a transparency log of what every published version of a module
// was when somebody first asked for it, by the protocol of Go's checksum database (golang.org/x/mod/sumdb). Who asks the log
// is shown the same as everybody else, or can prove that the log lied: a record comes with a proof that it is in a tree whose
// head is signed, and each head with a proof that it holds all that the one before did.
//
// A record holds the h1: sum of the files of one version. Where the files come from is the business of who runs a [Server].
package sumdb
