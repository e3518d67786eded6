package plugin

import (
	"os"
	"strconv"
	"time"
)

// parentInterval is how often a native provider looks whether conduit still lives; it is to be gone within 5 s.
const parentInterval = 500 * time.Millisecond

// watchParent ends a native provider and all that it started, when conduit has died.
func watchParent() {
	parent, err := strconv.Atoi(os.Getenv(parentVariable))
	if err != nil {
		return // not started by conduit: Serve says so
	}
	endOnSignal()
	if os.Getenv(watchedVariable) != "" {
		return
	}
	go func() {
		for range time.Tick(parentInterval) {
			if !parentAlive(parent) {
				endOwnGroup()
			}
		}
	}()
}
