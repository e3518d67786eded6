package library

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/report"
)

// Resolve chooses the library tree of a provider. The result is a function of the request, of the author's lock file in
// req.Dir, and of what was published by req.Time; it depends neither on the order of maps nor on that of answers.
//
//   - With a previous tree (Locked) or the author's lock file, each dependency means what the
//     previous tree, else the author's lock, says that it means at that place, if its range allows that version. One that
//     neither satisfies gets the highest version in its range that occurs in them, or that was chosen before it (nearest to
//     the root first, then by name), else it is picked. What only dev dependencies or the SDK need is never reached.
//   - Without, the tree is the one that npm install --before=Time makes on an empty folder: each range in turn, nearest to
//     the root first, reuses what Node would find from there if it is in range, else is picked and put as near to the root
//     as it can go without breaking what is there. Peers come along with who needs them.
//   - Picking follows npm's rules as of Time: see pick. Where nothing in the range was published by then, what was
//     published first is taken, with a warning.
//
// Dependencies for other platforms are in the tree too. Installations of one version whose imports all mean the same are
// one node. Errors are [*report.Error], those of reg included.
func Resolve(ctx context.Context, reg Packages, req Request) (Result, error) {
	author, ignored, err := readAuthorLock(req.Dir)
	if err != nil {
		return Result{}, err
	}
	var own *ownLock
	if req.Locked != nil {
		own = newOwnLock(req.Locked)
	}
	load, stop := newLoader(ctx, reg, &req, own != nil || author != nil)
	defer stop()
	var warnings []string
	if ignored != "" {
		warnings = append(warnings, fmt.Sprintf("%s of %s is not read; its libraries are chosen as of its publication. A lock file that is read: %s", ignored, req.Subject, strings.Join(readLocks(), ", ")))
	}
	b := &builder{load: load, req: &req, warnings: &warnings, tree: tree{byDep: map[string][]*edge{}}}
	if b.replace, err = parseReplace(req.Replace); err != nil {
		return Result{}, err
	}
	if b.root, err = b.rootNode(); err != nil {
		return Result{}, err
	}
	b.add(b.root)
	var v *vertex
	if own != nil || author != nil {
		v, err = b.follow(own, author)
	} else if err = b.build(); err == nil {
		v = b.graph()
	}
	if err != nil {
		return Result{}, err
	}
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if err := v.settle(warn); err != nil {
		return Result{}, err
	}
	if err := load.complete(v); err != nil {
		return Result{}, err
	}
	out, err := v.result()
	if err != nil {
		return Result{}, err
	}
	out.Scripts = v.remarks(b, warn)
	slices.Sort(warnings)
	out.Warnings = slices.Compact(warnings)
	return out, nil
}

func parseReplace(replace map[string]string) (map[string]spec, error) {
	out := map[string]spec{}
	for _, name := range slices.Sorted(maps.Keys(replace)) {
		s, err := parseSpec("[replace]", name, replace[name])
		if err != nil || s.rng == nil {
			return nil, &report.Error{Kind: report.Usage, What: fmt.Sprintf("[replace] of npm:%s is neither a version nor a range: %q", name, replace[name]), Where: "conduit.toml", Next: fmt.Sprintf("write it as in \"npm:%s\" = \"1.2.3\"", name)}
		}
		out[name] = s
	}
	return out, nil
}

// rootNode is the provider itself.
func (b *builder) rootNode() (*node, error) {
	m := &Manifest{Dependencies: map[string]string{}, Optional: b.req.Optional, Peers: b.req.Peers}
	maps.Copy(m.Dependencies, b.req.Dependencies)
	maps.DeleteFunc(m.Dependencies, func(name, _ string) bool { return b.req.Optional[name] != "" })
	own := maps.Clone(b.req.Peers)
	if own == nil {
		own = map[string]string{}
	}
	maps.Copy(own, b.req.Dependencies)
	maps.Copy(own, b.req.Optional)
	rules, err := parseOverrides(b.req.Subject, b.req.Overrides, own)
	if err != nil {
		return nil, err
	}
	n := &node{manifest: m, children: map[string]*node{}, rules: rules}
	b.root = n // messages about the root name the provider
	return n, b.addEdges(n, m)
}

// complete adds libc to the packages that are for some platforms only: abbreviated documents leave it out.
func (l *loader) complete(v *vertex) error {
	var group errgroup.Group
	group.SetLimit(fetches)
	v.each(func(n *vertex) {
		m := n.manifest
		if len(m.OS)+len(m.CPU) == 0 || len(m.Libc) > 0 || m.Source != "" {
			return
		}
		group.Go(func() error {
			doc, err := l.doc(m.Name, true)
			if err != nil {
				return err
			}
			full, err := doc.Version(m.Version)
			if err != nil {
				return err
			}
			if full != m {
				c := *m
				c.Libc = full.Libc
				n.manifest = &c // n is this goroutine's alone
			}
			return nil
		})
	})
	return group.Wait()
}

// remarks warns about what the user should know of the chosen versions, and lists those with install scripts.
func (v *vertex) remarks(b *builder, warn func(string, ...any)) (scripts []string) {
	v.each(func(n *vertex) {
		m := n.manifest
		id := m.Name + "@" + m.Version
		if m.Deprecated != "" {
			warn("%s is deprecated: %s", id, m.Deprecated)
		}
		if m.Shrinkwrap && len(n.arcs) > 0 {
			warn("%s publishes an npm-shrinkwrap.json, which npm would follow; here the versions of what it needs are those of its ranges", id)
		}
		if n.late {
			warn("%s was published after %s, which needs it, or too short a time ago: nothing in its range was there earlier", id, b.req.Subject)
		}
		if m.Scripts && !slices.Contains(b.req.Build, id) {
			scripts = append(scripts, id)
		}
		for _, a := range n.arcs {
			if !a.kind.isPeer() || n == v {
				continue
			}
			if s, err := parseSpec(id, a.name, m.Peers[a.name]); err == nil && !s.allows(a.to.manifest.Name, a.to.manifest.Version, a.to.manifest.Source) && a.want == s.text {
				warn("%s wants %s@%s beside it and gets %s", id, a.name, a.want, a.to.manifest.Version)
			}
		}
	})
	slices.Sort(scripts)
	scripts = slices.Compact(scripts)
	if len(scripts) > 0 {
		warn("install scripts are not run: %s", strings.Join(scripts, ", "))
	}
	return scripts
}
