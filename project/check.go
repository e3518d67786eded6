package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/sdk"
)

// Checked is what Check found in a package.
type Checked struct {
	Kinds    []string          `json:"kinds"` // "provider", "service" or both
	Findings []service.Finding `json:"findings"`
}

// Errors is how many of the findings make conduit refuse the package.
func (c Checked) Errors() int {
	n := 0
	for _, f := range c.Findings {
		if f.Level == service.LevelError {
			n++
		}
	}
	return n
}

// subjectChecked is what messages call the package that is checked.
const subjectChecked = "the package"

// Check reads the package in a folder as its author would want it read, and lists what conduit refuses in it and what it
// works around: in the manifest, the compose file and the provider's code, but for its libraries. It belongs to no project,
// makes no request and writes nothing. A folder that holds no package is an error.
func Check(ctx context.Context, dir string) (Checked, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return Checked{}, &report.Error{Kind: report.Usage, What: "there is no such folder", Where: dir, Err: err, Next: "conduit check DIR"}
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return Checked{}, &report.Error{Kind: report.Usage, What: "this is a file, not a package's folder", Where: dir, Next: "conduit check " + filepath.Dir(dir)}
	}
	out := Checked{Kinds: []string{}, Findings: []service.Finding{}}
	ctx = report.To(ctx, func(e report.Event) {
		if e.Type == report.Warning {
			out.Findings = append(out.Findings, service.Finding{Level: service.LevelWarning, Where: e.Where, What: e.Message})
		}
	})
	provider, providerErr := manifest.ReadProvider(ctx, dir, subjectChecked)
	if providerErr == nil || !errors.Is(providerErr, fs.ErrNotExist) {
		out.Kinds = append(out.Kinds, "provider")
		if providerErr == nil {
			out.checkProvider(ctx, dir, provider)
		}
		out.add(providerErr)
	}
	about, serviceErr := manifest.ReadService(ctx, dir, subjectChecked)
	switch {
	case serviceErr == nil:
		out.Kinds = append(out.Kinds, "service")
		out.Findings = append(out.Findings, service.Check(ctx, service.Spec{
			Project: "check", Name: about.ID, Source: subjectChecked, Dir: dir, Service: about,
		})...)
	case !errors.Is(serviceErr, fs.ErrNotExist):
		out.Kinds = append(out.Kinds, "service")
		out.add(serviceErr)
	}
	if len(out.Kinds) == 0 {
		return out, providerErr
	}
	slices.SortStableFunc(out.Findings, func(a, b service.Finding) int { return order(a) - order(b) })
	return out, nil
}

// checkProvider reads what can be told of a provider without its libraries: which ones it asks for, and its own code.
func (c *Checked) checkProvider(ctx context.Context, dir string, about *manifest.Provider) {
	c.add(resolve.CheckSDK(about.SDK, sdk.Version, subjectChecked))
	if len(about.Overrides) == 0 { // which may put something else in their place
		for _, err := range library.CheckNeeds(subjectChecked, about.Libraries, about.Peers) {
			c.add(err)
		}
	}
	warnings, err := build.CheckSource(ctx, build.Input{Subject: subjectChecked, Dir: dir, Provider: about})
	for _, w := range warnings {
		report.Emit(ctx, w)
	}
	c.add(err)
}

// order puts errors first.
func order(f service.Finding) int {
	if f.Level == service.LevelError {
		return 0
	}
	return 1
}

func (c *Checked) add(err error) {
	if err != nil {
		c.Findings = append(c.Findings, service.FindingOf(report.OfDisk(err)))
	}
}
