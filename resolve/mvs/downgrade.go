package mvs

import "context"

// Downgrade lowers the build list of the roots until no version in it is above its line's limit, nor requires one that
// is. Each version goes down, by previous, to the highest one that may stay; a line of which none may stay goes. previous
// returns false where there is no lower version in the line. A version whose requirements cannot be loaded may not stay.
func Downgrade[V, L comparable](ctx context.Context, reqs Reqs[V, L], roots []V, previous func(V) (V, bool), limits ...V) ([]V, error) {
	list, err := BuildList(ctx, reqs, roots...)
	if err != nil {
		return nil, err
	}
	d := downgrade[V, L]{ctx: ctx, reqs: reqs, limit: map[L]V{}, seen: map[V]bool{}, refused: map[V]bool{}, neededBy: map[V][]V{}}
	// Going down must raise nothing: what is selected now is the limit of its line.
	for _, v := range list {
		d.limit[reqs.Line(v)] = v
	}
	for _, v := range limits {
		line := reqs.Line(v)
		if max, ok := d.limit[line]; !ok || reqs.Compare(v, max) < 0 {
			d.limit[line] = v
		}
	}
	var lowered []V
	for _, v := range list {
		d.visit(v)
		ok := true
		for ok && d.refused[v] {
			if v, ok = previous(v); ok {
				d.visit(v)
			}
		}
		if ok {
			lowered = append(lowered, v)
		}
	}
	return BuildList(ctx, reqs, lowered...)
}

type downgrade[V, L comparable] struct {
	ctx      context.Context
	reqs     Reqs[V, L]
	limit    map[L]V
	seen     map[V]bool
	refused  map[V]bool
	neededBy map[V][]V
}

// visit finds out whether v may stay. A cycle is entered as if it may; refuse corrects that later.
func (d *downgrade[V, L]) visit(v V) {
	if d.seen[v] {
		return
	}
	d.seen[v] = true
	if max, ok := d.limit[d.reqs.Line(v)]; ok && d.reqs.Compare(v, max) > 0 {
		d.refuse(v)
		return
	}
	needs, err := d.reqs.Required(d.ctx, v)
	if err != nil {
		d.refuse(v)
		return
	}
	for _, need := range needs {
		d.visit(need)
		if d.refused[need] {
			d.refuse(v)
			return
		}
		d.neededBy[need] = append(d.neededBy[need], v)
	}
}

// refuse refuses v and all that requires it.
func (d *downgrade[V, L]) refuse(v V) {
	if d.refused[v] {
		return
	}
	d.refused[v] = true
	for _, by := range d.neededBy[v] {
		d.refuse(by)
	}
}
