//go:build !linux

package plugin

// confine limits nothing: there are no control groups here. V8 limits its own heap.
func confine(int64) confined { return nil }

// watchMemory watches nothing.
func watchMemory(int, int64, <-chan struct{}, func()) {}
