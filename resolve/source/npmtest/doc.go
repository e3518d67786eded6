// Package npmtest is an npm registry that runs in a test's own process: package documents (full and abbreviated, with
// ETag and gzip) and tarballs that are built deterministically from files, with publication times, request counts and
// faults on demand. It needs no testing.T, so that a script test's main can run it.
package npmtest
