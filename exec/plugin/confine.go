package plugin

import "time"

// What a provider's process and what that starts get of the machine beside the memory that conduit.toml allows.
const (
	mostTasks = 1024 // processes and threads at once: enough for a browser, and an end to a fork bomb
	cpuWeight = 100  // of all processors when several want them: each provider as much as the next, however many processes it has
)

// confined is how much of the machine a provider's process gets. It is made before the process starts and removed after all of
// it has ended.
type confined interface {
	limitsMemory() bool
	limitsTasks() bool
	add(pid int) error // puts the process, and what it will start, inside
	kill()             // ends all that is inside, also what left the process group
	outOfMemory() bool // whether something was ended because it wanted more memory than it may have
	remove()
}

// Enforced tells what the kernel limits for providers of this user, on this machine: their memory, and how many processes they
// may start. It makes a control group to find out, and removes it.
func Enforced() (memory, tasks bool) {
	g := confine(1 << 30)
	if g == nil {
		return false, false
	}
	defer g.remove()
	return g.limitsMemory(), g.limitsTasks()
}

// memoryInterval is how often the memory of a provider is looked at where the kernel does not limit it.
const memoryInterval = 100 * time.Millisecond

// heapShare is the part of the memory limit that V8 may have for JavaScript's own objects, in percent. The rest is for Node.js
// itself and for buffers, which lie outside: it is V8 that says best what is wrong, and before that it collects garbage harder.
const heapShare = 75
