package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// pieces prints a text while it is being made, for --stream.
type pieces struct {
	app  *app
	said strings.Builder
}

// write prints the next piece.
func (p *pieces) write(text string) {
	p.said.WriteString(text)
	if p.app.json {
		p.app.printJSON(map[string]string{"partial": text})
		return
	}
	if term.IsTerminal(int(p.app.stdout.Fd())) {
		text = onTerminal(plugin.Text(text)).Text
	}
	_, _ = io.WriteString(p.app.stdout, text) // standard output is gone: the answer's own writing says so
}

// rest is what remains to be printed of an answer: of a text that begins with what was printed, its end.
func (p *pieces) rest(r plugin.Response) plugin.Response {
	said := p.said.String()
	if p.app.json || said == "" || len(r.Outputs) == 0 || r.Outputs[0].Type != "text" {
		return r
	}
	if end, ok := strings.CutPrefix(r.Outputs[0].Text, said); ok {
		r.Outputs[0].Text = end
	} else if strings.TrimSpace(r.Outputs[0].Text) == strings.TrimSpace(said) {
		r.Outputs[0].Text = ""
	} else { // the pieces were drafts: the answer follows on a line of its own
		fmt.Fprintln(p.app.stdout)
	}
	return r
}

// progressText is a state of the work on one line: "40 % loading weights".
func progressText(p plugin.Progress) string {
	if p.Fraction < 0 {
		return p.Message
	}
	return strings.TrimSpace(fmt.Sprintf("%.0f %% %s", p.Fraction*100, p.Message))
}
