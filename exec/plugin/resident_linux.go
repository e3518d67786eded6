package plugin

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watchMemory calls tooMuch once the process and what it started hold more than limit bytes of memory, and returns then or when
// it has ended. In between, it may have got more: nothing but a control group stops it in time.
func watchMemory(pid int, limit int64, exited <-chan struct{}, tooMuch func()) {
	ticker := time.NewTicker(memoryInterval)
	defer ticker.Stop()
	for {
		select {
		case <-exited:
			return
		case <-ticker.C:
		}
		if residentOf(pid) > limit {
			tooMuch()
			return
		}
	}
}

// pageSize is the unit of /proc/PID/statm.
var pageSize = sync.OnceValue(func() int64 { return int64(os.Getpagesize()) })

// residentOf is the resident memory of a process and of what it started, in bytes. Pages that several share are counted for each.
func residentOf(pid int) int64 {
	proc := "/proc/" + strconv.Itoa(pid)
	var total int64
	if data, err := os.ReadFile(proc + "/statm"); err == nil {
		if fields := strings.Fields(string(data)); len(fields) > 1 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			total = pages * pageSize()
		}
	}
	lists, err := filepath.Glob(proc + "/task/*/children")
	if err != nil {
		return total
	}
	for _, list := range lists {
		data, err := os.ReadFile(list)
		if err != nil {
			continue
		}
		for word := range strings.FieldsSeq(string(data)) {
			if child, err := strconv.Atoi(word); err == nil {
				total += residentOf(child)
			}
		}
	}
	return total
}
