package service

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
)

// label marks every container with what [dockerDriver.List] needs to describe the instance without the package.
func (pl *plan) label(spec Spec) error {
	data, err := json.Marshal(record{
		Name: spec.Name, Source: spec.Source, Version: spec.Version, Hash: pl.hash,
		Main: pl.main, Port: pl.port, Health: spec.healthPath(), Timeout: spec.probeTimeout(),
		Patience: max(spec.patience(), pl.checked), Dir: spec.Dir, File: composeFile(spec),
		Image: pl.project.Services[pl.main].Image,
	})
	if err != nil {
		return err
	}
	for name, s := range pl.project.Services {
		s.Labels = own(spec, s.Labels)
		s.Labels[labelRecord] = string(data)
		if len(s.PreStop) > 0 {
			hooks, err := json.Marshal(s.PreStop)
			if err != nil {
				return err
			}
			s.Labels[labelPreStop] = string(hooks)
		}
		if s.Attach != nil && !*s.Attach {
			s.Labels[labelAttach] = "false"
		}
		s.CustomLabels = types.Labels{
			api.ProjectLabel:     pl.project.Name,
			api.ServiceLabel:     name,
			api.VersionLabel:     api.ComposeVersion,
			api.WorkingDirLabel:  pl.project.WorkingDir,
			api.ConfigFilesLabel: composeFile(spec),
			api.OneoffLabel:      "False",
		}
		pl.project.Services[name] = s
	}
	return nil
}

// Labels on containers, networks and volumes. They are the driver's only state.
const (
	labelProject = "mediaconduit.project" // Spec.Project
	labelName    = "mediaconduit.name"    // Spec.Name
	labelRecord  = "mediaconduit.service" // a record, on containers
	labelAttach  = "mediaconduit.attach"  // "false" on containers whose log is not shown while they are up
	labelPreStop = "mediaconduit.prestop" // the hooks to run before a container is stopped, on those that have any
)

func own(spec Spec, labels types.Labels) types.Labels {
	kept := types.Labels{}
	for k, v := range labels {
		if !strings.HasPrefix(k, "mediaconduit.") {
			kept[k] = v
		}
	}
	kept[labelProject], kept[labelName] = spec.Project, spec.Name
	return kept
}

// record is what an instance says about itself, in its labels or in the process driver's state file.
type record struct {
	Name     string        `json:"name"`
	Source   string        `json:"source"`
	Version  string        `json:"version,omitempty"`
	Hash     string        `json:"hash"`
	Main     string        `json:"main,omitempty"` // compose service
	Port     int           `json:"port,omitempty"` // container port; the host port of a process
	Health   string        `json:"health,omitempty"`
	Timeout  time.Duration `json:"timeout,omitempty"`  // of one probe, nanoseconds
	Patience time.Duration `json:"patience,omitempty"` // how long a start may take as declared, nanoseconds; 0 when it is not
	Dir      string        `json:"dir"`
	File     string        `json:"file,omitempty"`  // compose file
	Image    string        `json:"image,omitempty"` // of Main, as the lock names it: the container may have it by its ID
}
