package manifest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// SDKPackage is the npm name of the SDK that providers import. conduit brings its own, so it is never a library.
const SDKPackage = "@mediaconduit/mediaconduit"

var providerKeys = []string{
	"id", "name", "description", "version", "author", "homepage", "repository", "license", "type", "capabilities",
	"serviceUrl", "serviceConfig", "dockerService", "models", "configSchema", "configuration", "main", "exportName",
	"dependencies", "requires", "requirements", "permissions", "features", "metadata", "tags", "keywords", "documentation",
}

// minimalProvider is the remedy for a missing file: copied into one, it makes the package a provider.
const minimalProvider = `id: my-provider
name: My Provider
type: remote            # or local, with serviceUrl: github:OWNER/SERVICE
capabilities:
  - text-to-text`

// ReadProvider reads what the provider package in the folder dir says about itself. Subject names the package in messages,
// for example "github:a/b@v1.0.0". What an author should mend is reported as a warning ([report.Warn]); errors are
// [*report.Error] of kind [report.Provider], for a missing file with [fs.ErrNotExist] in the chain.
func ReadProvider(ctx context.Context, dir, subject string) (*Provider, error) {
	r, err := open(ctx, dir, subject, "provider", report.Provider)
	if err != nil {
		return nil, err
	}
	defer r.root.Close()

	var pkg *node
	if r.files[packageFile] {
		if pkg, err = r.parse(packageFile); err != nil {
			return nil, err
		}
	}
	file := r.first(append(names("provider"), legacyFile))
	var n *node
	switch {
	case file != "":
		if n, err = r.parse(file); err != nil {
			return nil, err
		}
		if inner := n.get("provider"); inner != nil && inner.kind == dict && file == legacyFile {
			n = inner
		}
	case pkg.get("mediaconduit") != nil:
		// {provider: {…}}, or {minimumVersion, compatibility}: then package.json itself has to describe the provider.
		file, n = packageFile, pkg.get("mediaconduit").get("provider")
		if n == nil {
			n = &node{kind: dict}
		}
	default:
		return nil, r.missing("service", minimalProvider)
	}

	p := &Provider{File: file}
	r.typos(file, n, providerKeys)
	if err := r.describe(p, file, n, pkg); err != nil {
		return nil, err
	}
	if err := r.packageJSON(p, file, n, pkg); err != nil {
		return nil, err
	}
	return p, nil
}

// missing is the error for a package without the manifest that the reader is for. Other is the kind of package that it
// may be instead.
func (r *reader) missing(other, minimal string) error {
	e := &report.Error{Kind: r.kind, Where: r.subject, Err: fs.ErrNotExist,
		What: "the package has no " + names(r.what)[0],
		Why:  fmt.Sprintf("its folder holds none of %s, %s, and no \"mediaconduit\" key in %s", strings.Join(names(r.what), ", "), legacyFile, packageFile),
		Next: "if this is the right package, its author has to add the file " + names(r.what)[0] + ", at least:\n" + minimal}
	if !r.files[packageFile] {
		e.Why = fmt.Sprintf("its folder holds none of %s, %s, %s", strings.Join(names(r.what), ", "), legacyFile, packageFile)
	}
	for _, name := range names(other) {
		if r.files[name] {
			e.Why = "its folder holds " + name + ": it is a " + other + ", not a " + r.what
			e.Next = "name it under [" + other + "s] in conduit.toml"
		}
	}
	return e
}

// describe fills p from the manifest n, read from file.
func (r *reader) describe(p *Provider, file string, n, pkg *node) error {
	p.ID = n.get("id").string()
	p.Name = n.get("name").string()
	p.Description = n.get("description").string()
	p.Version = n.get("version").string()
	p.ExportName = n.get("exportName").string()
	p.Capabilities = r.capabilities(file, n.get("capabilities"))
	p.Config = n.get("configSchema").anyMap()
	var err error
	if p.Main, err = r.inside(file, "main", n.get("main")); err != nil {
		return err
	}
	r.models(p, file, n.get("models"))
	if err := r.permissions(p, file, n, pkg); err != nil {
		return err
	}

	if p.Service, err = r.serviceConfig(file, n.get("serviceConfig")); err != nil {
		return err
	}
	for _, u := range n.get("serviceUrl", "service").strings() {
		r.serviceURL(p, file, u)
	}
	r.dockerService(p, file, n.get("dockerService"))
	services, providers, err := r.requires(file, n.get("requires"), "services")
	if err != nil {
		return err
	}
	p.Services, p.Providers = addNeeds(p.Services, services), providers
	if len(p.Services) == 0 && file != packageFile {
		// Migrated packages may keep the service in package.json alone.
		r.dockerService(p, packageFile, pkg.get("mediaconduit").get("provider").get("dockerService"))
	}

	if p.ID == "" {
		p.ID = strings.TrimPrefix(pkg.get("name").string(), "@")
		if _, name, scoped := strings.Cut(p.ID, "/"); scoped {
			p.ID = name
		}
	}
	if p.ID == "" {
		p.ID = Capability(p.Name) // the same kebab-case
	}
	if p.ID == "" {
		return r.fail(file, 0, "the provider has no id", "add a line such as\n  id: my-provider\nto "+file)
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	if p.Description == "" {
		p.Description = pkg.get("description").string()
	}
	if p.Version == "" {
		p.Version = pkg.get("version").string()
	}
	return r.providerType(p, file, n.get("type"))
}

// providerType normalises type. Without one a provider that asks for a service is local.
func (r *reader) providerType(p *Provider, file string, n *node) error {
	guess := "remote"
	if len(p.Services) > 0 {
		guess = "local"
	}
	written := n.string()
	switch lower := strings.ToLower(written); {
	case n == nil || written == "" && n.kind == scalar:
		p.Type = guess
	case lower == "local" || lower == "remote":
		p.Type = lower
		if written != lower {
			r.warn(file, n.line, fmt.Sprintf("type %q is read as %q; write it in lower case", written, lower))
		}
	case isCapability(written):
		p.Type = guess
		r.warn(file, n.line, fmt.Sprintf("type %q is a capability; the provider is taken as %q; write \"type: %s\"", written, guess, guess))
	default:
		return r.fail(file, n.line, fmt.Sprintf("unknown type %q", written),
			"write \"type: local\" for a provider that runs on a service of its own, \"type: remote\" for one that calls an API on the internet")
	}
	return nil
}

func (r *reader) serviceConfig(file string, n *node) (ServiceConfig, error) {
	compose, err := r.inside(file, "serviceConfig.dockerCompose", n.get("dockerCompose", "composeFile"))
	return ServiceConfig{
		ComposeFile:    compose,
		ServiceName:    n.get("serviceName").string(),
		HealthEndpoint: n.get("healthEndpoint").string(),
		BaseURL:        n.get("defaultBaseUrl", "baseUrl").string(),
		Environment:    n.get("environment").pairs("="),
	}, err
}

// serviceURL takes a serviceUrl: a source, or the address of a service that runs already.
func (r *reader) serviceURL(p *Provider, file string, n *node) {
	if u := n.string(); strings.HasPrefix(u, "http://") {
		if p.Service.BaseURL == "" {
			p.Service.BaseURL = u
		}
		r.warn(file, n.line, fmt.Sprintf("serviceUrl %q is the address of a running service, not a package; conduit starts none for it", u))
		return
	}
	p.Services = addNeeds(p.Services, []Need{{Source: n.string(), Line: n.line}})
}

// dockerService takes the older form {repository, defaultPort, healthEndpoint}. What newer keys say wins.
func (r *reader) dockerService(p *Provider, file string, n *node) {
	if repo := n.get("repository", "serviceUrl"); repo.string() != "" && len(p.Services) == 0 {
		r.serviceURL(p, file, repo)
	}
	if p.Service.HealthEndpoint == "" {
		p.Service.HealthEndpoint = n.get("healthEndpoint").string()
	}
	if port, ok := n.get("defaultPort").number(); ok && port > 0 && port < 1<<16 && p.Service.Port == 0 {
		p.Service.Port = port
	}
}

// models reads the three forms of models: a list, a map by id, or {dynamic: true, …}. Without any, the running provider
// is asked.
func (r *reader) models(p *Provider, file string, n *node) {
	if n == nil || n.get("dynamic") != nil {
		p.Dynamic = n == nil || n.get("dynamic").truth()
		for _, c := range r.capabilities(file, n.get("capabilities")) {
			if !slices.Contains(p.Capabilities, c) {
				p.Capabilities = append(p.Capabilities, c)
			}
		}
		return
	}
	for _, item := range n.items {
		r.model(p, file, item.get("id", "name").string(), item)
	}
	for _, e := range n.keys {
		if e.val.kind == dict {
			r.model(p, file, e.key, e.val)
		}
	}
	p.Dynamic = len(p.Models) == 0
}

func (r *reader) model(p *Provider, file, id string, n *node) {
	if id == "" {
		id = n.string()
	}
	if id == "" {
		r.warn(file, n.line, "a model without an id is left out; add \"id: NAME\"")
		return
	}
	r.typos(file, n, []string{"id", "name", "description", "capabilities", "inputTypes", "outputTypes", "parameters", "pricing", "tags"})
	p.Models = append(p.Models, Model{
		ID:           id,
		Name:         n.get("name").string(),
		Description:  n.get("description").string(),
		Capabilities: r.capabilities(file, n.get("capabilities")),
		InputTypes:   texts(n.get("inputTypes")),
		OutputTypes:  texts(n.get("outputTypes")),
	})
}

func texts(n *node) []string {
	var out []string
	for _, i := range n.strings() {
		out = append(out, i.string())
	}
	return out
}
