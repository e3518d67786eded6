package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
)

// Image is what a lock says of an image that a service runs or is built on, or of the context that it is built from.
type Image struct {
	Service string // compose service
	Ref     string // as the compose file or the Dockerfile names it; "" for the context of a build
	Digest  string // "sha256:…" in the registry, "build:h1:…" over the context; "" for an image that is not locked
}

// buildPrefix begins the digest of a build's context.
const buildPrefix = "build:"

// dockerImage begins an additional context that is an image.
const dockerImage = "docker-image://"

// Images lists what a lock has to say of the package's images, sorted by compose service and reference: contexts with their
// digest, images of registries with one where the package itself names it. It needs no engine and makes no request. It is
// empty for a package without a compose file.
func Images(ctx context.Context, spec Spec) ([]Image, error) {
	if !hasCompose(spec) {
		return nil, nil
	}
	p, err := load(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := permitted(spec, p); err != nil {
		return nil, err
	}
	var out []Image
	for _, name := range p.ServiceNames() {
		images, err := imagesOf(spec, p, p.Services[name])
		if err != nil {
			return nil, err
		}
		out = append(out, images...)
	}
	return out, nil
}

// Shared reports whether the images of the package are the same for all its instances: nothing that is set for this one, and
// nothing that a provider says, can bear on which they are, and none is named after it.
func Shared(spec Spec, images []Image) bool {
	named := func(i Image) bool { return strings.Contains(i.Ref, composeName(spec.Project, spec.Name)) }
	return len(spec.Env) == 0 && len(spec.Hint.Environment) == 0 && spec.Hint.ComposeFile == "" && !slices.ContainsFunc(images, named)
}

// imagesOf lists the images of one compose service and of the hooks that run before it.
func imagesOf(spec Spec, p *types.Project, s types.ServiceConfig) ([]Image, error) {
	var out []Image
	switch {
	case s.Build != nil:
		var err error
		if out, err = imagesOfBuild(spec, p, s); err != nil {
			return nil, err
		}
	case s.Image != "":
		out = []Image{{s.Name, s.Image, image.Pinned(s.Image)}}
	}
	for _, ref := range hookImages(s) {
		if i := (Image{s.Name, ref, image.Pinned(ref)}); !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b Image) int { return strings.Compare(a.Ref, b.Ref) })
	return out, nil
}

func imagesOfBuild(spec Spec, p *types.Project, s types.ServiceConfig) ([]Image, error) {
	b, ok := buildOf(p, s)
	if !ok && !remote(s.Build.Context) {
		return nil, unreadable(spec, s.Build.Context, os.ErrNotExist)
	}
	if !ok { // a repository or an archive elsewhere, which only the user's own folders may name
		return []Image{{Service: s.Name, Ref: s.Build.Context}}, nil
	}
	sum, err := b.context.Sum()
	if err != nil {
		return nil, unreadable(spec, b.context.Dir, err)
	}
	refs, err := b.images()
	if err != nil {
		return nil, b.mistaken(spec, err)
	}
	out := []Image{{Service: s.Name, Digest: buildPrefix + sum}}
	for _, ref := range refs {
		out = append(out, Image{s.Name, ref, image.Pinned(ref)})
	}
	return out, nil
}

// remote tells a build's context that is fetched from elsewhere.
func remote(context string) bool {
	return strings.Contains(context, "://") || strings.HasPrefix(context, "git@")
}

// digest is what the lock says of an image, "" if nothing.
func (s Spec) digest(service, ref string) string {
	for _, i := range s.Images {
		if i.Service == service && i.Ref == ref {
			return i.Digest
		}
	}
	return ""
}

// pinned refuses, where the policy says so, a compose service that runs or is built on an image without a locked digest.
func pinned(spec Spec, p *types.Project, s types.ServiceConfig) error {
	if !spec.Pinned {
		return nil
	}
	images, err := imagesOf(spec, p, s)
	if err != nil {
		return err
	}
	for _, i := range images {
		if i.Digest == "" && spec.digest(i.Service, i.Ref) == "" {
			return Floating(spec.Name, i)
		}
	}
	return nil
}

// Floating is the error of kind [report.Policy] for an image that is not locked where conduit.toml asks for that.
func Floating(service string, i Image) error {
	return &report.Error{Kind: report.Policy, What: fmt.Sprintf("the image %s of service %s is not locked", i.Ref, service), Where: "conduit.lock",
		Why: `conduit.toml says images = "locked" under [policy], and the lock holds no digest of it`, Next: "conduit update " + service + "    asks its registry for the digest; without one, name it in the package as " + untagged(i.Ref) + "@sha256:…"}
}

func untagged(ref string) string {
	if at := strings.LastIndexByte(ref, ':'); at > strings.LastIndexByte(ref, '/') {
		return ref[:at]
	}
	return ref
}

// buildSource is where a compose service is built from.
type buildSource struct {
	context image.Context
	about   image.Build
	others  []string // images among the additional contexts
}

// buildOf finds a build's files; ok is false where its context is no folder.
func buildOf(p *types.Project, s types.ServiceConfig) (b buildSource, ok bool) {
	dir, err := filepath.EvalSymlinks(s.Build.Context)
	if err != nil {
		return b, false
	}
	b.context = image.Context{Dir: dir, Inline: s.Build.DockerfileInline, Others: map[string]string{}}
	file := s.Build.Dockerfile
	if file == "" {
		file = "Dockerfile"
	}
	b.context.Dockerfile = absolute(dir, file)
	if real, err := filepath.EvalSymlinks(b.context.Dockerfile); err == nil {
		b.context.Dockerfile = real
	}
	b.about = image.Build{Args: buildArgs(p, s), Target: s.Build.Target}
	for _, name := range sortedKeys(s.Build.AdditionalContexts) {
		at := s.Build.AdditionalContexts[name]
		b.about.Contexts = append(b.about.Contexts, name)
		if ref, ok := strings.CutPrefix(at, dockerImage); ok {
			b.others = append(b.others, ref)
		} else if info, err := os.Stat(at); err == nil && info.IsDir() {
			b.context.Others[name] = at
		}
	}
	return b, true
}

// images lists the images that the build can pull.
func (b buildSource) images() ([]string, error) {
	text, err := b.context.Text()
	if err != nil {
		return nil, err
	}
	parsed, err := image.ParseDockerfile(text, b.about)
	if err != nil {
		return nil, err
	}
	refs := append(parsed.Images(), b.others...)
	slices.Sort(refs)
	return slices.Compact(refs), nil
}

func (b buildSource) mistaken(spec Spec, err error) error {
	where := b.context.Dockerfile
	if b.context.Inline != "" {
		where = composeFile(spec)
	}
	return &report.Error{Kind: report.Service, What: "the Dockerfile of service " + spec.Name + " is not valid", Where: where, Err: err, Next: "mend the Dockerfile in the package " + spec.place()}
}

func unreadable(spec Spec, dir string, err error) error {
	return &report.Error{Kind: report.Service, What: "cannot read what service " + spec.Name + " is built from", Where: dir, Err: err, Next: "check that the folder exists and is readable, then conduit sync"}
}

// buildArgs are the values of a build's arguments; one without a value takes that of the variable of its name.
func buildArgs(p *types.Project, s types.ServiceConfig) map[string]string {
	args := types.MappingWithEquals{}.OverrideBy(s.Build.Args).Resolve(func(name string) (string, bool) {
		v, ok := p.Environment[name]
		return v, ok
	})
	out := map[string]string{}
	for name, value := range args {
		if value != nil {
			out[name] = *value
		}
	}
	return out
}
