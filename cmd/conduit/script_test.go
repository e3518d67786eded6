package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/MediaConduit/conduit/exec/landlock"
)

// TestMain lets the test binary be conduit: scripts run it as a process of its own. See raced for the scripts that do so
// under the race detector.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, programs)
}

// programs are what the test binary is under other names.
var programs = map[string]func(){
	"conduit": func() { os.Exit(run(os.Args[1:])) },
}

// TestScripts runs testdata/script/*.txtar: conduit's command line against a GitHub and an npm registry in this process.
// What a script's archive holds below github/OWNER/REPO@REF/ and npm/NAME@VERSION/ is published before it starts. See
// commands_test.go for the commands that scripts have besides those of testscript.
func TestScripts(t *testing.T) {
	runScripts(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			return newWorld(env, filepath.Join("testdata", "script", strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")+".txtar"))
		},
		Cmds: commands,
		Condition: func(name string) (bool, error) {
			if name == "landlock" {
				return landlock.Supported().Ports, nil // exec/landlock's tests see to it under CI
			}
			if name != "root" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			if os.Getuid() != 0 && os.Getenv("CI") != "" {
				return false, errors.New("under CI nothing is left out: the tests run as root there")
			}
			return os.Getuid() == 0, nil
		},
	})
}
