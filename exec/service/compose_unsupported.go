package service

import (
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/report"
)

// gap is what a compose file asks for and no engine outside of a cluster can do.
type gap struct {
	path []string // where it stands in the compose file
	why  string
	next string
}

// unsupported refuses what would otherwise fail half-way through a start, or be left out in silence. It holds for the user's
// own folders too: trust does not help here.
func unsupported(spec Spec, pl *plan) error {
	g := missingFeature(pl)
	if g == nil {
		return nil
	}
	file := composeFile(spec)
	where := file
	if data, err := os.ReadFile(file); err == nil {
		if line := lineOfPath(data, g.path); line > 0 {
			where = fmt.Sprintf("%s:%d", file, line)
		}
	}
	next := g.next
	if !spec.trusted() {
		next += fmt.Sprintf("; use a copy of the package that you change: [replace] \"%s\" = \"file:…\" in conduit.toml", spec.Source)
	}
	return &report.Error{Kind: report.Service, What: "service " + spec.Name + " asks for what the Docker engine cannot do", Where: where,
		Why: strings.Join(g.path, ".") + ": " + g.why, Next: next}
}

func missingFeature(pl *plan) *gap {
	for _, name := range pl.project.ServiceNames() {
		s := pl.project.Services[name]
		if g := missingFiles(pl.project, s); g != nil {
			return g
		}
		if g := missingIn(s); g != nil {
			return g
		}
	}
	return missingMain(pl)
}

// missingFiles finds secrets and configs that cannot be put into a container.
func missingFiles(p *types.Project, s types.ServiceConfig) *gap {
	// What is no file on the host is written into the container before that starts, and a read-only one takes nothing.
	closed := func(what, key string) *gap {
		return &gap{[]string{"services", s.Name, "read_only"}, fmt.Sprintf("the %s %s is no file, and cannot be put into a read-only container", what, key),
			"give " + key + " file: in the compose file, or take read_only out"}
	}
	for _, ref := range s.Secrets {
		f := types.FileObjectConfig(p.Secrets[ref.Source])
		if g := missingFile("secrets", ref.Source, f); g != nil {
			return g
		}
		if s.ReadOnly && f.File == "" {
			return closed("secret", ref.Source)
		}
	}
	for _, ref := range s.Configs {
		f := types.FileObjectConfig(p.Configs[ref.Source])
		if g := missingFile("configs", ref.Source, f); g != nil {
			return g
		}
		if s.ReadOnly && f.File == "" {
			return closed("config", ref.Source)
		}
	}
	return nil
}

// missingFile finds what only a cluster's store of secrets and configs has.
func missingFile(kind, key string, f types.FileObjectConfig) *gap {
	next := "give it file: or environment: instead, or content: where it is a config"
	switch {
	case bool(f.External):
		return &gap{[]string{kind, key, "external"}, "only a cluster keeps " + kind + " of its own", next}
	case f.Driver != "":
		return &gap{[]string{kind, key, "driver"}, "only a cluster has drivers for " + kind, next}
	case f.TemplateDriver != "":
		return &gap{[]string{kind, key, "template_driver"}, "only a cluster fills in templates", next}
	}
	return nil
}

// missingIn finds what containers of Linux on one machine do not have.
func missingIn(s types.ServiceConfig) *gap {
	at := func(keys ...string) []string { return append([]string{"services", s.Name}, keys...) }
	if s.CredentialSpec != nil {
		return &gap{at("credential_spec"), "only containers of Windows have credential specs", "take credential_spec out of the compose file"}
	}
	for _, h := range s.PreStart {
		if h.PerReplica {
			return &gap{at("pre_start", "per_replica"), "a pre_start hook runs once for all copies of a service", "take per_replica out of the compose file"}
		}
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeCluster {
			return &gap{at("volumes"), "type cluster: only a cluster has such volumes", "write type: volume in the compose file"}
		}
	}
	return nil
}

// missingMain finds why nobody could reach the service that providers talk to.
func missingMain(pl *plan) *gap {
	s := pl.project.Services[pl.main]
	if s.GetScale() == 0 {
		return &gap{[]string{"services", s.Name, "scale"}, "providers talk to this service, and no container of it would run", "write scale: 1, or more, in the compose file"}
	}
	if len(s.Ports) == 0 || len(s.Networks) == 0 || s.NetworkMode != "" {
		return nil
	}
	key := ""
	for _, key = range s.NetworksByPriority() {
		if !pl.project.Networks[key].Internal {
			return nil
		}
	}
	return &gap{[]string{"networks", key, "internal"}, "providers talk to service " + s.Name + " through a published port, and an internal network publishes none",
		"give " + s.Name + " a second network that is not internal"}
}
