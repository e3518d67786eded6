package service

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// insert is a secret or config that is written into a container before it starts: one that is a value, or one that is a file
// and is to have another owner or mode there than on the host.
type insert struct {
	what   string // "secrets.NAME" or "configs.NAME"
	target string // path in the container
	value  string
	uid    int
	gid    int
	mode   int64
}

// secretsDir is where secrets are unless the compose file says otherwise.
const secretsDir = "/run/secrets"

// takeInserts takes what is to be written into containers out of a compose service: compose would give such files to the
// container's user whatever uid and gid say, and older engines (20.10) fail where that user is a number. Other files are mounted.
func (pl *plan) takeInserts(spec Spec, s *types.ServiceConfig) error {
	p := pl.project
	var secrets []types.ServiceSecretConfig
	for _, ref := range s.Secrets {
		in, err := insertOf(spec, p, s, "secrets", secretsDir, types.FileReferenceConfig(ref), types.FileObjectConfig(p.Secrets[ref.Source]))
		if err != nil {
			return err
		}
		if in == nil {
			secrets = append(secrets, ref)
			continue
		}
		pl.inserts[s.Name] = append(pl.inserts[s.Name], *in)
	}
	var configs []types.ServiceConfigObjConfig
	for _, ref := range s.Configs {
		in, err := insertOf(spec, p, s, "configs", "/", types.FileReferenceConfig(ref), types.FileObjectConfig(p.Configs[ref.Source]))
		if err != nil {
			return err
		}
		if in == nil {
			configs = append(configs, ref)
			continue
		}
		pl.inserts[s.Name] = append(pl.inserts[s.Name], *in)
	}
	s.Secrets, s.Configs = secrets, configs
	return nil
}

// insertOf is what a reference to a secret or config has written into the container; nil for one that is mounted.
func insertOf(spec Spec, p *types.Project, s *types.ServiceConfig, kind, dir string, ref types.FileReferenceConfig, f types.FileObjectConfig) (*insert, error) {
	owned := ref.UID != "" || ref.GID != "" || ref.Mode != nil
	if f.File != "" && (!owned || s.ReadOnly) { // nothing can be written into a read-only container
		return nil, nil
	}
	in := &insert{what: kind + "." + ref.Source, target: ref.Target, mode: 0o444}
	if in.target == "" {
		in.target = ref.Source
	}
	if !path.IsAbs(in.target) {
		in.target = path.Join(dir, in.target)
	}
	if ref.Mode != nil {
		in.mode = int64(*ref.Mode)
	}
	for _, id := range []struct {
		key, text string
		to        *int
	}{{"uid", ref.UID, &in.uid}, {"gid", ref.GID, &in.gid}} {
		if id.text == "" {
			continue
		}
		n, err := strconv.Atoi(id.text)
		if err != nil || n < 0 {
			return nil, &report.Error{Kind: report.Service, What: fmt.Sprintf("the compose file of service %s is not valid", spec.Name), Where: composeFile(spec),
				Why: fmt.Sprintf("%s of %s is %q, which is no number", id.key, in.what, id.text), Next: "write the number of the user or group; names are known in the image only"}
		}
		*id.to = n
	}
	if f.File != "" {
		data, err := os.ReadFile(f.File)
		if err != nil {
			return nil, &report.Error{Kind: report.Service, What: fmt.Sprintf("cannot read %s of service %s", in.what, spec.Name), Where: f.File, Err: err,
				Next: "check that the file exists and is readable; the package is " + spec.place()}
		}
		in.value = string(data)
		return in, nil
	}
	if in.value = f.Content; in.value == "" {
		in.value = p.Environment[f.Environment]
	}
	return in, nil
}

// undeclared is the error for a secret or config whose value comes from a variable that nobody has set.
func undeclared(spec Spec, pl *plan) error {
	for _, name := range pl.project.ServiceNames() {
		for _, in := range pl.inserts[name] {
			kind, key, _ := strings.Cut(in.what, ".")
			variable := pl.project.Secrets[key].Environment
			if kind == "configs" {
				variable = pl.project.Configs[key].Environment
			}
			if in.value != "" || variable == "" {
				continue
			}
			return &report.Error{Kind: report.Service, What: fmt.Sprintf("service %s needs the variable %s", spec.Name, variable), Where: composeFile(spec),
				Why: in.what + " takes its value from it, and it is not set", Next: spec.variable(variable, "…")}
		}
	}
	return nil
}

// writeInserts writes secrets and configs into the containers that do not run yet.
func writeInserts(ctx context.Context, engine client.APIClient, pl *plan, containers []container.InspectResponse) error {
	for _, c := range containers {
		list := pl.inserts[c.Config.Labels[api.ServiceLabel]]
		if len(list) == 0 || c.State.Running {
			continue
		}
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		for _, in := range list {
			if err := w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(in.target, "/"), Size: int64(len(in.value)), Mode: in.mode, Uid: in.uid, Gid: in.gid}); err != nil {
				return err
			}
			if _, err := w.Write([]byte(in.value)); err != nil {
				return err
			}
		}
		if err := w.Close(); err != nil {
			return err
		}
		if _, err := engine.CopyToContainer(ctx, c.ID, client.CopyToContainerOptions{DestinationPath: "/", Content: &archive}); err != nil {
			return fmt.Errorf("writing secrets and configs into %s: %w", c.Name, err)
		}
	}
	return nil
}
