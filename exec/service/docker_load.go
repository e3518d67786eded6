package service

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// An engine into which an image was loaded does not know which digest it has in a registry. What it should have is told by
// the image's manifest, which is compared with the locked digest: the ID of the image, which is the digest of its
// configuration. Containers are made from the ID.

// loaded is the ID by which the engine has a locked image that did not come from a registry, "" where it has none.
func (d *dockerDriver) loaded(ctx context.Context, engine client.APIClient, from image.Blobs, ref, platform string) (string, error) {
	digest := image.Pinned(ref)
	if from == nil || digest == "" {
		return "", nil
	}
	on, err := d.platform(ctx, engine, platform)
	if err != nil {
		return "", err
	}
	parts, err := image.Find(ctx, from, ref, digest, on)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, image.ErrPlatform) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return d.identified(ctx, engine, ref, platform, parts)
}

// identified is the ID under which the engine has the image of parts, "" where it does not have it.
func (d *dockerDriver) identified(ctx context.Context, engine client.APIClient, ref, platform string, parts image.Parts) (string, error) {
	local, err := image.LocalName(ref, image.Pinned(ref), platform)
	if err != nil {
		return "", err
	}
	for _, name := range []string{local, parts.Config.Digest.String()} {
		found, err := engine.ImageInspect(ctx, name)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return "", d.failed(ctx, err, "cannot look up image "+name, d.cli.DockerEndpoint().Host, startEngine)
		}
		if id := canonical(found.ID); slices.Contains(parts.IDs(), id) { // the name alone says nothing: anybody can give it
			return id, nil
		}
	}
	return "", nil
}

// canonical is an ID as Docker writes it; Podman leaves the algorithm out.
func canonical(id string) string {
	if strings.Contains(id, ":") {
		return id
	}
	return "sha256:" + id
}

// platform is the one that an image is wanted for: the compose file's, else the engine's.
func (d *dockerDriver) platform(ctx context.Context, engine client.APIClient, declared string) (string, error) {
	if declared != "" {
		return declared, nil
	}
	v, err := engine.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", d.failed(ctx, err, "cannot ask the Docker engine what it is", d.cli.DockerEndpoint().Host, startEngine)
	}
	if v.Os == "" || v.Arch == "" {
		return "linux/" + runtime.GOARCH, nil
	}
	return v.Os + "/" + v.Arch, nil
}

// rename puts another name for an image into a compose service and its hooks.
func (pl *plan) rename(service, from, to string) {
	s := pl.project.Services[service]
	if s.Image == from {
		s.Image = to
	}
	for i := range s.PreStart {
		if s.PreStart[i].Image == from {
			s.PreStart[i].Image = to
		}
	}
	pl.project.Services[service] = s
}

// carry loads those of the missing images into the engine that this machine or a mirror has, and returns the others.
func (d *dockerDriver) carry(ctx context.Context, engine client.APIClient, spec Spec, pl *plan, missing []string) (left []string, err error) {
	for _, name := range pl.project.ServiceNames() {
		s := pl.project.Services[name]
		for _, ref := range append([]string{s.Image}, hookImages(s)...) {
			if !contains(missing, ref) || contains(left, ref) {
				continue
			}
			id, _, err := d.load(ctx, engine, spec, ref, s.Platform)
			if err != nil {
				return nil, err
			}
			if id == "" {
				left = append(left, ref)
				continue
			}
			pl.rename(name, ref, id)
		}
	}
	return left, nil
}

// carryBases does the same for the images that builds are made on. It returns what they are called in the engine, by reference
// with digest, as far as they were loaded.
func (d *dockerDriver) carryBases(ctx context.Context, engine client.APIClient, spec Spec, p *types.Project) (map[string]string, error) {
	local := map[string]string{}
	for _, i := range spec.Images {
		s, built := p.Services[i.Service]
		ref := image.Pin(i.Ref, i.Digest)
		if !built || s.Build == nil || image.Pinned(ref) == "" || local[ref] != "" {
			continue
		}
		if has, err := d.has(ctx, engine, ref); err != nil {
			return nil, err
		} else if has {
			continue
		}
		_, name, err := d.load(ctx, engine, spec, ref, s.Platform)
		if err != nil {
			return nil, err
		}
		if name != "" {
			local[ref] = name
		}
	}
	return local, nil
}

// load has a locked image in the engine, from what this machine or a mirror has of it, and returns its ID and its name there. Both
// are "" where there is nothing and its registry is to be asked.
func (d *dockerDriver) load(ctx context.Context, engine client.APIClient, spec Spec, ref, platform string) (id, local string, err error) {
	digest := image.Pinned(ref)
	if spec.Carried == nil || digest == "" {
		return "", "", nil
	}
	on, err := d.platform(ctx, engine, platform)
	if err != nil {
		return "", "", err
	}
	parts, err := image.Find(ctx, spec.Carried, ref, digest, on)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	if local, err = image.LocalName(ref, digest, platform); err != nil {
		return "", "", err
	}
	if id, err = d.identified(ctx, engine, ref, platform, parts); err != nil {
		return "", "", err
	}
	if id != "" {
		_, err := engine.ImageTag(ctx, client.ImageTagOptions{Source: id, Target: local})
		if err != nil {
			return "", "", d.failed(ctx, err, "cannot name image "+ref, d.cli.DockerEndpoint().Host, startEngine)
		}
		return id, local, nil
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: ref, Message: "loading the image into the engine"})
	err = d.transfer(ctx, engine, spec, ref, local, parts)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	if id, err = d.identified(ctx, engine, ref, platform, parts); err != nil {
		return "", "", err
	}
	if id == "" {
		got := "nothing"
		if found, err := engine.ImageInspect(ctx, local); err == nil {
			got = found.ID
			_, _ = engine.ImageRemove(ctx, local, client.ImageRemoveOptions{}) // nobody starts it: the error says so
		}
		return "", "", verify.Mismatch("the image "+ref+" in the engine", "ID", parts.Config.Digest.String(), got)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: ref, Message: "image loaded"})
	report.Record(ctx, report.Action{Act: report.Fetched, Subject: ref, Name: spec.Name, Digest: digest})
	return id, local, nil
}

// transfer streams an image into the engine. All blobs are here by then, or come now.
func (d *dockerDriver) transfer(ctx context.Context, engine client.APIClient, spec Spec, ref, local string, parts image.Parts) error {
	for _, b := range parts.All() { // an engine that waits for a mirror would hold the connection for long
		in, err := spec.Carried.Open(ctx, b)
		if err != nil {
			return err
		}
		if err := in.Close(); err != nil {
			return err
		}
	}
	read, write := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := image.Archive(ctx, write, spec.Carried, ref, local, parts)
		written <- err
		_ = write.CloseWithError(err)
	}()
	res, err := engine.ImageLoad(ctx, read, client.ImageLoadWithQuiet(true))
	said := ""
	if err == nil {
		said, err = loadFailure(res)
		err = errors.Join(err, res.Close())
	}
	_ = read.Close()
	if wrong := <-written; wrong != nil && !errors.Is(wrong, io.ErrClosedPipe) {
		return wrong
	}
	if err == nil && said == "" {
		return nil
	}
	if err == nil {
		err = errors.New(said)
	}
	return d.failed(ctx, err, "the engine does not take the image "+ref, d.cli.DockerEndpoint().Host, "check that the engine has room (docker system df) and knows this kind of image, then conduit sync")
}

// loadFailure is what an engine says of a load that failed, after it has begun to answer.
func loadFailure(answer io.Reader) (string, error) {
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var message struct{ Error string }
		if json.Unmarshal(lines.Bytes(), &message) == nil && message.Error != "" {
			return message.Error, nil
		}
	}
	return "", lines.Err()
}
