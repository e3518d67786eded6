package native

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Node is the Node.js that scripts run under and addons are compiled for.
type Node struct {
	Path    string // of the executable, without links
	Version string // without a leading v
	ABI     string // process.versions.modules: "115"
	Headers string // the folder that holds include/node; "" if there is none
	Gyp     string // node-gyp's main file; "" if there is none
}

// FindNode asks the executable at path, or of that name in PATH, what it is, and looks for its headers and for npm's
// node-gyp where installations of Node.js have them. headers, if not "", is a folder that has include/node.
func FindNode(ctx context.Context, path, headers string) (Node, error) {
	cmd := exec.CommandContext(ctx, path, "-p", "JSON.stringify([process.execPath, process.versions.node, process.versions.modules])")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	out, err := cmd.Output()
	var said [3]string
	if err == nil {
		err = json.Unmarshal(out, &said)
	}
	if err != nil {
		return Node{}, &report.Error{What: "Node.js does not say which version it is", Where: path, Err: err, Next: "check that it starts: " + path + " --version"}
	}
	n := Node{Path: said[0], Version: said[1], ABI: said[2]}
	if real, err := filepath.EvalSymlinks(n.Path); err == nil {
		n.Path = real
	}
	prefix := filepath.Dir(filepath.Dir(n.Path))
	for _, dir := range []string{headers, prefix} {
		if dir != "" && n.Headers == "" && fits(dir, n.ABI) {
			n.Headers = dir
		}
	}
	npm := []string{filepath.Join(prefix, "lib/node_modules/npm")}
	if found, err := exec.LookPath("npm"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			npm = append(npm, filepath.Dir(filepath.Dir(real)))
		}
	}
	for _, dir := range npm {
		file := filepath.Join(dir, "node_modules/node-gyp/bin/node-gyp.js")
		if _, err := os.Stat(file); err == nil && n.Gyp == "" {
			n.Gyp = file
		}
	}
	return n, nil
}

// fits reports whether dir holds the headers for an ABI.
func fits(dir, abi string) bool {
	data, err := os.ReadFile(filepath.Join(dir, "include", "node", "node_version.h"))
	return err == nil && strings.Contains(string(data), "#define NODE_MODULE_VERSION "+abi)
}

// readable are the files and folders that scripts need of an installation outside of the system's folders.
func (n Node) readable() []string {
	list := []string{n.Path}
	if n.Headers != "" {
		list = append(list, filepath.Join(n.Headers, "include", "node"))
	}
	if n.Gyp != "" {
		list = append(list, filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(n.Gyp))))) // npm, whose libraries node-gyp uses
	}
	var out []string
	for _, path := range list {
		if !strings.HasPrefix(path, "/usr/") {
			out = append(out, path)
		}
	}
	return out
}
