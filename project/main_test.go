package project

import (
	"fmt"
	"os"
	"testing"
)

// TestMain gives the tests a folder for state of their own, and variables that a provider may be handed.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "conduit-project-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, value := range map[string]string{"CONDUIT_STATE": dir, "CONDUIT_TEST_PASSED": "the-value-that-was-passed", "STATED_TEST_PASSED": "the-value-that-was-stated"} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}
