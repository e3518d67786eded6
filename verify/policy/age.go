package policy

import (
	"fmt"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// DefaultAge is how long ago a version must have been published to be chosen where no file says otherwise. Most packages that
// were taken over are noticed within a day.
const DefaultAge = 24 * time.Hour

// Age is the rule for how long ago a version must have been published to be chosen.
type Age struct {
	Least   time.Duration // 0 for any age
	File    string        // that the rule stands in; "" for [DefaultAge]
	Line    int           // in File; 0 where it is not known
	Project bool          // the file is the project's own
}

// Strict is false of the default, which gives way where there is nothing older.
func (a Age) Strict() bool { return a.File != "" }

// Where is the place of the rule, FILE:LINE; "" for the default.
func (a Age) Where() string {
	if a.Line == 0 {
		return a.File
	}
	return fmt.Sprintf("%s:%d", a.File, a.Line)
}

// Age is the longest age that the files ask of a source, each of them leaving out the sources that its own exceptions match;
// the default where none asks for an age.
func (s Set) Age(source string) Age {
	out := Age{Least: DefaultAge}
	asked, spared := false, false
	for i := range s {
		rules := &s[i]
		excepted := false
		for _, rule := range rules.AgeExcept {
			excepted = excepted || rule.Pattern.Matches(source)
		}
		spared = spared || excepted
		if rules.Age == nil {
			continue
		}
		own := Age{Least: *rules.Age, File: rules.File, Line: rules.AgeLine, Project: rules.Project}
		if excepted {
			own.Least = 0
		}
		if !asked || own.Least > out.Least {
			asked, out = true, own
		}
	}
	if !asked && spared {
		return Age{}
	}
	return out
}

// TooYoung is the refusal, of kind Policy, of a version that is the best there is of source and is not old enough. subject is
// the version in full, take what to type to have it all the same.
func (a Age) TooYoung(subject, source, take string, published time.Time, now time.Time) error {
	next := take + "    takes it all the same"
	if a.Project {
		next += ";\nor add " + quote(source) + " to minimum-release-age-except under [policy] in " + a.File
	} else {
		next += ";\nor ask whoever keeps " + a.File + " to except " + quote(source)
	}
	return &report.Error{Kind: report.Policy, What: "the policy finds " + subject + " too young, and there is nothing older to choose", Where: a.Where(),
		Why:  "minimum-release-age is " + FormatAge(a.Least) + "; it was published " + Since(published, now),
		Next: next}
}

// Since says how long before now a moment was.
func Since(moment, now time.Time) string {
	if moment.After(now) {
		return "after now, by its own word (" + moment.UTC().Format(time.RFC3339) + ")"
	}
	return FormatAge(now.Sub(moment)) + " ago"
}

var ageInDays = lazyregexp.New(`^([0-9]+)(d|w)$`)

// ParseAge reads an age: a duration of Go ("36h"), or days or weeks ("3d", "2w"). Its errors say in one clause what is wrong.
func ParseAge(text string) (time.Duration, error) {
	if m := ageInDays.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		day := 24 * time.Hour
		if m[2] == "w" {
			day *= 7
		}
		if err != nil || n > int(longestAge/day) {
			return 0, fmt.Errorf("it is longer than ten years")
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("it is no age")
	case d < 0:
		return 0, fmt.Errorf("it is negative")
	case d > longestAge:
		return 0, fmt.Errorf("it is longer than ten years")
	}
	return d, nil
}

const longestAge = 3650 * 24 * time.Hour

// FormatAge is an age in the two largest units that it has.
func FormatAge(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}
	for i, u := range units {
		if d < u.size {
			continue
		}
		text := counted(int64(d/u.size), u.name)
		if i+1 < len(units) {
			if rest := int64(d % u.size / units[i+1].size); rest > 0 {
				text += " " + counted(rest, units[i+1].name)
			}
		}
		return text
	}
	return counted(0, "second")
}

func counted(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprint(n, " ", unit, "s")
}
