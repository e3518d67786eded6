package service

import (
	"context"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
)

func isNotFound(err error) bool { return errdefs.IsNotFound(err) }

// Prepare builds and pulls the images that the engine does not have.
func (d *dockerDriver) Prepare(ctx context.Context, spec Spec) error {
	engine, err := d.engine(ctx)
	if err != nil {
		return err
	}
	pl, err := compose(ctx, spec)
	if err != nil {
		return err
	}
	missing, err := d.missing(ctx, engine, spec, pl)
	if err != nil || len(missing) == 0 {
		return err
	}
	// One build of an image at a time on this machine: the second finds it done.
	unlock, err := lock(ctx, d.state, "images "+missing[0])
	if err != nil {
		return err
	}
	defer unlock()
	if missing, err = d.missing(ctx, engine, spec, pl); err != nil || len(missing) == 0 {
		return err
	}
	if missing, err = d.carry(ctx, engine, spec, pl, missing); err != nil || len(missing) == 0 {
		return err
	}
	build, pull := pl.split(missing)
	if len(pull.Services) > 0 {
		if err := d.pull(ctx, spec, pull); err != nil {
			return err
		}
	}
	if len(build.Services) > 0 {
		return d.build(ctx, engine, spec, build)
	}
	return nil
}

// Prepared tells whether the engine has all images.
func (d *dockerDriver) Prepared(ctx context.Context, spec Spec) (bool, error) {
	engine, err := d.engine(ctx)
	if err != nil {
		return false, err
	}
	pl, err := compose(ctx, spec)
	if err != nil {
		return false, err
	}
	missing, err := d.missing(ctx, engine, spec, pl)
	return err == nil && len(missing) == 0, err
}

// missing lists the images that the engine does not have, sorted by compose service. Those that were loaded into it are
// in the plan by their IDs afterwards.
func (d *dockerDriver) missing(ctx context.Context, engine client.APIClient, spec Spec, pl *plan) ([]string, error) {
	var missing []string
	for _, name := range pl.project.ServiceNames() {
		s := pl.project.Services[name]
		for _, image := range append([]string{s.Image}, hookImages(s)...) {
			if image == "" || contains(missing, image) {
				continue
			}
			has, err := d.has(ctx, engine, image)
			if err != nil {
				return nil, err
			}
			if has {
				continue
			}
			id, err := d.loaded(ctx, engine, spec.Held, image, s.Platform)
			if err != nil {
				return nil, err
			}
			if id == "" {
				missing = append(missing, image)
				continue
			}
			pl.rename(name, image, id)
		}
	}
	return missing, nil
}

// has tells whether the engine has an image by that name.
func (d *dockerDriver) has(ctx context.Context, engine client.APIClient, image string) (bool, error) {
	_, err := engine.ImageInspect(ctx, image)
	if err != nil && !isNotFound(err) {
		return false, d.failed(ctx, err, "cannot look up image "+image, d.cli.DockerEndpoint().Host, startEngine)
	}
	return err == nil, nil
}

// hookImages are the images that the pre_start hooks of a compose service have of their own.
func hookImages(s types.ServiceConfig) []string {
	var out []string
	for _, h := range s.PreStart {
		if h.Image != "" {
			out = append(out, h.Image)
		}
	}
	return out
}

// split returns the parts of the project whose images are missing: those to build and those to pull.
func (pl *plan) split(missing []string) (build, pull *types.Project) {
	part := func(built bool) *types.Project {
		p := *pl.project
		p.Services = types.Services{}
		for name, s := range pl.project.Services {
			s.DependsOn, s.PullPolicy = nil, "" // what the lock names is fetched once, whatever the policy
			if contains(missing, s.Image) && (s.Build != nil) == built {
				p.Services[name] = s
			}
			for i, image := range hookImages(s) {
				if contains(missing, image) && !built {
					hook := fmt.Sprintf("%s-pre-start-%d", name, i)
					p.Services[hook] = types.ServiceConfig{Name: hook, Image: image, Platform: s.Platform}
				}
			}
		}
		return &p
	}
	return part(true), part(false)
}

// prepared is the project for Up: every image is there, so nothing may be pulled or built.
func (pl *plan) prepared() *types.Project {
	p := *pl.project
	p.Services = types.Services{}
	for name, s := range pl.project.Services {
		s.Build, s.PullPolicy = nil, types.PullPolicyNever
		p.Services[name] = s
	}
	return &p
}

func (d *dockerDriver) build(ctx context.Context, engine client.APIClient, spec Spec, p *types.Project) error {
	local, err := d.carryBases(ctx, engine, spec, p)
	if err != nil {
		return err
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "build", Subject: spec.Name, Message: "building the image"})
	p.Name = "conduit" // the image belongs to no project, and its bytes must not depend on who built it first
	out := &lines{each: func(l string) {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "build", Subject: spec.Name, Message: plain(l)})
	}}
	compose, err := d.sdk(ctx, spec.Name, out)
	if err != nil {
		return err
	}
	clean, err := pinBuilds(spec, p, local)
	defer clean()
	if err != nil {
		return err
	}
	if err := compose.Build(ctx, p, api.BuildOptions{Progress: "plain", Out: out}); err != nil {
		text := out.last()
		if !strings.Contains(text, err.Error()) {
			text = strings.TrimSpace(text + "\n" + err.Error())
		}
		if ctx.Err() != nil {
			return failed(ctx, err, "building the image of service "+spec.Name, spec.place(), "conduit sync")
		}
		if e := unlocked(spec, text, "an image that service "+spec.Name+" is built on"); e != nil {
			return e
		}
		return &report.Error{Kind: outside(text), What: fmt.Sprintf("the image of service %s does not build", spec.Name), Where: spec.place(), Why: text, Next: "mend the package's Dockerfile, or check that the engine reaches what it downloads, then conduit sync", Err: err}
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "build", Subject: spec.Name, Message: "image built"})
	report.Record(ctx, spec.action(report.Built))
	return nil
}

func (d *dockerDriver) pull(ctx context.Context, spec Spec, p *types.Project) error {
	var images []string
	for _, name := range p.ServiceNames() {
		images = append(images, p.Services[name].Image)
	}
	if spec.Offline {
		return &report.Error{Kind: report.Network, What: "the engine does not have " + strings.Join(images, ", ") + " for service " + spec.Name, Where: spec.place(),
			Why:  "--offline forbids to pull, and neither the vendor folder nor the cache has it for this engine",
			Next: "conduit sync    once without --offline\nor conduit vendor    where there is a network, with --platform OS/ARCH for an engine of another kind"}
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: spec.Name, Message: "pulling the image"})
	out := &lines{each: func(string) {}}
	compose, err := d.sdk(ctx, spec.Name, out)
	if err != nil {
		return err
	}
	if err := compose.Pull(ctx, p, api.PullOptions{Quiet: true}); err != nil {
		if ctx.Err() != nil {
			return failed(ctx, err, "pulling the image of service "+spec.Name, spec.place(), "conduit sync")
		}
		if e := unlocked(spec, err.Error(), strings.Join(images, ", ")); e != nil {
			return e
		}
		return &report.Error{Kind: report.Network, What: "cannot pull " + strings.Join(images, ", ") + " for service " + spec.Name, Where: spec.place(), Err: err, Next: "check the image's name and that the engine reaches its registry (docker login for a private one), then conduit sync"}
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: spec.Name, Message: "image pulled"})
	for _, ref := range images {
		report.Record(ctx, report.Action{Act: report.Fetched, Subject: ref, Name: spec.Name, Digest: image.Pinned(ref)})
	}
	return nil
}

// outside tells a build that failed for want of a network from one that failed by itself.
func outside(text string) report.Kind {
	for _, sign := range []string{"no such host", "dial tcp", "TLS handshake", "Temporary failure", "Could not resolve", "connection refused", "i/o timeout", "failed to resolve source metadata", "pull access denied"} {
		if strings.Contains(text, sign) {
			return report.Network
		}
	}
	return report.Service
}
