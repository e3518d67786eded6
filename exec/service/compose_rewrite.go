package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
)

// plan is a package's compose project as conduit brings it up.
type plan struct {
	project *types.Project
	main    string // the compose service that providers talk to
	port    int    // its container port that providers talk to, 0 when it has none
	hash    string // of the spec
	checked time.Duration
	cpu     float32             // processors that the main service may have by what package or project say, 0 where they do not
	gpu     bool                // the main service gets GPUs if there are any
	inserts map[string][]insert // by compose service
	unread  []Finding           // requirements that say nothing
}

// compose loads the package's compose file, applies the policy and rewrites it.
func compose(ctx context.Context, spec Spec) (*plan, error) {
	p, err := load(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := permitted(spec, p); err != nil {
		return nil, err
	}
	file := composeFile(spec)
	if p, err = p.WithServicesEnvironmentResolved(true); err == nil {
		p, err = p.WithServicesLabelsResolved(true)
	}
	if err != nil {
		return nil, composeInvalid(spec, file, nil, err)
	}
	hash, err := spec.hash()
	if err != nil {
		return nil, err
	}
	pl := &plan{project: p, hash: hash, inserts: map[string][]insert{}}
	if pl.main, err = mainService(spec, p); err != nil {
		return nil, err
	}
	for _, name := range p.ServiceNames() {
		s := p.Services[name]
		rewriteBuild(spec, &s)
		if err := rewriteImage(spec, p, &s); err != nil {
			return nil, err
		}
		rewriteMounts(ctx, spec, p, &s)
		pl.rewritePorts(spec, &s)
		rewriteNetworks(&s)
		if name == pl.main {
			rewriteEnvironment(spec, &s)
			pl.rewriteLimits(spec, &s)
			pl.checked = composePatience(s.HealthCheck)
		}
		if spec.Limits.GPU == gpuOff {
			withoutGPU(&s)
		}
		s.ContainerName = ""
		p.Services[name] = s
	}
	if err := unsupported(spec, pl); err != nil {
		return nil, err
	}
	for _, name := range p.ServiceNames() {
		s := p.Services[name]
		if err := pl.takeInserts(spec, &s); err != nil {
			return nil, err
		}
		rewriteVolumesFrom(p, &s)
		p.Services[name] = s
	}
	pl.rewriteResources(spec)
	return pl, pl.label(spec)
}

// mainService finds the compose service that providers talk to.
func mainService(spec Spec, p *types.Project) (string, error) {
	for _, name := range []string{spec.manifest().ServiceName, spec.Hint.ServiceName} {
		if _, ok := p.Services[name]; ok {
			return name, nil
		}
	}
	names := p.ServiceNames()
	if len(names) == 1 {
		return names[0], nil
	}
	var published []string
	for _, name := range names {
		if len(p.Services[name].Ports) > 0 {
			published = append(published, name)
		}
	}
	if len(published) == 1 {
		return published[0], nil
	}
	return "", &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("service %s does not say which of its containers providers talk to", spec.Name),
		Where: composeFile(spec),
		Why:   "the compose file has " + strings.Join(names, ", "),
		Next:  "name one as docker: {serviceName: …} in the package's MediaConduit.service.yml",
	}
}

// rewriteImage gives a built image a name that says what is in it, so that all projects of the machine share one build, and
// pins an image of a registry to its locked digest.
func rewriteImage(spec Spec, p *types.Project, s *types.ServiceConfig) error {
	if err := pinned(spec, p, *s); err != nil {
		return err
	}
	for i := range s.PreStart {
		if h := &s.PreStart[i]; h.Image != "" {
			h.Image = image.Pin(h.Image, spec.digest(s.Name, h.Image))
		}
	}
	if s.Build != nil {
		tag, err := imageTag(spec, p, *s)
		s.Image = "conduit/" + slug(imageBase(spec)+"-"+s.Name) + ":" + tag
		return err
	}
	s.Image = image.Pin(s.Image, spec.digest(s.Name, s.Image))
	return nil
}

// rewriteBuild keeps a build to what the lock knows: no newer image is looked for than the locked one, and a package neither
// gives its image a second name, which might be another's, nor reads and writes caches elsewhere.
func rewriteBuild(spec Spec, s *types.ServiceConfig) {
	if s.Build == nil {
		return
	}
	b := *s.Build
	b.Pull = false
	if !spec.trusted() {
		b.Tags, b.CacheFrom, b.CacheTo = nil, nil, nil
	}
	s.Build = &b
}

// imageBase names the package, the same in every project.
func imageBase(spec Spec) string {
	if id := spec.manifest().ID; id != "" {
		return id
	}
	base := path.Base(strings.TrimRight(filepath.ToSlash(spec.Source), "/"))
	return base[strings.LastIndexByte(base, ':')+1:]
}

// imageTag identifies what a build reads: its locked context, else the package's bytes, the images that it builds on as far
// as they are locked, and the build's own settings, whose paths do not depend on where the package lies.
func imageTag(spec Spec, p *types.Project, s types.ServiceConfig) (string, error) {
	sum := spec.digest(s.Name, "")
	if sum == "" {
		var err error
		if sum, err = spec.sum(); err != nil {
			return "", err
		}
	}
	var bases []Image
	for _, i := range spec.Images {
		if i.Service == s.Name && i.Ref != "" && i.Digest != "" {
			bases = append(bases, i)
		}
	}
	settings, err := json.Marshal([]any{s.Build, buildArgs(p, s), s.Platform, bases})
	if err != nil {
		return "", err
	}
	dir, err := json.Marshal(spec.Dir)
	if err != nil {
		return "", err
	}
	here := strings.ReplaceAll(string(settings), strings.Trim(string(dir), `"`), ".")
	digest := sha256.Sum256([]byte(sum + "\n" + here))
	return hex.EncodeToString(digest[:16]), nil
}

// rewritePorts publishes every port on 127.0.0.1, on a port that the engine picks.
func (pl *plan) rewritePorts(spec Spec, s *types.ServiceConfig) {
	main := s.Name == pl.main
	declared := 0
	for _, p := range spec.manifest().Ports {
		if p != 0 {
			declared = p
			break
		}
	}
	if main && len(s.Ports) == 0 && declared != 0 && s.NetworkMode == "" {
		s.Ports = []types.ServicePortConfig{{Target: uint32(declared), Protocol: "tcp", Mode: "ingress"}}
	}
	for i := range s.Ports {
		p := &s.Ports[i]
		p.HostIP, p.Published = "127.0.0.1", ""
		tcp := p.Protocol == "" || p.Protocol == "tcp"
		if main && tcp && (pl.port == 0 || int(p.Target) == declared) {
			pl.port = int(p.Target)
		}
	}
	if !main || spec.Port == 0 {
		return
	}
	for i := range s.Ports {
		if p := &s.Ports[i]; int(p.Target) == pl.port && p.Protocol != "udp" {
			p.Published = strconv.Itoa(spec.Port)
		}
	}
}

// rewriteMounts keeps containers from writing into the package, which all projects of the machine share.
func rewriteMounts(ctx context.Context, spec Spec, p *types.Project, s *types.ServiceConfig) {
	if spec.trusted() {
		return
	}
	for i := range s.Volumes {
		v := &s.Volumes[i]
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if exists(v.Source) {
			v.ReadOnly = true
			if v.Bind != nil && v.Bind.SELinux == "Z" {
				v.Bind.SELinux = "z" // a private label would lock the other projects out
			}
			continue
		}
		rel, err := filepath.Rel(spec.Dir, v.Source)
		if err != nil {
			rel = filepath.Base(v.Source)
		}
		key := "folder-" + unique(filepath.ToSlash(rel))
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: fmt.Sprintf("the package has no folder %s: a volume of the project is mounted in its place", rel)})
		v.Type, v.Source, v.Bind = types.VolumeTypeVolume, key, nil
		if p.Volumes == nil {
			p.Volumes = types.Volumes{}
		}
		p.Volumes[key] = types.VolumeConfig{}
	}
}

// rewriteEnvironment fills in what the manifests declare and the compose file leaves open, and lays the user's settings
// over both.
func rewriteEnvironment(spec Spec, s *types.ServiceConfig) {
	if s.Environment == nil {
		s.Environment = types.MappingWithEquals{}
	}
	for k, v := range spec.environment() {
		_, user := spec.Env[k]
		if have := s.Environment[k]; have == nil || user {
			s.Environment[k] = &v
		}
	}
}

// composePatience is how long the container's own health check lets a start take; 0 when it has none.
func composePatience(h *types.HealthCheckConfig) time.Duration {
	if h == nil || h.Disable || len(h.Test) == 0 {
		return 0
	}
	interval, timeout, retries, start := 30*time.Second, 30*time.Second, 3, time.Duration(0)
	if h.Interval != nil {
		interval = time.Duration(*h.Interval)
	}
	if h.Timeout != nil {
		timeout = time.Duration(*h.Timeout)
	}
	if h.Retries != nil {
		retries = int(*h.Retries)
	}
	if h.StartPeriod != nil {
		start = time.Duration(*h.StartPeriod)
	}
	return start + (interval+timeout)*time.Duration(retries+1)
}
