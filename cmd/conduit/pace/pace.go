// Package pace sets how often garbage is collected. Most commands are over in a blink and their heaps are small; the
// runtime's default would take a quarter of the time of those that resolve. It is a package of its own because packages
// are initialised in the order of their paths: what the larger dependencies make ready then runs at this pace too, a
// quarter of the time to start.
package pace

import (
	"os"
	"runtime/debug"
)

// percent is GOGC's meaning: a collection begins when the heap has grown by so much.
const percent = 400

func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
