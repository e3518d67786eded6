package lockfile

import "github.com/MediaConduit/conduit/resolve"

// Root returns the requirement of conduit.toml with this kind and name.
func (l *Lock) RootOf(kind, name string) (*Root, bool) { return nil, false }

// Provider returns the module that the provider NAME of conduit.toml is locked to.
func (l *Lock) Provider(name string) (*Module, bool) { return nil, false }

// Service returns the module that the service NAME of conduit.toml's [services] is locked to.
func (l *Lock) Service(name string) (*Module, bool) { return nil, false }

// Module returns the module with this source, its own or the one that it replaces, and version.
func (l *Lock) Module(source, version string) (*Module, bool) { return nil, false }

// Library returns the npm library with this name and version.
func (l *Lock) Library(name, version string) (*resolve.Library, bool) { return nil, false }

// Services returns the services that m requires, in the order of its requirements.
func (l *Lock) Services(m *Module) []*Module { return nil }
