package main

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestGatewayDocument types the examples of docs/gateway.md, as [TestReadme] does, at a gateway that testdata/gateway.txtar starts.
func TestGatewayDocument(t *testing.T) {
	steps := tutorial(t, filepath.Join("..", "..", "docs", "gateway.md"))
	script := filepath.Join("testdata", "gateway.txtar")
	all := maps.Clone(commands)
	all["document"] = func(ts *testscript.TestScript, _ bool, _ []string) { typeSteps(ts, ts.Getenv("WORK"), steps) }
	testscript.Run(t, testscript.Params{
		Files: []string{script},
		Setup: func(env *testscript.Env) error { return newWorld(env, script) },
		Cmds:  all,
	})
}
