package mvs

import (
	"context"
	"slices"
)

// Reqs is a world of versions and what each requires.
type Reqs[V, L comparable] interface {
	Versions[V, L]
	// Required is what v itself requires.
	Required(ctx context.Context, v V) ([]V, error)
}

// BuildList selects for each line the highest version that the roots reach. The first error of Required, in the order of
// versions, ends it.
func BuildList[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots ...V) ([]V, error) {
	g, err := load(ctx, reqs, roots)
	if err != nil {
		return nil, err
	}
	return g.BuildList(), nil
}

func load[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots []V) (*Graph[V, L], error) {
	g := New[V, L](reqs, roots...)
	for todo := g.Missing(); len(todo) > 0; todo = g.Missing() {
		for _, v := range todo {
			needs, err := reqs.Required(ctx, v)
			if err != nil {
				return nil, err
			}
			g.Require(v, needs...)
		}
	}
	return g, nil
}

// Upgrade is the build list of the roots when the given versions, too, are required.
func Upgrade[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots []V, to ...V) ([]V, error) {
	return BuildList(ctx, reqs, slices.Concat(roots, to)...)
}

// UpgradeAll is the build list when every reachable version is replaced by the latest one of its line. latest may return
// its argument.
func UpgradeAll[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots []V, latest func(V) (V, error)) ([]V, error) {
	g := New[V, L](reqs, roots...)
	for todo := g.Missing(); len(todo) > 0; todo = g.Missing() {
		for _, v := range todo {
			needs, err := reqs.Required(ctx, v)
			if err != nil {
				return nil, err
			}
			top, err := latest(v)
			if err != nil {
				return nil, err
			}
			if top != v {
				needs = append(slices.Clone(needs), top)
			}
			g.Require(v, needs...)
		}
	}
	return g.BuildList(), nil
}

// Req is a smallest list of versions with the same build list as the roots. Lines in keep are listed even where another
// version already requires them.
func Req[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots []V, keep ...L) ([]V, error) {
	g, err := load(ctx, reqs, roots)
	if err != nil {
		return nil, err
	}
	// A version is implied where another selected one requires exactly it. Visiting what is required before what requires
	// it, and then in reverse, meets each version before the ones that it implies.
	list := g.BuildList()
	order := make([]V, 0, len(list))
	visited := map[V]bool{}
	var visit func(V)
	visit = func(v V) {
		if visited[v] {
			return
		}
		visited[v] = true
		for _, need := range g.Needs(v) {
			visit(need)
		}
		order = append(order, v)
	}
	for _, v := range list {
		visit(v)
	}
	implied := map[V]bool{}
	var imply func(V)
	imply = func(v V) {
		if implied[v] {
			return
		}
		implied[v] = true
		for _, need := range g.Needs(v) {
			imply(need)
		}
	}
	var out []V
	take := func(v V) {
		out = append(out, v)
		imply(v)
	}
	for _, line := range keep {
		if v, ok := g.Selected(line); ok && !slices.Contains(out, v) {
			take(v)
		}
	}
	for _, v := range slices.Backward(order) {
		if top, _ := g.Selected(reqs.Line(v)); top == v && !implied[v] {
			take(v)
		}
	}
	slices.SortFunc(out, reqs.Compare)
	return out, nil
}
