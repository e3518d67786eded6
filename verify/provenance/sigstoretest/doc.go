// Package sigstoretest is a Sigstore instance for tests, in the test's own process: an authority that certifies builds, a log of
// certificates and a log of entries, with keys of their own. What it makes has the real formats, so that it is verified as what
// the public instance makes, by another root.
package sigstoretest
