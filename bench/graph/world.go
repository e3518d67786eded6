package main

import (
	"fmt"
	"math/rand/v2"
)

// Every module has so many versions v1.0.0, v1.1.0, …, and every version requires so many versions of others.
const (
	versions     = 3
	requirements = 10
	reach        = 50 // requirements lead to one of the next so many modules, so that the graph is deep
)

// world is a requirement graph without names. Module 0 requires, at its lowest version, what makes all others reachable.
type world struct {
	needs [][versions][]need // by module and minor version
}

// need is a requirement of a minimal version.
type need struct{ module, minor int }

func newWorld(modules int) *world {
	r := rand.New(rand.NewPCG(1, 2))
	w := &world{needs: make([][versions][]need, modules)}
	for i := range modules {
		for v := range versions {
			seen := map[int]bool{}
			for range requirements {
				to := i + 1 + r.IntN(reach)
				if to >= modules || seen[to] {
					continue
				}
				seen[to] = true
				w.needs[i][v] = append(w.needs[i][v], need{to, r.IntN(versions)})
			}
			if i+1 < modules && !seen[i+1] { // nothing is unreachable
				w.needs[i][v] = append(w.needs[i][v], need{i + 1, v})
			}
		}
	}
	return w
}

// edges counts the requirements of all versions.
func (w *world) edges() (n int) {
	for _, m := range w.needs {
		for _, needs := range m {
			n += len(needs)
		}
	}
	return n
}

func version(minor int) string { return fmt.Sprintf("v1.%d.0", minor) }

func name(module int) string { return fmt.Sprintf("m%05d", module) }
