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
	"runtime/metrics"
	"sync/atomic"
)

// Nothing is collected before the process has first bytes. From then on the heap may grow to so many times what was live
// after the last collection: lavish while it is small, as usual once it is not. In between it grows to about ample.
const (
	first  = 64 << 20
	lavish = 5
	usual  = 2
	ample  = 128 << 20 // bytes
)

// The pace is set a moment after a collection, and may be late where the machine is busy. Until then all memory is kept below
// so many bytes, or so many times what was live.
const (
	ceiling = 164 << 20
	excess  = 3
)

func init() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(first)
	afterCollection()
}

// afterCollection sets the pace after the next collection and all others.
func afterCollection() {
	// Unreachable at once, so that the next collection finds it.
	runtime.AddCleanup(new([16]byte), func(int) {
		if stays.Load() {
			return
		}
		n := live()
		debug.SetGCPercent(percent(n))
		debug.SetMemoryLimit(int64(max(ceiling, excess*n)))
		afterCollection()
	}, 0)
}

// staying is GOGC for a process that stays: little memory counts more than little time.
const staying = 40

var stays atomic.Bool

// Stay sets the pace of a command that goes on for days, and gives back what was needed to start it.
func Stay() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	stays.Store(true)
	debug.SetMemoryLimit(math.MaxInt64)
	debug.SetGCPercent(staying)
	debug.FreeOSMemory()
}

// live is how many bytes the last collection left.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// percent is GOGC's meaning: a collection begins when the heap has grown by so much of what was live.
func percent(live uint64) int {
	goal := min(lavish*live, max(ample, usual*live))
	return int((goal - live) * 100 / max(live, 1))
}
