package layout

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// manifest is what a package.json says of install scripts and of what may be missing.
type manifest struct {
	Scripts  map[string]string `json:"scripts"`
	Gypfile  *bool             `json:"gypfile"`
	Optional map[string]string `json:"optionalDependencies"`
}

func readManifest(dir string) manifest {
	var m manifest
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err == nil {
		_ = json.Unmarshal(data, &m) // npm itself reads past what it does not understand
	}
	return m
}

// compiles are the programs that install scripts make machine code with, or download it by.
var compiles = lazyregexp.New(`\b(node-gyp|node-gyp-build|prebuild-install|node-pre-gyp|cmake-js)\b`)

// needsBuild reports whether the unpacked library in dir would be compiled by npm's install scripts, and holds no machine
// code for the platform that would spare it.
func needsBuild(dir string, m manifest, on Platform) bool {
	_, err := os.Stat(filepath.Join(dir, "binding.gyp"))
	native := err == nil && (m.Gypfile == nil || *m.Gypfile)
	for _, name := range []string{"preinstall", "install", "postinstall"} {
		native = native || compiles.MatchString(m.Scripts[name])
	}
	return native && !hasBinary(dir, on)
}

// hasBinary looks for machine code that a package brings along: under prebuilds/OS-CPU where it has such folders, else
// anywhere, since every package has a layout of its own.
func hasBinary(dir string, on Platform) bool {
	found, prebuilds, suits := false, false, false
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".node" {
			return nil // what cannot be read is not there for Node.js either
		}
		found = true
		rel, _ := filepath.Rel(dir, name)
		if top, rest, ok := strings.Cut(filepath.ToSlash(rel), "/"); ok && top == "prebuilds" {
			prebuilds = true
			folder, _, _ := strings.Cut(rest, "/")
			system, cpus, _ := strings.Cut(folder, "-")
			for cpu := range strings.SplitSeq(cpus, "+") { // "darwin-x64+arm64"
				suits = suits || system == on.OS && (cpu == on.CPU || cpu == "universal")
			}
		}
		return nil
	})
	return found && (!prebuilds || suits)
}

// unbuilt checks the laid out libraries, by the folders that they were unpacked to. Those that only optional dependencies
// lead to are left out if they would have to be compiled, as npm leaves out what fails to install; any other is an error of
// kind Policy.
func (p *Plan) unbuilt(dirs map[string]string) (leaveOut map[string]bool, err error) {
	manifests := make(map[string]manifest, len(dirs))
	var needing []item
	for _, each := range p.placed {
		if _, known := manifests[each.ID]; known {
			continue
		}
		m := readManifest(dirs[each.ID])
		manifests[each.ID] = m
		id := each.lib.Name + "@" + each.lib.Version
		switch {
		case each.Output != "":
			continue
		case slices.Contains(p.in.Allowed, id) && len(InstallScripts(dirs[each.ID])) > 0:
			return nil, &report.Error{Kind: report.Lock, What: "conduit.lock holds no native build of " + id + " for " + p.in.Platform.String(), Where: p.in.Subject,
				Why: "it was locked on another platform", Next: "conduit lock    on this platform builds it and adds it"}
		}
		if needsBuild(dirs[each.ID], m, p.in.Platform) && !p.platformPackage(each.ID) {
			needing = append(needing, each)
		}
	}
	leaveOut = map[string]bool{}
	for _, each := range needing {
		if p.required(each.ID, manifests) {
			id := each.lib.Name + "@" + each.lib.Version
			return nil, &report.Error{Kind: report.Policy, What: id + " has to be compiled for " + p.in.Platform.String() + ", and conduit runs no install scripts",
				Where: p.in.Subject, Why: "it brings no machine code for this platform along (" + strings.TrimSpace("npm would run: "+script(manifests[each.ID])) + ")",
				Next: "use a version that brings it along, in conduit.toml: [replace] \"npm:" + each.lib.Name + "\" = \"VERSION\"\n" +
					"or, if you trust it, allow its install script there, which is then run in a sandbox:\n[policy]\nbuild = [\"" + id + "\"]"}
		}
		leaveOut[each.ID] = true
	}
	return leaveOut, nil
}

// platformPackage reports whether a library has a dependency for this platform only, which then holds the machine code.
func (p *Plan) platformPackage(id string) bool {
	for _, n := range p.in.Nodes {
		if n.ID != id {
			continue
		}
		for _, e := range n.Edges {
			for _, other := range p.placed {
				if other.ID == e.ID && len(other.lib.OS)+len(other.lib.CPU) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// required reports whether the bundle, or a library that does not call it optional, uses a library.
func (p *Plan) required(id string, manifests map[string]manifest) bool {
	for _, e := range p.in.Roots {
		if e.ID == id {
			return true
		}
	}
	for _, n := range p.in.Nodes {
		m, laidOut := manifests[n.ID]
		if !laidOut {
			continue
		}
		for _, e := range n.Edges {
			if _, optional := m.Optional[e.Name]; e.ID == id && !optional {
				return true
			}
		}
	}
	return false
}

func script(m manifest) string {
	for _, name := range []string{"preinstall", "install", "postinstall"} {
		if text := m.Scripts[name]; compiles.MatchString(text) {
			return text
		}
	}
	return "node-gyp rebuild"
}
