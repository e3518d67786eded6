package project

import (
	"fmt"
	"os"
	"testing"
)

// TestMain gives the tests a folder for state of their own.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "conduit-project-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.Setenv("CONDUIT_STATE", dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}
