package plugin

import (
	"os"

	"golang.org/x/sys/windows"
)

// parentAlive asks whether the process exists and runs.
func parentAlive(parent int) bool {
	handle, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(parent))
	if err != nil {
		return false
	}
	defer func() { _ = windows.CloseHandle(handle) }()
	event, err := windows.WaitForSingleObject(handle, 0)
	return err == nil && event == uint32(windows.WAIT_TIMEOUT)
}

func endOnSignal() {}

func endOwnGroup() { os.Exit(1) }
