package library

import (
	"errors"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// ErrNoSuchPackage is in the chain of errors about a package that the registry does not have.
var ErrNoSuchPackage = errors.New("no such package")

// ErrNoSuchVersion is in the chain of errors about a version, tag or range for which a package has nothing.
var ErrNoSuchVersion = errors.New("no such version")

func noSuchVersion(p *Packument, version string) error {
	return &report.Error{
		What: fmt.Sprintf("%s has no version %s", p.Name, version),
		Why:  published(p),
		Next: fmt.Sprintf("it may have been unpublished: choose another with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", p.Name),
		Err:  ErrNoSuchVersion,
	}
}

// published tells in a few words what there is instead.
func published(p *Packument) string {
	vs := p.Versions()
	switch {
	case len(vs) == 0:
		return "it has no published versions at all"
	case len(vs) <= 5:
		return "it has " + strings.Join(vs, ", ")
	}
	return fmt.Sprintf("it has %d versions from %s to %s", len(vs), vs[0], vs[len(vs)-1])
}

// SplitID takes "name@version" apart.
func SplitID(id string) (name, version string) {
	at := strings.LastIndex(id, "@")
	if at < 1 {
		return id, ""
	}
	return id[:at], id[at+1:]
}

// AllowWeak is the remedy for a version ("name@version") that the registry vouches for with SHA-1 alone.
func AllowWeak(id string) string {
	name, _ := SplitID(id)
	return fmt.Sprintf("choose another version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml,\nor allow this one there:\n[policy]\nsha1 = [%q]", name, id)
}
