//go:build unix

package measure

import (
	"os"
	"runtime"
	"syscall"
)

// Peak is the largest resident memory of a process and of those it waited for, in bytes.
func Peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin" || runtime.GOOS == "ios":
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
