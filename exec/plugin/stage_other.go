//go:build !linux

package plugin

import "os"

// openFile opens a file for reading.
func openFile(path string) (*os.File, error) { return os.Open(path) }

// placeOf is where an open file is.
func placeOf(f *os.File) (string, error) { return f.Name(), nil }

// link gives a file a further name.
func link(f *os.File, path string) error { return os.Link(f.Name(), path) }
