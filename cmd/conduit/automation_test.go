package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// TestExitCodes compares the table of docs/automation.md with the codes that conduit ends with.
func TestExitCodes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "automation.md"))
	if err != nil {
		t.Fatal(err)
	}
	for kind := report.Failure; kind <= report.Interrupted; kind++ {
		if row := fmt.Sprintf("\n| %d | `%s` |", kind.ExitCode(), kind); !strings.Contains(string(data), row) {
			t.Errorf("docs/automation.md has no row %q", row)
		}
	}
}

// TestOnTerminal checks that a model cannot steer the terminal that its answer is shown on.
func TestOnTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb\tc\n":            "a\nb\tc\n",
		"\x1b]0;title\a":         "\uFFFD]0;title\uFFFD",
		"\x1b[2Jgone":            "\uFFFD[2Jgone",
		"over\rwritten \u009b1m": "over\uFFFDwritten \uFFFD1m",
		"snow ☃, 🐄":              "snow ☃, 🐄",
	} {
		if got := onTerminal(plugin.Text(text)).Text; got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}
