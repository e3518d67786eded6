package corpus

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// deadline ends a command that hangs, so that the test can say which.
const deadline = 5 * time.Minute

// command is a program that the test runs.
type command struct {
	args []string
	dir  string
	env  []string // beside PATH; the test's own environment does not reach it
}

// run returns what the program wrote to standard output. Its error holds all that it wrote.
func (c command) run(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	for _, name := range []string{"PATH", "TMPDIR", "HOME", "SYSTEMROOT", "TEMP", "USERPROFILE", "LOCALAPPDATA"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, c.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(c.args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}
