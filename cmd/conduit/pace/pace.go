// Package pace sets how often garbage is collected. Most commands are over in a blink and their heaps are small; the
// runtime's default would take a quarter of the time of those that resolve. It is a package of its own because packages
// are initialised in the order of their paths: what the larger dependencies make ready then runs at this pace too, a
// quarter of the time to start.
package pace

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// Nothing is collected before the process has first bytes; from then on, a collection begins when the heap has grown by
// percent (GOGC's meaning).
const (
	first   = 64 << 20
	percent = 400
)

func init() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(first)
	// Unreachable at once, so that the first collection finds it.
	runtime.AddCleanup(new([16]byte), func(int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, 0)
}
