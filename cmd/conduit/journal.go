package main

import (
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report/journal"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// auditLog is where the audit log is: the file that CONDUIT_AUDIT_LOG names, else one in the folder for state; "" where it is off or
// there is no such folder.
func auditLog() string {
	path := os.Getenv("CONDUIT_AUDIT_LOG")
	if path == "off" {
		return ""
	}
	if path != "" {
		if abs, err := filepath.Abs(path); err == nil {
			return abs
		}
		return path
	}
	state, err := service.StateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(state, "audit.jsonl")
}

func newJournal() *journal.Log { return journal.New(auditLog(), manners.Version) }
