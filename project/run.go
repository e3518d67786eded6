package project

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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
	err := p.with(ctx, req, func(ctx context.Context, provider *plugin.Provider) (err error) {
		out, err = call(ctx, provider, req)
		return err
	})
	return out, err
}

// caller is a provider that runs.
type caller interface {
	Describe(ctx context.Context) (plugin.Description, error)
	Models(ctx context.Context) ([]plugin.Model, error)
	Transform(ctx context.Context, request plugin.Request) (plugin.Response, error)
}

// call finds the model that a request means, and calls it.
func call(ctx context.Context, provider caller, req RunRequest) (plugin.Response, error) {
	model, err := modelFor(ctx, provider, req)
	if err != nil {
		return plugin.Response{}, err
	}
	if model.ID != "" {
		req.Model = model.ID
		if req.Chosen != nil {
			if err := req.Chosen(model); err != nil {
				return plugin.Response{}, err
			}
		}
	}
	report.Emit(ctx, report.Event{Type: report.Progress, Step: "run", Subject: strings.TrimSuffix(req.Provider+"/"+req.Model, "/")})
	return provider.Transform(ctx, plugin.Request{
		Model: req.Model, Capability: req.Capability, Inputs: req.Inputs, Parameters: req.Parameters, OutputDir: req.OutputDir, Progress: req.Progress,
	})
}

// with runs use with the provider that req names, started for its inputs, and stops it afterwards.
func (p *Project) with(ctx context.Context, req RunRequest, use func(context.Context, *plugin.Provider) error) (err error) {
	l, err := p.launch(ctx, req.Provider)
	if err != nil {
		return err
	}
	defer l.release()
	for _, input := range req.Inputs { // where they are: large files may be on another disk than conduit's
		l.spec.Access.Read = append(l.spec.Access.Read, input.Path)
	}
	if req.Remove {
		down, err := l.remember(ctx)
		if err != nil {
			return err
		}
		defer func() {
			if downErr := down(); err == nil {
				err = downErr
			}
		}()
	}
	provider, err := l.start(ctx)
	if err != nil {
		return err
	}
	defer provider.Close()
	return l.withheld(use(ctx, provider))
}

// remember notes which of the provider's services run. down stops those that did not.
func (l *launch) remember(ctx context.Context) (down func() error, err error) {
	running, err := l.project.Status(ctx)
	if err != nil {
		return nil, err
	}
	before := map[string]bool{}
	for _, s := range running {
		before[s.Name] = s.Running
	}
	return func() error {
		var started []string
		for _, in := range l.needed {
			if !before[in.name] {
				started = append(started, in.name)
			}
		}
		if len(started) == 0 {
			return nil
		}
		// The caller's context may be over; what was started has to go all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return l.project.down(ctx, started)
	}, nil
}

// needs are the instances of the services that a provider requires.
func needs(lock *lockfile.Lock, module *lockfile.Module) []instance {
	required := lock.Services(module)
	return slices.DeleteFunc(instances(lock), func(in instance) bool { return !slices.Contains(required, in.module) })
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
