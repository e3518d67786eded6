package lockfile

import (
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// imageDigest is the form of what an image is known by.
var imageDigest = lazyregexp.New(`^(sha256:[0-9a-f]{64}|build:h1:[A-Za-z0-9+/]{43}=)$`)

// check refuses a lock whose parts do not fit together: after a merge by hand it may name what it does not hold, and
// nothing may be chosen in its stead.
func (l *Lock) check() error {
	seen := map[string]bool{}
	once := func(kind, key string) error {
		if seen[kind+" "+key] {
			return inconsistent("%s %s stands twice", kind, key)
		}
		seen[kind+" "+key] = true
		return nil
	}
	known := map[[2]string]bool{}
	for _, m := range l.Modules {
		known[[2]string{m.Source, m.Version}] = true
		if m.Replaces != "" {
			known[[2]string{m.Replaces, m.Version}] = true
		}
	}
	// As l.Module, which looks at every module each time.
	locked := func(source, version string) bool {
		return known[[2]string{source, version}] || l.replacement(source, version) != nil
	}
	for _, r := range l.Root {
		if err := once(r.Kind, r.Name); err != nil {
			return err
		}
		if r.Kind != KindProvider && r.Kind != KindService {
			return inconsistent("%q is of unknown kind %q", r.Name, r.Kind)
		}
		if !locked(r.Source, r.Version) {
			return inconsistent("%s is required by conduit.toml, but not locked", versioned(r.Source, r.Version))
		}
	}
	for _, m := range l.Modules {
		id := versioned(m.Source, m.Version)
		if err := once("module", id); err != nil {
			return err
		}
		if m.Kind != KindProvider && m.Kind != KindService {
			return inconsistent("%s is of unknown kind %q", id, m.Kind)
		}
		if _, err := permission.ParseLines(m.Permissions); err != nil || len(m.Permissions) > 0 && m.Kind != KindProvider {
			return inconsistent("%s has the permissions %q, which are none", id, m.Permissions)
		}
		for _, i := range m.Images {
			if err := once("image", id+" "+i.Service+" "+i.Ref); err != nil {
				return err
			}
			if i.Digest != "" && !imageDigest.MatchString(i.Digest) || i.Ref == "" && !strings.HasPrefix(i.Digest, "build:") {
				return inconsistent("the image %s of %s has the digest %q, which is none", i.Ref, id, i.Digest)
			}
		}
		for _, r := range m.Requires {
			if !locked(r.Source, r.Version) {
				return inconsistent("%s requires %s, which is not locked", id, versioned(r.Source, r.Version))
			}
		}
	}
	for _, lib := range l.Libraries {
		if err := once("library", lib.Name+"@"+lib.Version); err != nil {
			return err
		}
	}
	for _, t := range l.Toolchain {
		if err := once("tool", t.Name+" "+t.Platform); err != nil {
			return err
		}
	}
	for i := range l.Modules {
		if err := l.checkTree(&l.Modules[i], seen); err != nil {
			return err
		}
	}
	for _, n := range l.Natives {
		id := n.Name + "@" + n.Version
		if err := once("native", id+" "+n.Platform); err != nil {
			return err
		}
		if !seen["library "+id] {
			return inconsistent("a native build of the library %s is locked, which is not", id)
		}
	}
	return nil
}

// checkTree checks that a module's library tree is closed, and that its libraries are among those that seen holds.
func (l *Lock) checkTree(m *Module, seen map[string]bool) error {
	id := versioned(m.Source, m.Version)
	nodes := map[string]bool{}
	for _, n := range m.Libraries {
		if nodes[n.ID] {
			return inconsistent("%s has the library %s twice in its tree", id, n.ID)
		}
		nodes[n.ID] = true
		// Build metadata looks like the counter of a repeated node, so the whole ID is tried first.
		if n.ID != "." && !seen["library "+n.ID] && !seen["library "+resolve.LibraryID(n.ID)] {
			return inconsistent("%s needs the library %s, which is not locked", id, n.ID)
		}
	}
	for _, n := range m.Libraries {
		for _, e := range n.Edges {
			if !nodes[e.ID] {
				return inconsistent("%s needs the library %s, which is not in its tree", id, e.ID)
			}
		}
	}
	return nil
}

func inconsistent(format string, args ...any) error {
	return &report.Error{Kind: report.Lock, Where: Name, What: "the lock does not fit together", Why: fmt.Sprintf(format, args...),
		Next: "restore the file from version control, or delete it and run: " + remedy}
}

func versioned(source, version string) string {
	if version == "" {
		return source
	}
	return source + "@" + version
}
