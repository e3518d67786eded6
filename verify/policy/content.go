package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/docker/go-units"
)

// NoLicence stands, in the list of licences that are allowed, for packages that state none.
const NoLicence = "NONE"

// Content is what one file says of what may be in packages, whatever they are called.
type Content struct {
	Licences    []string // allowed: single licences as [Licence.String] writes them, or NoLicence; nil for all
	Exceptions  []Rule   // sources whose licence does not count
	MaxSize     int64    // of a package as it is downloaded, in bytes; 0 for no limit
	MaxUnpacked int64    // of its files, in bytes; 0 for no limit
	Line        map[string]int
}

// Keys of [policy] that [Content] holds.
const (
	keyLicences    = "licenses"
	keyExceptions  = "license-exceptions"
	keyMaxSize     = "max-size"
	keyMaxUnpacked = "max-unpacked"
)

// Package is what a package is and has, for the rules over content.
type Package struct {
	Source   string // canonical, as in [Set.Check]
	Also     []string
	Licence  string // as it states it; "" for none
	Size     int64  // of its download in bytes; 0 where that is not known
	Unpacked int64  // of its files in bytes
}

// JudgesContent reports whether a file has rules over content.
func (s Set) JudgesContent() bool {
	for _, rules := range s {
		if c := rules.Content; c.Licences != nil || c.MaxSize > 0 || c.MaxUnpacked > 0 {
			return true
		}
	}
	return false
}

// CheckContent is nil where the rules of all files allow what the package has in it.
func (s Set) CheckContent(p Package) *Refusal {
	for i := range s {
		if r := s[i].refuseContent(p); r != nil {
			return r
		}
	}
	return nil
}

// Unjudged is the refusal of a package that cannot be looked at, so that no rule over content can allow it.
func (s Set) Unjudged(source string) *Refusal {
	for _, rules := range s {
		for _, key := range []string{keyLicences, keyMaxSize, keyMaxUnpacked} {
			if line, ok := rules.Content.Line[key]; ok {
				return &Refusal{Source: source, List: key, File: rules.File, Line: line, Reason: "it is not in the cache, and " + key + " cannot be compared with it",
					Next: "type the command once without --offline, CONDUIT_OFFLINE unset"}
			}
		}
	}
	return nil
}

func (r *Rules) refuseContent(p Package) *Refusal {
	c := &r.Content
	for _, limit := range []struct {
		key       string
		has, most int64
		what      string
	}{{keyMaxSize, p.Size, c.MaxSize, "to download"}, {keyMaxUnpacked, p.Unpacked, c.MaxUnpacked, "unpacked"}} {
		if limit.most > 0 && limit.has > limit.most {
			return r.content(p, limit.key, fmt.Sprintf("it has %s %s, and %s allows %s", units.BytesSize(float64(limit.has)), limit.what, limit.key, units.BytesSize(float64(limit.most))),
				"raise "+limit.key+" under [policy] in "+r.File)
		}
	}
	if c.Licences == nil || r.excepted(p) {
		return nil
	}
	trust := "if you know its licence, add " + quote(p.Source) + " to " + keyExceptions + " under [policy] in " + r.File
	allowed := map[string]bool{}
	for _, licence := range c.Licences {
		allowed[licence] = true
	}
	if p.Licence == "" {
		if allowed[NoLicence] {
			return nil
		}
		return r.content(p, keyLicences, "it states no licence, and "+keyLicences+" does not name "+NoLicence, trust)
	}
	licence, err := ParseLicence(p.Licence)
	if err != nil {
		return r.content(p, keyLicences, "it states "+quote(p.Licence)+", which is no SPDX expression: "+err.Error(), trust)
	}
	// An exception gives more rights than the licence has without it.
	if licence.satisfied(func(l Licence) bool { return allowed[l.String()] || allowed[l.id] }) {
		return nil
	}
	return r.content(p, keyLicences, "it stands under "+licence.String()+", which "+keyLicences+" does not allow", "if that licence is all right, add it to "+keyLicences+" under [policy] in "+r.File+";\n"+trust)
}

func (r *Rules) excepted(p Package) bool {
	for _, source := range append([]string{p.Source}, p.Also...) {
		for _, rule := range r.Content.Exceptions {
			if rule.Pattern.Matches(source) {
				return true
			}
		}
	}
	return false
}

func (r *Rules) content(p Package, key, reason, remedy string) *Refusal {
	next := instead(p.Source) + ";\n" + remedy
	if !r.Project {
		next = instead(p.Source) + ",\nor ask whoever keeps " + r.File
	}
	return &Refusal{Source: p.Source, List: key, File: r.File, Line: r.Content.Line[key], Reason: reason, Next: next}
}

// ParseAllowedLicence reads an entry of the list of licences that are allowed. Its errors say in one clause what is wrong with it.
func ParseAllowedLicence(text string) (string, error) {
	if text == NoLicence {
		return text, nil
	}
	l, err := ParseLicence(text)
	if err == nil && len(l.parts) > 0 {
		err = errors.New("it joins several licences; list each")
	}
	return strings.TrimSpace(l.String()), err
}
