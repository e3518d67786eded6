package resolve

import (
	"context"
	"fmt"
	"slices"

	"github.com/MediaConduit/conduit/report"
	"golang.org/x/mod/semver"
)

// mostTries bounds how many ways out of a conflict are tried before the one that always works is proposed.
const mostTries = 6

// explain turns a conflict into the error that users read. The way out that it proposes has been solved before: what is
// typed works.
func (s *solver) explain(ctx context.Context, root []Requirement, c *conflict) error {
	a := c.attempt
	refused := append(a.selectedChain(c.from), c.edge)
	forced := a.chain(c.selected)
	e := &ConflictError{Source: c.selected.src, Version: c.selected.version, Satisfying: a.satisfying(ctx, c)}
	for _, edge := range refused {
		e.Refused = append(e.Refused, a.link(edge))
	}
	for _, edge := range forced {
		e.Forced = append(e.Forced, a.link(edge))
	}
	why := fmt.Sprintf("%s\nbut\n%s\nso %s was selected, which %s does not allow", chainText(refused), chainText(forced), c.selected.version, wanted(c.edge.rng))
	switch {
	case e.Satisfying != "":
		why += fmt.Sprintf("; %s would satisfy both", e.Satisfying)
	default:
		why += "; no published version satisfies both"
	}
	if isPrerelease(c.selected.version) && !isPseudo(c.selected.version) {
		why += " (a prerelease is allowed only by a range that names one)"
	}
	e.Report = &report.Error{Kind: report.Failure, What: "conflict over " + c.selected.src.String(), Where: refused[0].need.where.String(), Why: why,
		Next: s.wayOut(ctx, root, c, refused, forced, e.Satisfying)}
	return e
}

// satisfying is the version closest to the selected one that every selected requirement on its line allows, the lower
// ones last.
func (a *attempt) satisfying(ctx context.Context, c *conflict) string {
	for _, v := range a.candidates(ctx, c, func(node) bool { return true }) {
		return v
	}
	return ""
}

// candidates are the versions of the contended line that the requirements of the counted nodes allow: from the selected
// version upward, then from it downward.
func (a *attempt) candidates(ctx context.Context, c *conflict, counts func(from node) bool) (out []string) {
	rels, err := a.Releases(ctx, c.selected.src)
	if err != nil {
		return nil
	}
	versions := slices.Clone(rels.Versions)
	if !slices.Contains(versions, c.selected.version) {
		versions = append(versions, c.selected.version)
		semver.Sort(versions)
	}
	for _, v := range versions {
		ok := Line(v) == c.selected.line.name
		for _, n := range a.reached() {
			for _, e := range a.edges(n) {
				ok = ok && (!counts(n) || e.to.line != c.selected.line || e.allows(v))
			}
		}
		if ok {
			out = append(out, v)
		}
	}
	i := slices.IndexFunc(out, func(v string) bool { return semver.Compare(v, c.selected.version) >= 0 })
	if i < 0 {
		i = len(out)
	}
	lower := slices.Clone(out[:i])
	slices.Reverse(lower)
	return append(out[i:], lower...)
}

// wayOut looks for the smallest change of conduit.toml that solves: another version of the contended module, then another
// one of a package on the two chains, then a replacement.
func (s *solver) wayOut(ctx context.Context, root []Requirement, c *conflict, refused, forced []*edge, satisfying string) string {
	quiet := report.To(ctx, func(report.Event) {})
	tries := 0
	works := func(changed []Requirement) bool {
		if tries++; tries > mostTries {
			return false
		}
		_, err := s.solve(quiet, changed)
		return err == nil
	}
	contended := []string{satisfying}
	contended = append(contended, c.attempt.candidates(ctx, c, func(from node) bool { return from != rootNode })...)
	src := c.edge.need.src
	if c.edge.replace == nil {
		for i, v := range contended {
			if v != "" && !slices.Contains(contended[:i], v) && tries < mostTries/2 && works(asking(root, src, c.edge.need.kind, v)) {
				return fmt.Sprintf("conduit get %s@%s", src, v)
			}
		}
	}
	for _, chain := range [][]*edge{refused, forced} {
		head := chain[0]
		if len(chain) < 2 || head.replace != nil || head.to.src.Kind == File {
			continue
		}
		rels, err := s.Releases(ctx, head.to.src)
		if err != nil {
			continue
		}
		top := c.attempt.top(head).version
		for _, v := range slices.Backward(rels.Versions) {
			if v != top && !isPrerelease(v) && works(asking(root, head.need.src, head.need.kind, v)) {
				return fmt.Sprintf("conduit get %s@%s", head.need.src, v)
			}
		}
	}
	pinned := *s
	pinned.replace = newReplacements(s.p.Replace)
	exact, err := ParseRange(c.selected.version)
	if err == nil {
		pinned.replace[src.Fold()] = Replace{Old: src, New: c.selected.src, Range: exact}
		if _, err := pinned.solve(quiet, root); err == nil {
			return replaceRemedy(src, c.selected.src, c.selected.version)
		}
	}
	return "remove one of the two: conduit remove " + nameOf(refused, forced)
}

// otherSDK is the error for a provider that needs another SDK, with the requirement of conduit.toml that leads to it.
type otherSDK struct {
	report *report.Error
	head   *edge
}

func (e *otherSDK) Error() string { return errSDK.Error() }
func (e *otherSDK) Unwrap() error { return errSDK }

// explainSDK looks for the highest version that does not need another SDK.
func (s *solver) explainSDK(ctx context.Context, root []Requirement, e *otherSDK) {
	e.report.Next = newerConduit + ", or: conduit remove " + nameOf([]*edge{e.head}, nil)
	if e.head.replace != nil || e.head.to.src.Kind == File {
		return
	}
	rels, err := s.Releases(ctx, e.head.to.src)
	if err != nil {
		return
	}
	quiet := report.To(ctx, func(report.Event) {})
	tries := 0
	for _, v := range slices.Backward(rels.Versions) {
		if v == e.head.to.version || isPrerelease(v) {
			continue
		}
		if tries++; tries > mostTries {
			return
		}
		if _, err := s.solve(quiet, asking(root, e.head.need.src, e.head.need.kind, v)); err == nil {
			e.report.Next = fmt.Sprintf("%s, or: conduit get %s@%s", newerConduit, e.head.need.src, v)
			return
		}
	}
}

// asking is root with what "conduit get SRC@V" makes of it.
func asking(root []Requirement, src Source, kind, version string) []Requirement {
	rng, err := ParseRange(rangeFor(version))
	if err != nil {
		return root
	}
	root = slices.Clone(root)
	found := false
	for i := range root {
		if root[i].Source == src {
			root[i].Range, root[i].Locked, found = rng, "", true
		}
	}
	if !found {
		root = append(root, Requirement{Kind: kind, Source: src, Range: rng, Where: At("conduit.toml", 0)})
	}
	return root
}
