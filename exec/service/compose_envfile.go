package service

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// rawFormat teaches compose-go the format "raw" of env files, which the specification has and compose-go leaves to its users.
var rawFormat = sync.OnceFunc(func() { dotenv.RegisterFormat("raw", readRaw) })

// readRaw reads lines NAME=VALUE, where VALUE is all that follows: quotes, dollar signs and blanks are part of it. A name
// alone takes its value from lookup, if it has one. Empty lines, and those that begin with #, say nothing.
func readRaw(r io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimLeft(strings.TrimSuffix(lines.Text(), "\r"), " \t")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, assigned := strings.Cut(line, "=")
		if name == "" || strings.ContainsAny(name, " \t") {
			return fmt.Errorf("%s:%d: %q is no name of a variable", filename, n, name)
		}
		if assigned {
			vars[name] = value
			continue
		}
		if lookup == nil {
			continue
		}
		if value, ok := lookup(name); ok {
			vars[name] = value
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", filename, err)
	}
	return nil
}
