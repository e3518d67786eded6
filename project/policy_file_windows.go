package project

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// machinePolicy is the policy file of the machine. The system is asked for the folder, since the environment is the user's.
func machinePolicy() string {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		dir = `C:\ProgramData`
	}
	return filepath.Join(dir, "conduit", "policy.toml")
}
