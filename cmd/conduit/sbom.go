package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

func (a *app) sbomCommand() *cobra.Command {
	var format, out, name string
	c := &cobra.Command{
		Use:   "sbom",
		Short: "Write what the lock holds as CycloneDX or SPDX",
		Long: `Write a software bill of materials of the lock: providers, services, libraries, images and Node.js, for all platforms, with
their digests and package URLs, what depends on what, and the licences that packages state. Packages that the cache lacks
are fetched for these; with --offline they are listed without.

The same lock gives the same bytes. SOURCE_DATE_EPOCH sets the time that the document bears.`,
		Example: "  conduit sbom -o bom.json\n  conduit sbom --format spdx --name shop",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "cyclonedx" && format != "spdx" {
				return &report.Error{Kind: report.Usage, What: fmt.Sprintf("--format %s means nothing", format), Next: "use one of cyclonedx, spdx"}
			}
			ctx := a.context(cmd.Context())
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			doc, err := p.Bill(ctx, project.BillOptions{Name: name, Version: manners.Version()})
			a.finish()
			if err != nil {
				return err
			}
			write := doc.CycloneDX
			if format == "spdx" {
				write = doc.SPDX
			}
			text, err := write()
			if err != nil {
				return err
			}
			if out == "" || out == "-" {
				_, err := a.stdout.Write(text)
				a.wrote(err)
				return nil
			}
			err = replaceFile(out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
			if err != nil {
				return &report.Error{What: "cannot write the bill of materials", Where: out, Err: err, Next: "name a file in a writable folder with -o"}
			}
			return a.say(fmt.Sprintf("wrote %s to %s", count(len(doc.Parts), "component", "components"), out))
		},
	}
	c.Flags().StringVar(&format, "format", "cyclonedx", "cyclonedx (1.6, JSON) or spdx (2.3, JSON)")
	c.Flags().StringVarP(&out, "output", "o", "", "write to this file instead of standard output")
	c.Flags().StringVar(&name, "name", "", "the project's name in the document (default conduit-project)")
	return c
}
