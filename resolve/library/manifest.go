package library

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

var packageName = lazyregexp.New(`^(@[A-Za-z0-9~_][A-Za-z0-9~._-]*/)?[A-Za-z0-9~_][A-Za-z0-9~._-]*$`)

// ParseManifest reads the package.json of a library that does not come from the registry: kind is "git" or "https", source
// what conduit.lock writes, digits identify the content (at least 12 hex digits). name is what it is called where it states
// no name itself; a version that it does not state is 0.0.0.
func ParseManifest(name string, data []byte, kind, source, digits string) (*Manifest, error) {
	bad := func(why string) error {
		return &report.Error{What: "the package.json of " + name + " cannot be read", Where: source, Why: why, Next: "choose another version of it, or tell its author"}
	}
	version, named := "0.0.0", name
	if data = bytes.TrimPrefix(data, []byte("\ufeff")); !json.Valid(data) {
		return nil, bad("it is not valid JSON")
	}
	err := eachMember(data, func(key string, value []byte) error {
		switch key {
		case "name":
			if s := stringOf(value); s != "" {
				named = s
			}
		case "version":
			if s := stringOf(value); Valid(s) {
				version = Clean(s)
			}
		}
		return nil
	})
	if err != nil {
		return nil, bad(err.Error())
	}
	if !packageName.MatchString(named) {
		return nil, bad(fmt.Sprintf("%q is no name of a package", named))
	}
	var reduced []byte
	if err := reduceVersion(&reduced, data); err != nil {
		return nil, bad(err.Error())
	}
	m, err := decodeManifest(named, mark(version, kind, digits), reduced)
	if err != nil {
		return nil, bad(err.Error())
	}
	m.Source = source
	return m, nil
}
