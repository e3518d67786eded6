package project

import (
	"cmp"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// steady checks that a version which both locks hold is the same bytes in both: a tag that was moved and a tarball that was
// replaced are never taken in silently, whichever command finds them. The error has the kind Integrity.
func steady(previous, lock *lockfile.Lock) error {
	if previous == nil || previous.Torn != nil {
		return nil // a lock that a merge has torn proves nothing
	}
	type version struct{ name, version string }
	modules, libraries := map[version]*lockfile.Module{}, map[version]*resolve.Library{}
	for i := range previous.Modules {
		m := &previous.Modules[i]
		modules[version{m.Source, m.Version}] = m
	}
	for i := range previous.Libraries {
		l := &previous.Libraries[i]
		libraries[version{l.Name, l.Version}] = l
	}
	for i := range lock.Modules {
		now := &lock.Modules[i]
		before, ok := modules[version{now.Source, now.Version}]
		if now.Version == "" || !ok {
			continue
		}
		for _, d := range []struct{ what, old, new string }{
			{"commit", before.Commit, now.Commit}, {"integrity", before.Integrity, now.Integrity}, {"sum", before.Sum, now.Sum},
		} {
			if d.old != d.new {
				return replaced(subject(now), d.what, d.old, d.new, "conduit remove NAME, then conduit get "+subject(now))
			}
		}
	}
	for _, now := range lock.Libraries {
		if before, ok := libraries[version{now.Name, now.Version}]; ok && before.Integrity != now.Integrity {
			return replaced(now.Name+"@"+now.Version, "integrity", before.Integrity, now.Integrity,
				"conduit remove NAME and conduit get SOURCE of the providers that use it (conduit why "+now.Name+")")
		}
	}
	return nil
}

func replaced(name, what, old, new, accept string) error {
	e := verify.Mismatch(name, what, cmp.Or(old, "none"), cmp.Or(new, "none"))
	e.Next = "ask its publisher why a published version changed; restore " + lockfile.Name + " from version control if it was edited\nto trust the new bytes: " + accept
	return e
}
