package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// launch is everything that a provider's process is started from. What it holds in the cache is kept until release.
type launch struct {
	project  *Project
	manifest *lockfile.Manifest
	lock     *lockfile.Lock
	module   *lockfile.Module
	set      lockfile.Entry
	granted  []Granted
	needed   []instance // its services
	spec     plugin.Spec
	held     []func()
}

// launch checks that everything is in place to start the provider, as the lock has it, and follows the references of its
// settings. It starts nothing.
func (p *Project) launch(ctx context.Context, name string) (_ *launch, err error) {
	m, lock, err := p.permitted(ctx)
	if err != nil {
		return nil, err
	}
	module, ok := lock.Provider(name)
	if !ok {
		return nil, noProvider(name, lock)
	}
	l := &launch{project: p, manifest: m, lock: lock, module: module, needed: needs(lock, module)}
	defer func() {
		if err != nil {
			l.release()
		}
	}()
	release, err := p.keepProvider(ctx, lock, module)
	if err != nil {
		return nil, err
	}
	l.held = append(l.held, release)
	if tool, err := p.nodeHere(ctx, m, lock); err == nil && m.Node != "" {
		release, err := p.keep(ctx, nodeKey(tool))
		if err != nil {
			return nil, err
		}
		l.held = append(l.held, release)
	}
	if l.set, l.granted, err = p.providerSettings(m, lock, name); err != nil {
		return nil, err
	}
	if l.spec, err = p.pluginSpec(ctx, m, lock, module, l.set, l.granted); err != nil {
		return nil, err
	}
	log, err := p.logFile(name)
	if err != nil {
		return nil, err
	}
	write, closeLog := openLog(log)
	l.held = append(l.held, closeLog)
	shown := l.spec.Log
	l.spec.Log = func(r plugin.Record) {
		write(r)
		shown(r)
	}
	return l, nil
}

// start starts the provider's services unless they run already, and its process.
func (l *launch) start(ctx context.Context) (*plugin.Provider, error) {
	running, err := l.project.up(ctx, l.manifest, l.lock, l.needed)
	if err != nil {
		return nil, err
	}
	serve(&l.spec, l.module, l.needed, running)
	provider, err := plugin.Start(ctx, l.spec, &providerServices{project: l.project, manifest: l.manifest, lock: l.lock})
	if err == nil {
		report.Record(ctx, report.Action{Act: report.Loaded, Subject: subject(l.module), Name: l.set.Name, Digest: l.module.Artifact})
	}
	return provider, l.withheld(err)
}

// withheld completes an error of the provider, see [withheld].
func (l *launch) withheld(err error) error { return withheld(err, l.set.Name, l.set) }

// release gives up what the launch holds. The provider must have been closed.
func (l *launch) release() {
	for _, each := range l.held {
		each()
	}
	l.held = nil
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
func (p *Project) pluginSpec(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, module *lockfile.Module, set lockfile.Entry, granted []Granted) (plugin.Spec, error) {
	name := set.Name
	artifact, ok := p.builder.Find(module.Artifact)
	if !ok {
		return plugin.Spec{}, notSynced(subject(module))
	}
	artifact, err := p.laidOut(lock, module, artifact)
	if err != nil {
		return plugin.Spec{}, err
	}
	if err := p.checkArtifact(ctx, module, artifact); err != nil {
		return plugin.Spec{}, err
	}
	var source []string
	if module.Version == "" { // a folder of the user's own: the lock must be of what it holds now
		dir, err := p.locate(ctx, module)
		if err != nil {
			return plugin.Spec{}, err
		}
		source = []string{dir}
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
	memory, err := lockfile.ParseMemory(set.Memory)
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
		Access:      p.access(ctx, name, granted, data, source),
		Memory:      memory,
		Refused: func(text string) {
			report.Record(ctx, report.Action{Act: report.Refused, Subject: subject(module), Name: name, Digest: module.Artifact, Kind: "permission", What: text})
		},
		Log: func(r plugin.Record) {
			report.Emit(ctx, report.Event{Type: report.Log, Step: "provider", Subject: name, Message: r.Message})
		},
	}, nil
}

// dataDir is the folder in which a provider of this project works and leaves what it makes.
func (p *Project) dataDir(name string) (string, error) {
	return p.providerDir("the working folder of provider "+name, name)
}

// providerDir makes a folder among those of this project's providers. Names of providers begin with no dot.
func (p *Project) providerDir(what string, at ...string) (string, error) {
	state, err := service.StateDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(append([]string{state, "providers", service.ProjectID(p.dir)}, at...)...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", &report.Error{What: "cannot make " + what, Where: dir, Err: err, Next: "make it writable, or name another place with CONDUIT_STATE"}
	}
	return dir, nil
}
