package resolve

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

// Dated is an [Origin] that knows when a version was published without fetching it. A time that is not known is zero.
type Dated interface {
	Published(ctx context.Context, src Source, version string) (time.Time, error)
}

// Settled is origin for those who choose among releases: [Lookup], [Highest] and [Solve] pass over what was published less
// than age(source) ago, in favour of the best that is old enough. Where there is nothing older, a rule that somebody wrote is an
// error of kind Policy; the default gives way with a warning. A version that is asked for by itself is never too young: by
// a query or range that writes it in full, by a branch, another tag or a commit, or because the project has it already.
// What a source does not date counts as old.
//
// When a version of a git source was published is the time of its commit, which is whatever its author says that it is.
func Settled(origin Origin, age func(src Source) policy.Age) Origin {
	return &settled{Origin: origin, age: age}
}

type settled struct {
	Origin
	age  func(src Source) policy.Age
	told sync.Map // subjects of warnings that were given
}

var _ Memory = (*settled)(nil)

// settledOf is the Settled origin below o, nil if there is none.
func settledOf(o Origin) *settled {
	switch o := o.(type) {
	case *settled:
		return o
	case *excluding:
		return settledOf(o.Origin)
	case *solver:
		return settledOf(o.origin)
	}
	return nil
}

// young is a release that was published too short a time ago.
type young struct {
	version   string
	published time.Time
	now       time.Time
	rule      policy.Age
}

// look tells whether a version is too young; nil if it is not. known is its publication time, if the caller knows.
func (s *settled) look(ctx context.Context, src Source, version string, known time.Time) (*young, error) {
	if s == nil || src.Kind == File {
		return nil, nil
	}
	y := &young{version: version, rule: s.age(src), now: time.Now(), published: known}
	if y.rule.Least <= 0 {
		return nil, nil
	}
	if y.published.IsZero() {
		var err error
		if y.published, err = s.Published(ctx, src, version); err != nil {
			return nil, err
		}
	}
	if y.published.IsZero() || y.now.Sub(y.published) >= y.rule.Least {
		return nil, nil
	}
	return y, nil
}

// Published implements [Dated]: from what is remembered, by asking, or by fetching the version, which whoever chooses it
// needs anyway.
func (s *settled) Published(ctx context.Context, src Source, version string) (time.Time, error) {
	if isPseudo(version) {
		return module.PseudoVersionTime(version)
	}
	if r, ok := s.Recall(ctx, src, version); ok && !r.Revision.Time.IsZero() {
		return r.Revision.Time, nil
	}
	if dated, ok := s.Origin.(Dated); ok {
		return dated.Published(ctx, src, version)
	}
	tree, err := s.Fetch(ctx, src, Revision{Version: version})
	return tree.Time, err
}

// passed warns that releases are passed over for another one.
func (s *settled) passed(ctx context.Context, src Source, over []*young, instead string) {
	if len(over) == 0 {
		return
	}
	y := over[0]
	if _, again := s.told.LoadOrStore(moduleID(src, y.version)+" "+instead, true); again {
		return
	}
	report.Warn(ctx, moduleID(src, y.version), y.rule.Where(), "is passed over for "+instead+": it was published "+policy.Since(y.published, y.now)+
		", and minimum-release-age is "+y.text()+"; conduit get "+moduleID(src, y.version)+" takes it now")
}

// text is the rule's age as messages say it.
func (y *young) text() string {
	if !y.rule.Strict() {
		return policy.FormatAge(y.rule.Least) + " where no [policy] says otherwise"
	}
	return policy.FormatAge(y.rule.Least)
}

// only is what comes of a version that is too young where there is nothing older: an error, or nil with a warning.
func (s *settled) only(ctx context.Context, src Source, y *young) error {
	subject := moduleID(src, y.version)
	if y.rule.Strict() {
		take := "conduit get " + subject
		if isPseudo(y.version) {
			rev, err := module.PseudoVersionRev(y.version)
			if err == nil {
				take = "conduit get " + src.String() + "@" + rev
			}
		}
		return y.rule.TooYoung(subject, src.String(), take, y.published, y.now)
	}
	if _, again := s.told.LoadOrStore(subject, true); !again {
		report.Warn(ctx, subject, "", "was published "+policy.Since(y.published, y.now)+", and there is nothing older to choose; "+
			"minimum-release-age under [policy] would refuse it")
	}
	return nil
}

// Signed implements [Signatures], where the origin does.
func (s *settled) Signed(ctx context.Context, src Source, rev Revision, anew bool) (Signed, error) {
	signatures, ok := s.Origin.(Signatures)
	if !ok {
		return Signed{}, &report.Error{Kind: report.Policy, What: "nobody can tell who signed " + moduleID(src, rev.Version), Next: "take " + src.String() + " from [[policy.signed]]"}
	}
	return signatures.Signed(ctx, src, rev, anew)
}

// Recall implements [Memory].
func (s *settled) Recall(ctx context.Context, src Source, version string) (Remembered, bool) {
	if memory, ok := s.Origin.(Memory); ok {
		return memory.Recall(ctx, src, version)
	}
	return Remembered{}, false
}

// Remember implements [Memory].
func (s *settled) Remember(list []Remembered) {
	if memory, ok := s.Origin.(Memory); ok {
		memory.Remember(list)
	}
}

// Note implements [Memory].
func (s *settled) Note(list []Note) {
	if memory, ok := s.Origin.(Memory); ok {
		memory.Note(list)
	}
}

// Highest is the highest release of src that is accepted and, where origin is [Settled], old enough; a deprecated one only
// where there is no other. current is what the project uses, "" for nothing: it is never too young, and if accept takes
// it, it stands where everything above it is. The result is "" where nothing is accepted.
func Highest(ctx context.Context, origin Origin, src Source, current string, accept func(version string) bool) (string, error) {
	rels, err := origin.Releases(ctx, src)
	if err != nil {
		return "", err
	}
	return highest(ctx, origin, src, rels, current, accept)
}

func highest(ctx context.Context, origin Origin, src Source, rels Releases, current string, accept func(string) bool) (string, error) {
	s := settledOf(origin)
	var over []*young
	for {
		v := rels.highest(func(v string) bool { return accept(v) && !among(over, v) })
		switch {
		case v == "" && len(over) > 0 && current != "" && accept(current):
			s.passed(ctx, src, over, current)
			return current, nil
		case v == "" && len(over) > 0:
			return over[0].version, s.only(ctx, src, over[0])
		case v == "" || v == current:
			s.passed(ctx, src, over, v)
			return v, nil
		}
		y, err := s.look(ctx, src, v, time.Time{})
		if err != nil {
			return "", err
		}
		if y == nil {
			s.passed(ctx, src, over, v)
			return v, nil
		}
		over = append(over, y)
	}
}

func among(list []*young, version string) bool {
	return slices.ContainsFunc(list, func(y *young) bool { return y.version == version })
}

// names reports whether the range writes the version in full.
func (r Range) names(version string) bool {
	bare := strings.TrimPrefix(version, "v")
	for _, word := range strings.FieldsFunc(r.String(), func(c rune) bool { return strings.ContainsRune(" \t,|^~<>=!", c) }) {
		if strings.TrimPrefix(word, "v") == bare {
			return true
		}
	}
	return false
}
