package library

// The functions here turn npm's shorthands into bounds. Upper bounds get the lowest prerelease ("-0"), so that no
// prerelease of the excluded version slips in. ok is false where a number is larger than npm takes.

var lowest = []ident{{numeric: true, text: "0"}}

func at(p partial) *version { return &version{p.num[0], p.num[1], p.num[2], p.pre} }

func atLeast(v *version) comparator {
	if v.major == 0 && v.minor == 0 && v.patch == 0 && len(v.pre) == 0 {
		return anyVersion // npm drops this bound, and with it nothing but its text
	}
	return comparator{">=", v}
}

func between(low, high version) ([]comparator, bool) {
	high.pre = lowest
	if max(high.major, high.minor, high.patch) > maxInteger {
		return nil, false
	}
	return []comparator{atLeast(&low), {"<", &high}}, true
}

// caret: what keeps the leftmost number that is not zero.
func caret(p partial) ([]comparator, bool) {
	M, m, n := p.num[0], p.num[1], p.num[2]
	switch {
	case p.x[0]:
		return []comparator{anyVersion}, true
	case p.big:
		return nil, false
	case p.x[1]:
		return between(version{major: M}, version{major: M + 1})
	case p.x[2] && M == 0:
		return between(version{minor: m}, version{minor: m + 1})
	case p.x[2]:
		return between(version{major: M, minor: m}, version{major: M + 1})
	case M > 0:
		return between(*at(p), version{major: M + 1})
	case m > 0:
		return between(*at(p), version{minor: m + 1})
	}
	return between(*at(p), version{patch: n + 1})
}

// tilde: what keeps the minor number, or the major one where no minor is written.
func tilde(p partial) ([]comparator, bool) {
	M, m := p.num[0], p.num[1]
	switch {
	case p.x[0]:
		return []comparator{anyVersion}, true
	case p.big:
		return nil, false
	case p.x[1]:
		return between(version{major: M}, version{major: M + 1})
	case p.x[2]:
		return between(version{major: M, minor: m}, version{major: M, minor: m + 1})
	}
	return between(*at(p), version{major: M, minor: m + 1})
}

// xrange: a plain comparator, in which numbers may be wildcards or missing.
func xrange(op string, p partial) ([]comparator, bool) {
	M, m := p.num[0], p.num[1]
	if p.x[0] {
		if op == ">" || op == "<" {
			return []comparator{none()}, true
		}
		return []comparator{anyVersion}, true
	}
	if p.big {
		return nil, false
	}
	if !p.anyX() {
		switch op {
		case ">=":
			return []comparator{atLeast(at(p))}, true
		case "=":
			op = ""
		}
		return []comparator{{op, at(p)}}, true
	}
	low, high := version{major: M}, version{major: M + 1}
	if !p.x[1] {
		low, high = version{major: M, minor: m}, version{major: M, minor: m + 1}
	}
	switch op {
	case ">":
		return []comparator{{">=", &high}}, true
	case ">=":
		return []comparator{atLeast(&low)}, true
	case "<":
		low.pre = lowest
		return []comparator{{"<", &low}}, true
	case "<=":
		high.pre = lowest
		return []comparator{{"<", &high}}, true
	}
	return between(low, high)
}

// hyphen: "1.2 - 2.3" is everything from 1.2.0 to below 2.4.0.
func hyphen(from, to partial) ([]comparator, bool) {
	if from.big && !from.x[0] || to.big && !to.x[0] {
		return nil, false
	}
	var set []comparator
	if !from.x[0] {
		low := version{major: from.num[0], minor: from.num[1], patch: from.num[2]}
		if from.x[1] {
			low.minor, low.patch = 0, 0
		} else if from.x[2] {
			low.patch = 0
		} else {
			low.pre = from.pre
		}
		set = append(set, atLeast(&low))
	}
	switch {
	case to.x[0]:
	case to.x[1]:
		set = append(set, comparator{"<", &version{major: to.num[0] + 1, pre: lowest}})
	case to.x[2]:
		set = append(set, comparator{"<", &version{major: to.num[0], minor: to.num[1] + 1, pre: lowest}})
	default:
		set = append(set, comparator{"<=", at(to)})
	}
	if len(set) == 0 {
		set = []comparator{anyVersion}
	}
	return tidy(set), true
}
