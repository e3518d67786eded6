package project

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// listMost is how many models a message lists; some providers have hundreds.
const listMost = 20

// modelFor finds the model that a request means: the one that it names, else the only one that has the capability and takes the
// inputs. A provider that lists no models, or not the one that is named, decides by itself; the model has no ID then.
func modelFor(ctx context.Context, provider caller, req RunRequest) (plugin.Model, error) {
	if req.Model != "" {
		about, err := provider.Describe(ctx) // without the wait for models that are discovered late
		if err != nil {
			return plugin.Model{}, err
		}
		at := slices.IndexFunc(about.Models, func(m plugin.Model) bool { return m.ID == req.Model })
		if at < 0 {
			return plugin.Model{}, nil
		}
		return about.Models[at], accepts(req, about.Models, about.Models[at])
	}
	models, err := provider.Models(ctx)
	if err != nil || len(models) == 0 {
		return plugin.Model{}, err
	}
	able := having(models, req.Capability)
	if len(able) == 0 {
		return plugin.Model{}, &report.Error{Kind: report.Usage, What: "no model of " + req.Provider + " has the capability " + req.Capability,
			Next: "use one of: " + strings.Join(capabilities(models), ", ")}
	}
	fitting := slices.DeleteFunc(slices.Clone(able), func(m plugin.Model) bool { return refused(m, req.Inputs) != "" })
	switch len(fitting) {
	case 0:
		return plugin.Model{}, accepts(req, able, able[0])
	case 1:
		return fitting[0], nil
	}
	return plugin.Model{}, &report.Error{Kind: report.Usage, What: fmt.Sprintf("%s has %d models that could do this", req.Provider, len(fitting)),
		Next: "name one:\n" + commands(req.Provider, fitting)}
}

// having are the models with a capability, all of them for none.
func having(models []plugin.Model, capability string) []plugin.Model {
	if capability == "" {
		return models
	}
	return slices.DeleteFunc(slices.Clone(models), func(m plugin.Model) bool { return !slices.Contains(m.Capabilities, capability) })
}

func capabilities(models []plugin.Model) []string {
	var out []string
	for _, m := range models {
		out = append(out, m.Capabilities...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// commands are the command lines that name models.
func commands(provider string, models []plugin.Model) string {
	var lines []string
	for _, m := range models[:min(len(models), listMost)] {
		lines = append(lines, "conduit run "+provider+"/"+m.ID)
	}
	if len(models) > listMost {
		lines = append(lines, "conduit models "+provider+"    lists all")
	}
	return strings.Join(lines, "\n")
}

// accepts is an error where the model does not take the request's inputs: the SDK would hand them over, and the model ignore
// them. It proposes those of others that do take them.
func accepts(req RunRequest, others []plugin.Model, m plugin.Model) error {
	bad := refused(m, req.Inputs)
	if bad == "" {
		return nil
	}
	e := &report.Error{Kind: report.Usage, What: fmt.Sprintf("%s/%s takes %s, and %s was given", req.Provider, m.ID, strings.Join(types(m.InputTypes), " or "), bad)}
	fitting := slices.DeleteFunc(slices.Clone(others), func(m plugin.Model) bool { return refused(m, req.Inputs) != "" })
	if len(fitting) > 0 {
		e.Next = "take a model for that:\n" + commands(req.Provider, fitting)
	} else {
		e.Next = "conduit models " + req.Provider + "    shows what each model takes"
	}
	return e
}

// refused names the input that a model does not take, "" where it takes all. A text beside other media is what to do with
// them: models take it without saying so.
func refused(m plugin.Model, inputs []plugin.Media) string {
	takes := types(m.InputTypes)
	if len(takes) == 0 {
		return ""
	}
	onlyText := true
	for _, in := range inputs {
		if in.Type == "text" {
			continue
		}
		onlyText = false
		if !slices.Contains(takes, in.Type) {
			if in.Type == "file" && in.MIME != "" {
				return in.MIME
			}
			return in.Type
		}
	}
	if onlyText && len(inputs) > 0 && !slices.Contains(takes, "text") {
		return "text"
	}
	return ""
}

// types are types of media in conduit's words; some providers state MIME types ("text/plain").
func types(stated []string) []string {
	var out []string
	for _, t := range stated {
		t, _, _ = strings.Cut(strings.ToLower(t), "/")
		if t == "model" {
			t = "3d"
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
