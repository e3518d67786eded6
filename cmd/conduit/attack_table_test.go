package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAttackTable: each attack in the table of docs/security.md names a test that exists.
func TestAttackTable(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	data, err := os.ReadFile(filepath.Join(docs, "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(data), "\n| attack | what conduit does | shown by |\n| --- | --- | --- |\n")
	if !ok {
		t.Fatal("no table of attacks in docs/security.md")
	}
	link := regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	attacks := 0
	for row := range strings.Lines(text) {
		if !strings.HasPrefix(row, "|") {
			break
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), "|")
		if len(cells) != 3 {
			t.Errorf("a row of %d cells: %s", len(cells), row)
			continue
		}
		if strings.HasPrefix(cells[0], " **") { // a heading
			continue
		}
		attacks++
		tests := link.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 || strings.TrimSpace(cells[1]) == "" {
			t.Errorf("nothing shows what conduit does: %s", row)
		}
		for _, l := range tests {
			name, file := l[1], filepath.Join(docs, filepath.FromSlash(l[2]))
			content, err := os.ReadFile(file)
			switch {
			case err != nil:
				t.Errorf("%s: %v", cells[0], err)
			case strings.HasSuffix(file, ".txtar") && filepath.Base(file) != name+".txtar":
				t.Errorf("%s: %s is called %s", cells[0], file, name)
			case strings.HasSuffix(file, "_test.go") && !strings.Contains(string(content), "\nfunc "+name+"(t *testing.T)"):
				t.Errorf("%s: no test %s in %s", cells[0], name, file)
			case !strings.HasSuffix(file, ".txtar") && !strings.HasSuffix(file, "_test.go"):
				t.Errorf("%s: %s is no test", cells[0], file)
			}
		}
	}
	if attacks < 40 {
		t.Errorf("%d attacks", attacks)
	}
}

// Texts of packages cannot move the cursor, recolour the screen or run from right to left.
func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31m\a\r\u009b\u202e\u2066b\n\tc é 世 \u200f"); got != "a\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb\n\tc é 世 \u200f" {
		t.Errorf("%q", got)
	}
}
