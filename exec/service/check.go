package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Finding is something that the author of a package should know about it.
type Finding struct {
	Level string `json:"level"`          // LevelError or LevelWarning
	Where string `json:"where"`          // "docker-compose.yml:7", within the package
	What  string `json:"what"`           // what stands there, and what conduit does about it
	Next  string `json:"next,omitempty"` // what to write instead

	fixed  bool   // it would keep a second copy from running beside the first
	change string // what conduit changes, in few words; "" where it is advice only
}

// Levels of findings: conduit refuses the package for an error, and works around what a warning names.
const (
	LevelError   = "error"
	LevelWarning = "warning"
)

// Check reads the package of spec as its author would want it read: what conduit would refuse in its compose file, and what
// it would change. It needs no engine. The findings stand in the order of the file, those of loading it first.
func Check(ctx context.Context, spec Spec) []Finding {
	if !hasCompose(spec) {
		if spec.manifest().Process != nil {
			return nil
		}
		return []Finding{refusal(spec, composeMissing(spec, composeFile(spec), os.ErrNotExist))}
	}
	out := changes(spec)
	p, err := load(ctx, spec)
	if err != nil {
		return append([]Finding{refusal(spec, err)}, out...)
	}
	file := composeFile(spec)
	data, err := os.ReadFile(file)
	if err != nil {
		return append([]Finding{refusal(spec, err)}, out...)
	}
	refused := 0
	for _, name := range p.ServiceNames() {
		if why := forbidden(spec, p.Services[name]); why != "" {
			key, _, _ := strings.Cut(why, ":")
			out = append(out, Finding{Level: LevelError, Where: place(spec, file, lineOfPath(data, []string{"services", name, key})),
				What: "services." + name + ": " + why, Next: "take it out: conduit refuses it in a package that is not the user's own folder"})
			refused++
		}
	}
	if refused == 0 {
		pl, err := compose(report.To(ctx, nil), spec)
		if err == nil {
			out = append(out, pl.unread...)
			_, err = Images(ctx, spec)
		}
		if err != nil {
			out = append(out, refusal(spec, err))
		}
	}
	if h := spec.manifest().Health; h.Path == "" && spec.Hint.HealthEndpoint == "" {
		checked := false
		for _, s := range p.Services {
			checked = checked || s.HealthCheck != nil && !s.HealthCheck.Disable
		}
		if !checked {
			out = append(out, Finding{Level: LevelWarning, Where: spec.manifest().File, What: "no health check is declared: the service counts as ready when its port takes connections",
				Next: "declare one, as in\n  docker:\n    healthCheck:\n      url: http://localhost:__PORT__/health"})
		}
	}
	return out
}

// refusal is an error about the package of spec as a finding.
func refusal(spec Spec, err error) Finding {
	f := FindingOf(err)
	f.Where = within(spec, f.Where)
	if f.Where == "" {
		f.Where = within(spec, composeFile(spec))
	}
	if strings.Contains(f.Next, "[replace]") { // advice for users of the package, not for its author
		f.Next = "mend it in this file"
	}
	return f
}

// FindingOf is an error about a package as a finding.
func FindingOf(err error) Finding {
	var e *report.Error
	if !errors.As(err, &e) {
		return Finding{Level: LevelError, What: err.Error()}
	}
	f := Finding{Level: LevelError, Where: e.Where, What: e.What, Next: e.Next}
	switch {
	case e.Why != "":
		f.What += ": " + e.Why
	case e.Err != nil:
		f.What += ": " + e.Err.Error()
	}
	return f
}

// within is a place relative to the package.
func within(spec Spec, where string) string {
	if rel, ok := strings.CutPrefix(where, spec.Dir+string(filepath.Separator)); ok {
		return filepath.ToSlash(rel)
	}
	return where
}

func place(spec Spec, file string, line int) string {
	where := within(spec, file)
	if line > 0 {
		where += ":" + strconv.Itoa(line)
	}
	return where
}
