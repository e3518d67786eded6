package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) graphCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "graph",
		Short: "Show what requires what",
		Long: `Show which package of the lock requires which, with ranges. It makes no request.

  conduit graph --format dot | dot -Tsvg > graph.svg`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, given []string) error {
			draw, ok := drawings[format]
			if !ok {
				return &report.Error{Kind: report.Usage, What: fmt.Sprintf("--format %s means nothing", format), Next: "use one of tree, dot, mermaid, json"}
			}
			a.json = a.json || format == "json"
			return inProject(a, func(ctx context.Context, p *project.Project, _ []string) (project.Graph, error) {
				return p.Graph(ctx)
			}, func(g project.Graph) error {
				draw(a.stdout, g)
				return nil
			})(cmd, given)
		},
	}
	c.Flags().StringVar(&format, "format", "tree", "tree, dot, mermaid or json")
	return c
}

var drawings = map[string]func(io.Writer, project.Graph){"tree": drawTree, "dot": drawDot, "mermaid": drawMermaid, "json": nil}

// drawTree indents what each package requires below it. What stands there already is not repeated; a cycle ends there, too.
func drawTree(w io.Writer, g project.Graph) {
	nodes := map[string]project.GraphNode{}
	for _, n := range g.Nodes {
		nodes[n.ID] = n
	}
	fmt.Fprintln(w, project.RootID)
	seen := map[string]bool{}
	var below func(id, indent string)
	below = func(id, indent string) {
		edges := g.From(id)
		for i, e := range edges {
			branch, deeper := "├── ", "│   "
			if i == len(edges)-1 {
				branch, deeper = "└── ", "    "
			}
			n := nodes[e.To]
			text := fmt.Sprintf("%s (%s %s", e.To, n.Kind, n.Name)
			if e.Range != "" && !e.Pins() {
				text += ", " + e.Range
			}
			if n.Replaces != "" {
				text += ", in place of " + n.Replaces
			}
			if n.Libraries > 0 {
				text += ", " + count(n.Libraries, "library", "libraries")
			}
			text += ")"
			again := seen[e.To] && len(g.From(e.To)) > 0
			if again {
				text += " (*)"
			}
			fmt.Fprintln(w, indent+branch+printable(text))
			if !seen[e.To] {
				seen[e.To] = true
				below(e.To, indent+deeper)
			}
		}
	}
	below(project.RootID, "")
}

// drawDot writes the language of Graphviz.
func drawDot(w io.Writer, g project.Graph) {
	fmt.Fprintln(w, "digraph conduit {\n\trankdir=LR;\n\tnode [shape=box];")
	for _, n := range g.Nodes {
		shape := ""
		if n.Kind == "service" {
			shape = ", shape=cylinder"
		}
		fmt.Fprintf(w, "\t%s [label=%s%s];\n", dotQuote(n.ID), dotQuote(label(n, `\n`)), shape)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(w, "\t%s -> %s", dotQuote(e.From), dotQuote(e.To))
		if e.Range != "" && !e.Pins() {
			fmt.Fprintf(w, " [label=%s]", dotQuote(e.Range))
		}
		fmt.Fprintln(w, ";")
	}
	fmt.Fprintln(w, "}")
}

// label names a node and, on another line, says what it is.
func label(n project.GraphNode, newline string) string {
	if n.Name == "" {
		return n.ID
	}
	return n.Name + newline + n.ID
}

// dotQuote quotes an identifier of DOT, in which only the quotation mark needs an escape; \n stays a line break.
func dotQuote(s string) string { return `"` + strings.ReplaceAll(printable(s), `"`, `\"`) + `"` }

// drawMermaid writes a Mermaid flowchart.
func drawMermaid(w io.Writer, g project.Graph) {
	fmt.Fprintln(w, "flowchart LR")
	short := map[string]string{}
	for i, n := range g.Nodes {
		short[n.ID] = fmt.Sprintf("n%d", i)
		open, end := "[", "]"
		if n.Kind == "service" {
			open, end = "[(", ")]"
		}
		fmt.Fprintf(w, "  %s%s\"%s\"%s\n", short[n.ID], open, mermaidText(label(n, "<br/>")), end)
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Range != "" && !e.Pins() {
			arrow = fmt.Sprintf("-- \"%s\" -->", mermaidText(e.Range))
		}
		fmt.Fprintf(w, "  %s %s %s\n", short[e.From], arrow, short[e.To])
	}
}

// mermaidText escapes what ends a quoted text of Mermaid.
func mermaidText(s string) string { return strings.ReplaceAll(printable(s), `"`, "#quot;") }

func (a *app) whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "why NAME|SOURCE|LIBRARY",
		Short: "Explain why something is in the lock",
		Long: `Show the shortest chain of requirements from conduit.toml to a provider or service, or, for an npm library, through
which provider and which libraries it comes. It makes no request.`,
		Example: "  conduit why cowsay-service\n  conduit why github:MediaConduit/cowsay-service\n  conduit why form-data",
		Args:    args(cobra.ExactArgs(1)),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, given []string) ([]project.Reason, error) {
			return p.Why(ctx, given[0])
		}, func(reasons []project.Reason) error {
			for i, r := range reasons {
				if i > 0 {
					fmt.Fprintln(a.stdout)
				}
				if i == 0 || r.Kind != reasons[i-1].Kind || r.ID != reasons[i-1].ID {
					fmt.Fprintf(a.stdout, "%s %s\n", r.Kind, printable(r.ID))
				}
				for _, e := range r.Chain {
					wanted := " in any version"
					if e.Pins() {
						wanted = ""
					} else if e.Range != "" {
						wanted = " " + e.Range
					}
					fmt.Fprintf(a.stdout, "  %s requires %s%s\n", printable(e.From), printable(e.To), printable(wanted))
				}
				if r.Kind == "library" {
					fmt.Fprintf(a.stdout, "  %s uses %s\n", printable(r.Provider), printable(strings.Join(r.Path, " > ")))
				}
			}
			return nil
		}),
	}
}
