package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// RunRequest is one call of a provider's model.
type RunRequest struct {
	Provider   string         // its name in conduit.toml
	Model      string         // "" for the only one that has the capability and takes the inputs
	Capability string         // "text-to-image"; "" for any
	Inputs     []plugin.Media // prompt first
	Parameters map[string]any
	OutputDir  string                // where output files go; "" for a temporary folder
	Remove     bool                  // stop the services that this run started
	Progress   func(plugin.Progress) // may be nil
	// Chosen is told the model before it runs, which may cost time and money; an error ends the run. It may be nil. A model
	// that the provider does not list is not told.
	Chosen func(plugin.Model) error
}

// Run starts the provider's services unless they run already, starts the provider, calls the model once and stops the
// provider. It downloads and builds nothing: what is missing is an error that asks for a sync.
func (p *Project) Run(ctx context.Context, req RunRequest) (plugin.Response, error) {
	var out plugin.Response
	err := p.with(ctx, req.Provider, req.Remove, func(ctx context.Context, provider *plugin.Provider) error {
		model, err := modelFor(ctx, provider, req)
		if err != nil {
			return err
		}
		if model.ID != "" {
			req.Model = model.ID
			if req.Chosen != nil {
				if err := req.Chosen(model); err != nil {
					return err
				}
			}
		}
		report.Emit(ctx, report.Event{Type: report.Progress, Step: "run", Subject: strings.TrimSuffix(req.Provider+"/"+req.Model, "/")})
		out, err = provider.Transform(ctx, plugin.Request{
			Model: req.Model, Capability: req.Capability, Inputs: req.Inputs, Parameters: req.Parameters, OutputDir: req.OutputDir, Progress: req.Progress,
		})
		return err
	})
	return out, err
}

// with runs use with a started provider, and stops the provider afterwards.
func (p *Project) with(ctx context.Context, name string, remove bool, use func(context.Context, *plugin.Provider) error) (err error) {
	m, lock, err := p.current(ctx)
	if err != nil {
		return err
	}
	module, ok := lock.Provider(name)
	if !ok {
		return noProvider(name, lock)
	}
	release, err := p.keepProvider(ctx, lock, module)
	if err != nil {
		return err
	}
	defer release()
	if tool, err := p.nodeHere(ctx, m, lock); err == nil && m.Node != "" {
		release, err := p.keep(ctx, nodeKey(tool))
		if err != nil {
			return err
		}
		defer release()
	}
	set, err := p.settings(m, lockfile.KindProvider, name)
	if err != nil {
		return err
	}
	spec, err := p.pluginSpec(ctx, m, lock, module, set)
	if err != nil {
		return err
	}
	write, closeLog := openLog(spec.Dir)
	defer closeLog()
	shown := spec.Log
	spec.Log = func(r plugin.Record) {
		write(r)
		shown(r)
	}
	defer func() { err = withheld(err, name, set) }()
	needed := needs(lock, module)
	before := map[string]bool{}
	if remove {
		running, err := p.Status(ctx)
		if err != nil {
			return err
		}
		for _, s := range running {
			before[s.Name] = s.Running
		}
		defer func() {
			var started []string
			for _, in := range needed {
				if !before[in.name] {
					started = append(started, in.name)
				}
			}
			if len(started) == 0 {
				return
			}
			// The caller's context may be over; what was started has to go all the same.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			if downErr := p.Down(ctx, started); err == nil {
				err = downErr
			}
		}()
	}
	running, err := p.up(ctx, m, lock, needed)
	if err != nil {
		return err
	}
	serve(&spec, module, needed, running)
	provider, err := plugin.Start(ctx, spec, &providerServices{project: p, manifest: m, lock: lock})
	if err != nil {
		return err
	}
	defer provider.Close()
	return use(ctx, provider)
}

// needs are the instances of the services that a provider requires.
func needs(lock *lockfile.Lock, module *lockfile.Module) []instance {
	required := lock.Services(module)
	return slices.DeleteFunc(instances(lock), func(in instance) bool { return !slices.Contains(required, in.module) })
}

// keep has other processes leave what a provider runs from in the cache until release is called. In a cache that this user
// may only read there is nobody to keep away.
func (p *Project) keep(ctx context.Context, key cache.Key) (release func(), err error) {
	release, err = p.cache.Hold(ctx, key)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return func() {}, nil
	}
	return release, err
}

// keepProvider is [Project.keep] for a provider's artifact and what is laid out beside it.
func (p *Project) keepProvider(ctx context.Context, lock *lockfile.Lock, m *lockfile.Module) (release func(), err error) {
	keys := []cache.Key{{Kind: cache.Artifact, ID: m.Artifact}}
	if artifact, ok := p.builder.Find(m.Artifact); ok {
		plan, err := p.layoutOf(nil, lock, m, artifact)
		if err != nil {
			return nil, err
		}
		if plan != nil {
			keys = append(keys, plan.Key())
		}
	}
	var held []func()
	release = func() {
		for _, each := range held {
			each()
		}
	}
	for _, key := range keys {
		each, err := p.keep(ctx, key)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, each)
	}
	return release, nil
}

// pluginSpec is how the provider's process is started, but for its services. Its artifact is hashed on the way. Last, when
// nothing else can be missing, its secrets are looked up: that may ask the user for a password.
func (p *Project) pluginSpec(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, module *lockfile.Module, set lockfile.Entry) (plugin.Spec, error) {
	name := set.Name
	artifact, ok := p.builder.Find(module.Artifact)
	if !ok {
		return plugin.Spec{}, notSynced(subject(module))
	}
	artifact, err := p.laidOut(lock, module, artifact)
	if err != nil {
		return plugin.Spec{}, err
	}
	if err := p.builder.Check(subject(module), artifact); err != nil {
		return plugin.Spec{}, err
	}
	if module.Version == "" { // a folder of the user's own: the lock must be of what it holds now
		if _, err := p.locate(ctx, module); err != nil {
			return plugin.Spec{}, err
		}
	}
	host, ok := p.builder.FindHost()
	if !ok {
		return plugin.Spec{}, notSynced("the provider host")
	}
	if err := p.builder.CheckHost(); err != nil {
		return plugin.Spec{}, err
	}
	node, err := p.node(ctx, m, lock)
	if err != nil {
		return plugin.Spec{}, err
	}
	data, err := p.dataDir(name)
	if err != nil {
		return plugin.Spec{}, err
	}
	config, secrets, err := p.secrets(ctx, m, name, set)
	if err != nil {
		return plugin.Spec{}, err
	}
	return plugin.Spec{
		Name:        name,
		Node:        node.Path,
		NodeVersion: node.Version,
		Host:        host,
		Artifact:    artifact.Dir,
		ExportName:  artifact.ExportName,
		Type:        artifact.Type,
		Env:         withNode(plugin.Environment(set.Pass, os.LookupEnv), node),
		Config:      config,
		Secrets:     secrets,
		Dir:         data,
		Log: func(r plugin.Record) {
			report.Emit(ctx, report.Event{Type: report.Log, Step: "provider", Subject: name, Message: r.Message})
		},
	}, nil
}

// serve gives the provider the addresses of its services, by every text that may name them and in its environment.
func serve(spec *plugin.Spec, module *lockfile.Module, needed []instance, running []service.Status) {
	spec.Services = map[string]plugin.ServiceInfo{}
	taken := map[string]bool{}
	for i, in := range needed {
		info := serviceInfo(running[i])
		for _, key := range spellings(in) {
			spec.Services[key] = info
		}
		if spec.Default == "" {
			spec.Default = in.name
		}
		prefix := envName(in.plain)
		if taken[prefix] { // the provider asks for two lines of one service
			prefix = envName(in.name)
		}
		taken[prefix] = true
		if len(info.Ports) > 0 {
			spec.Env = append(spec.Env, prefix+"_HOST_PORT="+strconv.Itoa(info.Ports[0]), prefix+"_URL="+info.BaseURL)
		}
	}
	for _, in := range needed {
		if module.Service != "" && (in.module.Source == module.Service || in.module.Replaces == module.Service) {
			spec.Default = in.name
		}
	}
}

// spellings are the texts by which a provider may ask for a service: its name, its source, and for GitHub its address.
func spellings(in instance) []string {
	out := []string{in.name}
	for _, text := range []string{in.module.Source, in.module.Replaces} {
		src, _, err := resolve.ParseSource(text)
		if text == "" || err != nil {
			continue
		}
		out = append(out, text)
		if src.Kind == resolve.GitHub && src.Dir == "" {
			out = append(out, "https://github.com/"+src.Path)
		}
	}
	return out
}

// envName is a service's name as the start of a variable's: "cowsay-service" is "COWSAY".
func envName(service string) string {
	name := strings.TrimSuffix(service, "-service")
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

func serviceInfo(s service.Status) plugin.ServiceInfo {
	info := plugin.ServiceInfo{
		Name: s.Name, Host: "127.0.0.1", BaseURL: s.Address(), HealthURL: s.HealthCheckURL, Container: s.ContainerName, Image: s.Image,
		ComposeService: s.ComposeService, ComposeFile: s.ComposeFile, Network: s.Network, Directory: s.ServiceDirectory,
		Status: plugin.ServiceStatus{Running: s.Running, Health: s.Health, State: s.State, Started: s.Started, Checked: s.LastCheck},
	}
	if s.Driver == service.Docker {
		info.Status.ContainerID = s.ID
	}
	for i, port := range s.Ports {
		if i == 0 && s.Held != 0 {
			port.Host = s.Held
		}
		info.Ports = append(info.Ports, port.Host)
	}
	return info
}

func noProvider(name string, lock *lockfile.Lock) error {
	known := map[string]bool{}
	for _, r := range lock.Root {
		if r.Kind == lockfile.KindProvider {
			known[r.Name] = true
		}
	}
	next := "conduit get SOURCE    adds a provider"
	if len(known) > 0 {
		next = "name one of: " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("no provider %q in %s", name, lockfile.Name), Next: next}
}

// dataDir is the folder in which a provider of this project works and leaves what it makes.
func (p *Project) dataDir(name string) (string, error) {
	state, err := service.StateDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(state, "providers", service.ProjectID(p.dir), name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", &report.Error{What: "cannot make the working folder of provider " + name, Where: dir, Err: err,
			Next: "make it writable, or name another place with CONDUIT_STATE"}
	}
	return dir, nil
}
