package library

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// arborist is the release of npm's own resolver that trees are compared with: the one in npm 11.
const arborist = "@npmcli/arborist@9.1.6"

const arboristOracle = `
const Arborist = require('@npmcli/arborist')
const fs = require('fs'), os = require('os'), path = require('path')
const { registry, nodeVersion, cases } = JSON.parse(fs.readFileSync(0, 'utf8'))
process.on('log', () => {})
;(async () => {
  const out = []
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'npm-cache-'))
  for (const c of cases) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'npm-case-'))
    fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(c.package))
    try {
      const arb = new Arborist({ path: dir, registry, cache, nodeVersion, before: new Date(c.before), audit: false })
      const tree = await arb.buildIdealTree()
      const packages = {}
      for (const n of tree.inventory.values()) {
        if (!n.isRoot && !n.inert) packages[n.location] = { name: n.packageName, version: n.version }
      }
      out.push({ packages })
    } catch (e) {
      out.push({ error: e.code || String(e) })
    }
    fs.rmSync(dir, { recursive: true })
  }
  fs.rmSync(cache, { recursive: true })
  process.stdout.write(JSON.stringify(out))
})()
`

type treeCase struct {
	Package map[string]any `json:"package"`
	Before  string         `json:"before"`
}

// TestTreesAgreeWithNPM compares whole trees with those of npm's own resolver, on random registries.
func TestTreesAgreeWithNPM(t *testing.T) {
	dir := needNode(t, arborist)
	for _, kind := range []struct {
		name       string
		peers      bool
		cases      int
		agreeAbove float64
	}{
		{"no peers", false, 60, 0.98},
		{"peers", true, 40, 0.93},
	} {
		t.Run(kind.name, func(t *testing.T) {
			reg, registry := startRegistry(t)
			var cases []treeCase
			for i := range kind.cases {
				rnd := rand.New(rand.NewPCG(uint64(i), 7))
				cases = append(cases, randomCase(t, rnd, reg, fmt.Sprintf("c%d", i), kind.peers))
			}
			npm := runArborist(t, dir, reg.URL(), cases)
			agree, compared := 0, 0
			for i, c := range cases {
				if npm[i].Error == "ERESOLVE" { // npm refuses conflicts among the root's own peers; we warn
					continue
				}
				compared++
				if why := compareTree(t, registry, c, npm[i]); why == "" {
					agree++
				} else {
					t.Logf("case %d: %s", i, why)
				}
			}
			t.Logf("%d of %d trees agree", agree, compared)
			if float64(agree) < kind.agreeAbove*float64(compared) {
				t.Errorf("only %d of %d trees agree", agree, compared)
			}
		})
	}
}

type npmTree struct {
	Packages map[string]lockEntry
	Error    string
}

func runArborist(t *testing.T, dir, registry string, cases []treeCase) []npmTree {
	t.Helper()
	in, err := json.Marshal(map[string]any{"registry": registry, "nodeVersion": "v" + assumedNode, "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", arboristOracle)
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(in), os.Stderr
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var trees []npmTree
	if err := json.Unmarshal(out, &trees); err != nil {
		t.Fatal(err)
	}
	return trees
}

// compareTree says how our graph differs from npm's tree, "" if every import means the same version in both.
func compareTree(t *testing.T, reg Packages, c treeCase, npm npmTree) string {
	before, err := time.Parse(time.RFC3339, c.Before)
	if err != nil {
		t.Fatal(err)
	}
	req := Request{Subject: "case", Time: before, Dependencies: asStrings(c.Package["dependencies"]), Optional: asStrings(c.Package["optionalDependencies"]), Peers: asStrings(c.Package["peerDependencies"])}
	got, err := Resolve(t.Context(), reg, req)
	if err != nil || npm.Error != "" {
		if err != nil && npm.Error != "" {
			return ""
		}
		return fmt.Sprintf("we say %v, npm says %q", err, npm.Error)
	}
	lock := &authorLock{entries: npm.Packages}
	ours := newOwnLock(&got)
	type pair struct{ id, location string }
	seen := map[pair]bool{}
	for queue := []pair{{".", ""}}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if seen[p] {
			continue
		}
		seen[p] = true
		for name, id := range ours.edges[p.id] {
			lib, _ := ours.library(id)
			// The kind decides where the look-up starts; a name that is in the package's own folder is no peer.
			kind := required
			if _, own := lock.entries[p.location+"/node_modules/"+name]; !own && p.location != "" {
				kind = peer
			}
			ref, ok := authorRef{lock, p.location}.lookup(name, kind)
			if !ok {
				return fmt.Sprintf("%s (%s): npm has no %s", p.id, p.location, name)
			}
			if l := ref.locked(); l.version != lib.Version || l.name != lib.Name {
				return fmt.Sprintf("%s (%s): %s is %s, for npm %s@%s", p.id, p.location, name, id, l.name, l.version)
			}
			queue = append(queue, pair{id, ref.(authorRef).location})
		}
	}
	// Npm may leave packages behind that nothing means any more; they are not compared.
	return ""
}

func asStrings(v any) map[string]string {
	m, _ := v.(map[string]string)
	return m
}

// randomCase publishes a few packages with random versions, times and dependencies, and makes a root that uses them.
func randomCase(t *testing.T, r *rand.Rand, reg *npmtest.Registry, prefix string, peers bool) treeCase {
	t.Helper()
	names := make([]string, 4+r.IntN(6))
	for i := range names {
		names[i] = prefix + "-" + string(rune('a'+i))
	}
	base := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	randomTime := func() time.Time { return base.AddDate(0, 0, r.IntN(100)) }
	versions := []string{"1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0", "3.0.0-rc.1", "3.0.0"}
	always := []string{"1.0.0", "1.2.0", "2.0.0"} // so that each range has something at any time: npm gives up otherwise
	ranges := []string{"*", "^1.0.0", "^1.1.0", "~1.2.0", ">=1", "^2.0.0", "1.0.0", "^1 || ^2", "latest", "<3", ">=2"}
	some := func(most int, usual []string) map[string]string {
		m := map[string]string{}
		for range r.IntN(most + 1) {
			m[usual[r.IntN(len(usual))]] = ranges[r.IntN(len(ranges))]
		}
		return m
	}
	for i, name := range names {
		for _, v := range versions {
			always := slices.Contains(always, v)
			if !always && r.IntN(4) == 0 {
				continue
			}
			manifest := map[string]any{}
			if i+1 < len(names) { // downwards mostly, with a few cycles
				from := names[i+1:]
				if r.IntN(10) == 0 {
					from = names
				}
				deps := some(3, from)
				delete(deps, name)
				manifest["dependencies"] = deps
				if peers && r.IntN(3) == 0 {
					p := some(2, from)
					for n := range deps {
						delete(p, n)
					}
					manifest["peerDependencies"] = p
					if r.IntN(3) == 0 {
						meta := map[string]any{}
						for n := range p {
							meta[n] = map[string]any{"optional": true}
						}
						manifest["peerDependenciesMeta"] = meta
					}
				}
				if r.IntN(8) == 0 {
					o := some(1, from)
					if r.IntN(2) == 0 {
						o[prefix+"-missing"] = "^1.0.0"
					}
					manifest["optionalDependencies"] = o
				}
			}
			if r.IntN(12) == 0 {
				manifest["engines"] = map[string]string{"node": ">=99"}
			}
			p := npmtest.Package{Name: name, Version: v, Manifest: manifest, Time: randomTime()}
			if r.IntN(10) == 0 {
				p.Deprecated = "old"
			}
			if r.IntN(8) == 0 {
				p.Tags = []string{"latest"}
			}
			if always {
				p.Time = base
			}
			if err := reg.Publish(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	root := map[string]any{"name": prefix, "version": "1.0.0", "dependencies": some(4, names)}
	return treeCase{Package: root, Before: base.AddDate(0, 0, 30+r.IntN(80)).Format(time.RFC3339)}
}
