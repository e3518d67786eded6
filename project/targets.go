package project

import (
	"context"
	"maps"
	"slices"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// targets is where modules shall go.
type targets struct {
	root   map[int]string // requirements of conduit.toml, by index: the version
	floors map[resolve.Floor]bool
	free   map[resolve.Source]bool // what the lock holds of them does not count
}

func (t targets) includes(o targets) bool {
	for i, v := range o.root {
		if t.root[i] != v {
			return false
		}
	}
	for f := range o.floors {
		if !t.floors[f] {
			return false
		}
	}
	for src := range o.free {
		if !t.free[src] {
			return false
		}
	}
	return true
}

func (t targets) with(o targets) targets {
	out := targets{root: map[int]string{}, floors: map[resolve.Floor]bool{}, free: map[resolve.Source]bool{}}
	for _, from := range []targets{t, o} {
		maps.Copy(out.root, from.root)
		maps.Copy(out.floors, from.floors)
		maps.Copy(out.free, from.free)
	}
	return out
}

// problem is base with the targets.
func (t targets) problem(base resolve.Problem) resolve.Problem {
	base.Root = slices.Clone(base.Root)
	for i, v := range t.root {
		base.Root[i].Locked = v
	}
	base.Locked = slices.DeleteFunc(slices.Clone(base.Locked), func(l resolve.Locked) bool { return t.free[l.Source] })
	for f := range t.floors {
		base.Floors = append(base.Floors, f)
	}
	return base
}

// targets finds what in the graph can go up.
func (u *update) targets(ctx context.Context, graph *resolve.Graph, replace []resolve.Replace) (targets, error) {
	out := targets{}.with(targets{})
	root, modules := demands(graph, replace)
	aim := func(d demand, rooted int) error {
		at, known := u.start(d)
		if known != nil && !u.inScope(known) || known == nil && u.scope != nil {
			return nil
		}
		now := d.locked
		d.locked = at
		to, err := d.highest(ctx, u.published, u.opts.Level)
		if err != nil || to == now || to == at {
			return err
		}
		if d.loose() {
			out.free[d.source] = true
			return nil
		}
		out.floors[resolve.Floor{Source: d.source, Version: to}] = true
		if rooted >= 0 {
			out.root[rooted] = to
		}
		return nil
	}
	for i, d := range root {
		if err := aim(d, i); err != nil {
			return targets{}, err
		}
	}
	for _, d := range modules {
		if err := aim(d, -1); err != nil {
			return targets{}, err
		}
	}
	return out, nil
}

// start is the module that the previous lock held in the place of d, and its version, from which the level counts.
func (u *update) start(d demand) (string, *lockfile.Module) {
	var other *lockfile.Module
	for i := range u.previous.Modules {
		m := &u.previous.Modules[i]
		switch {
		case m.Source != d.source.String():
		case m.Version == d.locked, resolve.Line(m.Version) == resolve.Line(d.locked):
			return m.Version, m
		default:
			other = m
		}
	}
	if other != nil {
		return other.Version, other
	}
	return d.locked, nil
}
