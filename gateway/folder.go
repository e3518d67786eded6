package gateway

import (
	"path/filepath"

	"github.com/MediaConduit/conduit/exec/service"
)

// Folder is where the gateway of the project in a folder keeps its jobs and files unless it is told otherwise.
func Folder(project string) (string, error) {
	state, err := service.StateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(state, "gateway", service.ProjectID(project)), nil
}
