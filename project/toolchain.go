package project

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// nodeTool is what the lock calls Node.js.
const nodeTool = "node"

// Node is the Node.js that a project's providers run under.
type Node struct {
	Path    string // of the executable; the name "node" where it is to be looked up in PATH
	Version string // without a leading v; "" for the one in PATH, which nobody has asked
}

// Node returns the Node.js that starts the project's providers: the one of conduit.lock where conduit.toml has [toolchain]
// node, which must be in the cache, else the one in PATH.
func (p *Project) Node(ctx context.Context) (Node, error) {
	m, err := p.read(ctx)
	if err != nil {
		return Node{}, err
	}
	if m.Node == "" {
		return nodeInPath()
	}
	_, lock, err := p.current(ctx)
	if err != nil {
		return Node{}, err
	}
	return p.node(ctx, m, lock)
}

// node is [Project.Node] for a lock that belongs to the manifest. It makes no request.
func (p *Project) node(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (Node, error) {
	if m.Node == "" {
		return nodeInPath()
	}
	tool, err := p.nodeHere(ctx, m, lock)
	if err != nil {
		return Node{}, err
	}
	path, ok, err := p.installedNode(tool)
	switch {
	case err != nil:
		return Node{}, err
	case !ok:
		return Node{}, notSynced("Node.js " + tool.Version)
	}
	return Node{Path: path, Version: tool.Version}, nil
}

func nodeInPath() (Node, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return Node{}, &report.Error{Kind: report.Provider, What: "providers run under Node.js, and there is none in PATH", Err: err,
			Next: "write node = \"^22\" under [toolchain] in " + lockfile.ManifestName + ", then type: conduit sync    which fetches it\nor install Node.js 20 or newer and have it in PATH"}
	}
	return Node{Path: "node"}, nil
}

// here is the platform that conduit runs on.
func here() platform {
	name := runtime.GOOS + "-" + runtime.GOARCH
	if i := slices.IndexFunc(platforms, func(p platform) bool { return p.name == name }); i >= 0 {
		return platforms[i]
	}
	return platform{name: name}
}

// nodeFile is the executable in a package of Node.js.
func (on platform) nodeFile() string {
	if on.os == "win32" {
		return "bin/node.exe"
	}
	return "bin/node"
}

// nodeHere is the locked Node.js of this machine.
func (p *Project) nodeHere(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (lockfile.Tool, error) {
	on := here()
	for _, t := range lock.Tools(nodeTool) {
		if t.Platform != on.name {
			continue
		}
		if t.Integrity == "" {
			return t, p.unpublishedNode(ctx, m, on, t.Version)
		}
		if t.Package != on.node { // a lock may not choose which package is run
			return t, &report.Error{Kind: report.Lock, What: "Node.js for " + on.name + " is locked as the package " + t.Package, Where: lockfile.Name,
				Why: "it comes from " + on.node, Next: "restore " + lockfile.Name + " from version control, or delete it and type: conduit lock"}
		}
		return t, nil
	}
	return lockfile.Tool{}, &report.Error{Kind: report.Lock, What: lockfile.Name + " holds no Node.js for " + on.name, Where: lockfile.Name,
		Next: "conduit update node    looks what is published for it\nor take [toolchain] node out of " + lockfile.ManifestName + " and have a Node.js in PATH"}
}

// unpublishedNode is the error for a machine that the locked version was not published for. It names one that was, as far
// as the cache tells.
func (p *Project) unpublishedNode(ctx context.Context, m *lockfile.Manifest, on platform, version string) error {
	e := &report.Error{Kind: report.Lock, What: "Node.js " + version + " is not published for " + on.name, Where: lockfile.Name,
		Why:  "the npm registry had no " + on.node + "@" + version + " when the lock was made",
		Next: "write a node under [toolchain] in " + lockfile.ManifestName + " that is published as " + on.node + ", then type: conduit lock\nor take the line out and have a Node.js in PATH"}
	doc, err := p.npmLocal.Packument(ctx, on.node, false)
	if err != nil {
		return e
	}
	if other := newestNode(doc, m.Node); other != "" {
		e.Next = "write node = \"" + other + "\" under [toolchain] in " + lockfile.ManifestName + ", which is published for it, then type: conduit lock\nor take the line out and have a Node.js in PATH"
	}
	return e
}

// withNode puts the folder of a locked Node.js first in the PATH of an environment, so that a provider which starts "node"
// gets the one that it runs under.
func withNode(env []string, node Node) []string {
	if node.Version == "" {
		return env
	}
	out := slices.Clone(env)
	for i, entry := range out {
		if name, rest, _ := strings.Cut(entry, "="); name == "PATH" {
			out[i] = name + "=" + filepath.Dir(node.Path) + string(filepath.ListSeparator) + rest
			return out
		}
	}
	return append(out, "PATH="+filepath.Dir(node.Path))
}

const (
	toolKind   = "tool"     // what lists call the kind of a tool
	nodeSource = "npm:node" // what lists call its source; its packages are named after it and the platform
)

// nodeItem is the locked Node.js as a list shows it: as this machine's package, where there is one.
func (p *Project) nodeItem(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (Item, bool) {
	tools := lock.Tools(nodeTool)
	if len(tools) == 0 {
		return Item{}, false
	}
	out := Item{Name: nodeTool, Kind: toolKind, Source: nodeSource, Version: tools[0].Version, Range: m.Node}
	for _, t := range tools {
		if t.Integrity != "" {
			out.Platforms = append(out.Platforms, t.Platform)
		}
	}
	if t, err := p.nodeHere(ctx, m, lock); err == nil {
		_, installed, err := p.installedNode(t)
		out.Version, out.Source, out.Sum, out.Synced = t.Version, "npm:"+t.Package, t.Integrity, installed && err == nil
	}
	return out, true
}
