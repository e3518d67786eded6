package lockfile

import "github.com/MediaConduit/conduit/resolve"

// RootOf returns the requirement of conduit.toml with this kind and name.
func (l *Lock) RootOf(kind, name string) (*Root, bool) {
	for i := range l.Root {
		if r := &l.Root[i]; r.Kind == kind && r.Name == name {
			return r, true
		}
	}
	return nil, false
}

// Provider returns the module that the provider NAME of conduit.toml is locked to.
func (l *Lock) Provider(name string) (*Module, bool) { return l.rootModule(KindProvider, name) }

// Service returns the module that the service NAME of conduit.toml's [services] is locked to.
func (l *Lock) Service(name string) (*Module, bool) { return l.rootModule(KindService, name) }

func (l *Lock) rootModule(kind, name string) (*Module, bool) {
	if r, ok := l.RootOf(kind, name); ok {
		return l.Module(r.Source, r.Version)
	}
	return nil, false
}

// Module returns the module of this version whose source is this one, or that replaces this one. The replacement goes
// first, because requirements name sources as they are before it.
func (l *Lock) Module(source, version string) (*Module, bool) {
	var own *Module
	for i := range l.Modules {
		m := &l.Modules[i]
		switch {
		case m.Version != version:
		case m.Replaces == source:
			return m, true
		case m.Source == source:
			own = m
		}
	}
	if own == nil && source != "" {
		own = l.replacement(source, version)
	}
	return own, own != nil
}

// replacement looks the source up in the replacements: a module that stands in for several sources names only one.
func (l *Lock) replacement(source, version string) *Module {
	for _, r := range l.Replace {
		if old, _, err := resolve.ParseSource(r.Old); err != nil || old.String() != source {
			continue
		}
		to, _, err := resolve.ParseSource(r.New)
		if err != nil {
			continue // a library's version
		}
		for i := range l.Modules {
			if m := &l.Modules[i]; m.Source == to.String() && m.Version == version {
				return m
			}
		}
	}
	return nil
}

// Library returns the npm library with this name and version.
func (l *Lock) Library(name, version string) (*resolve.Library, bool) {
	for i := range l.Libraries {
		if lib := &l.Libraries[i]; lib.Name == name && lib.Version == version {
			return lib, true
		}
	}
	return nil, false
}

// Services returns the services that m requires, in the order of its requirements.
func (l *Lock) Services(m *Module) []*Module {
	var out []*Module
	for _, r := range m.Requires {
		if s, ok := l.Module(r.Source, r.Version); ok && s.Kind == KindService {
			out = append(out, s)
		}
	}
	return out
}

// Tools returns what is locked of a tool, one entry a platform; none where the lock does not provide it.
func (l *Lock) Tools(name string) []Tool {
	var out []Tool
	for _, t := range l.Toolchain {
		if t.Name == name {
			out = append(out, t)
		}
	}
	return out
}
