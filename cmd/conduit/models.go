package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
)

func (a *app) modelsCommand() *cobra.Command {
	var capability string
	c := &cobra.Command{
		Use:   "models [NAME]",
		Short: "List the models of a provider, or of all",
		Long: `List the models of a provider, or of all: what they take, what they make, and what they cost as their providers state it.
The providers run for it, and the services that they need are started.`,
		Example: "  conduit models cowsay\n  conduit models --capability text-to-image",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, given []string) ([]project.Model, error) {
			models, err := p.Models(ctx, strings.Join(given, ""), capability)
			return orEmpty(models), err
		}, func(models []project.Model) error {
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tCAPABILITIES\tTAKES\tMAKES\tCOST\tNAME")
			for _, m := range models {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(m.Provider+"/"+m.ID), list(m.Capabilities), list(m.InputTypes), list(m.OutputTypes),
					printable(cost(m.Pricing)), printable(m.Name))
			}
			return w.Flush()
		}),
	}
	c.Flags().StringVar(&capability, "capability", "", "only models that can do this, such as text-to-image")
	return c
}

func list(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return printable(strings.Join(words, ","))
}

// cost is a model's pricing in its provider's own words: providers name and count differently.
func cost(pricing map[string]any) string {
	if len(pricing) == 0 {
		return "-"
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(pricing)) {
		value, ok := pricing[key].(string)
		if !ok {
			data, err := json.Marshal(pricing[key])
			if err != nil {
				continue
			}
			value = string(data)
		}
		out = append(out, key+"="+value)
	}
	return strings.Join(out, " ")
}
