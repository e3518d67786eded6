package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOpenAIClient: the official client of OpenAI's API talks to a gateway that testdata/openai.txtar starts. What it asks and
// expects is testdata/openai/client.mjs.
func TestOpenAIClient(t *testing.T) {
	packages := npmInstalled(t, "openai")
	script := filepath.Join("testdata", "openai.txtar")
	all := maps.Clone(commands)
	all["client"] = func(ts *testscript.TestScript, _ bool, args []string) {
		// The modules of a program are looked for beside it.
		code, err := os.ReadFile(filepath.Join(testdata, "openai", "client.mjs"))
		ts.Check(err)
		c := exec.Command("node", "--input-type=module", "--eval", string(code))
		c.Dir = packages
		c.Env = append(environment(ts), "GATEWAY="+ts.Getenv("GATEWAY"), "TOKEN="+strings.TrimSpace(ts.ReadFile(args[0])))
		out, err := c.CombinedOutput()
		if err != nil {
			ts.Fatalf("%v\n%s", err, out)
		}
		_, err = ts.Stdout().Write(out)
		ts.Check(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{script},
		Setup: func(env *testscript.Env) error { return newWorld(env, script) },
		Cmds:  all,
	})
}
