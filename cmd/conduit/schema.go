package main

import (
	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/schema"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [conduit|provider|service]",
		Short: "Print the JSON Schema of a file, for editors",
		Long: `Print the JSON Schema of conduit.toml (the default), MediaConduit.provider.yml or MediaConduit.service.yml.
Editors complete and check a file that names its schema in the first line:

  conduit schema > conduit.schema.json
      conduit.toml:               #:schema ./conduit.schema.json
  conduit schema provider > provider.schema.json
      MediaConduit.provider.yml:  # yaml-language-server: $schema=provider.schema.json`,
		Args:      args(cobra.MaximumNArgs(1)),
		ValidArgs: schema.Names,
		RunE: func(_ *cobra.Command, given []string) error {
			name := schema.Names[0]
			if len(given) > 0 {
				name = given[0]
			}
			text, ok := schema.Text(name)
			if !ok {
				return &report.Error{Kind: report.Usage, What: "there is no schema of " + name, Next: "conduit schema conduit, provider or service"}
			}
			_, err := a.stdout.Write(text)
			return err
		},
	}
}
