// Package tarball reads npm tarballs in memory: gzipped (or plain) tar archives whose first path component is dropped.
// Nothing needs to be unpacked to read a library; a bundler asks for the few files that it reaches.
//
// Names and links are held to the rules of package cache/extract, and an archive that breaks one does not open.
package tarball
