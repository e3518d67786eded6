package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// runFlags are the flags of run.
type runFlags struct {
	inputs  []string
	output  string
	params  []string
	timeout time.Duration
	remove  bool

	capability string
	stream     bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run NAME[/MODEL] [TEXT | -]",
		Short: "Run a provider's model and print what it answers",
		Long: `Run a provider's model and print what it answers. The services that it needs are started if they do not run;
they stay up for the next run (conduit down stops them) unless --rm is given. "-" reads the text from standard input,
-i - an input of any type.

Without MODEL it is the only one that takes the inputs; where there are several they are listed. Files of text are added to
TEXT, other files are inputs of their own. With --json, --stream writes {"partial": TEXT} for each piece before the result.`,
		Example: "  conduit run cowsay \"moo\"\n  conduit run whisper/whisper-base -i speech.wav\n  conduit run flux \"a red fox\" -o fox.png -p seed=7",
		Args:    args(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, given []string) error {
			parent := cmd.Context()
			if f.timeout > 0 {
				var cancel context.CancelFunc
				parent, cancel = context.WithTimeout(parent, f.timeout)
				defer cancel()
			}
			files := &inputFiles{ctx: parent, stdin: a.stdin}
			defer files.remove()
			req, err := a.request(given, f, files)
			if err != nil {
				return timedOut(parent, f.timeout, err)
			}
			if f.output == "-" {
				f.output = "" // where the answer goes anyway
			}
			if f.stream && f.output != "" {
				return usage("--stream prints the answer as it comes, -o writes it to a file", "leave out one of them")
			}
			if err := checkOutput(f.output); err != nil {
				return err
			}
			if f.stream && a.progress == "auto" { // bars and the answer would be on the same lines
				a.progress = "plain"
			}
			ctx := a.context(parent)
			req.Chosen = func(m plugin.Model) error { return a.showable(m, f.output) }
			streamed := &pieces{app: a}
			req.Progress = func(p plugin.Progress) {
				if p.Partial != "" && f.stream {
					streamed.write(p.Partial)
				}
				if text := progressText(p); text != "" {
					report.Emit(ctx, report.Event{Type: report.Progress, Step: "run", Subject: given[0], Message: text})
				}
				if p.Message != "" {
					report.Emit(ctx, report.Event{Type: report.Detail, Step: "provider", Subject: req.Provider, Message: p.Message})
				}
			}
			if !a.json { // a program is told the path of what was made and wants to find it there
				if req.OutputDir, err = os.MkdirTemp("", "conduit-run-"); err != nil {
					return &report.Error{What: "cannot make a temporary folder", Err: err, Next: "let TMPDIR name a writable folder"}
				}
				defer os.RemoveAll(req.OutputDir)
			}
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			response, err := p.Run(ctx, req)
			a.finish()
			if err != nil {
				return timedOut(parent, f.timeout, err)
			}
			return a.answer(streamed.rest(response), f.output)
		},
	}
	flags := c.Flags()
	flags.StringArrayVarP(&f.inputs, "input", "i", nil, "an input file, - for standard input; may be given several times")
	flags.StringVarP(&f.output, "output", "o", "", "write the answer to this file, - for standard output")
	flags.StringArrayVarP(&f.params, "param", "p", nil, "a parameter of the model, KEY=VALUE; VALUE may be JSON")
	flags.DurationVar(&f.timeout, "timeout", 0, "give up after this long, starting services included (30s, 5m; exit 124)")
	flags.StringVar(&f.capability, "capability", "", "what the model must be able to do, such as text-to-image")
	flags.BoolVar(&f.stream, "stream", false, "print a text as it comes")
	flags.BoolVar(&f.remove, "rm", false, "stop the services that this run started")
	return c
}

// request reads the arguments of run.
func (a *app) request(given []string, f runFlags, files *inputFiles) (project.RunRequest, error) {
	name, model, named := strings.Cut(given[0], "/")
	if name == "" || named && model == "" {
		return project.RunRequest{}, usage(fmt.Sprintf("%q names no provider and model", given[0]), "conduit run NAME \"some text\"    or NAME/MODEL; conduit models lists them")
	}
	req := project.RunRequest{Provider: name, Model: model, Capability: f.capability, Remove: f.remove}
	if f.timeout < 0 {
		return req, usage("--timeout "+f.timeout.String()+" is in the past", "--timeout 30s")
	}
	if len(given) == 2 {
		text := given[1]
		if text == "-" {
			var err error
			if text, err = files.text(); err != nil {
				return req, err
			}
		}
		if !utf8.ValidString(text) {
			return req, usage("the text is not valid UTF-8", "convert it, for example with iconv -f LATIN1 -t UTF-8")
		}
		req.Inputs = append(req.Inputs, plugin.Text(text))
	}
	for _, path := range f.inputs {
		media, err := files.read(path)
		if err != nil {
			return req, err
		}
		if media.Type == "text" && len(req.Inputs) > 0 && req.Inputs[0].Type == "text" {
			req.Inputs[0].Text += "\n\n" + media.Text // models of text look at their first input only
			continue
		}
		at := len(req.Inputs)
		if media.Type == "text" { // what to do comes before what to do it with
			at = 0
		}
		req.Inputs = slices.Insert(req.Inputs, at, media)
	}
	if len(req.Inputs) == 0 {
		return req, usage("nothing to run on", fmt.Sprintf("conduit run %s \"some text\"    or -i FILE, or - for standard input", given[0]))
	}
	for _, p := range f.params {
		key, value, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return req, usage("malformed parameter "+p, "-p KEY=VALUE")
		}
		if req.Parameters == nil {
			req.Parameters = map[string]any{}
		}
		req.Parameters[key] = parameter(value)
	}
	return req, nil
}

// parameter reads a parameter's value: JSON where it is, else text.
func parameter(value string) any {
	var v any
	if json.Unmarshal([]byte(value), &v) == nil {
		return v
	}
	return value
}

func usage(what, next string) error {
	return &report.Error{Kind: report.Usage, What: what, Next: next}
}

// timedOut makes an error that is due to --timeout say so, whatever it broke on the way.
func timedOut(ctx context.Context, limit time.Duration, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && report.KindOf(err) != report.Timeout {
		return &report.Error{Kind: report.Timeout, What: "gave up after " + limit.String(), Err: err, Next: "give it more time with --timeout, or see what it does with -v"}
	}
	return err
}

// answer prints the outputs of a model, or writes the one to the file that -o names.
func (a *app) answer(r plugin.Response, output string) error {
	if output != "" {
		if len(r.Outputs) != 1 {
			return &report.Error{Kind: report.Provider, What: fmt.Sprintf("the provider made %d outputs, -o names one file", len(r.Outputs)), Next: "leave out -o"}
		}
		if err := writeFile(output, r.Outputs[0]); err != nil {
			return err
		}
		if !a.json {
			return nil
		}
		r.Outputs[0] = plugin.Media{Type: r.Outputs[0].Type, MIME: r.Outputs[0].MIME, Path: output, Metadata: r.Outputs[0].Metadata}
	}
	if a.json {
		a.printJSON(map[string]any{"result": r})
		return nil
	}
	terminal := term.IsTerminal(int(a.stdout.Fd()))
	for _, m := range r.Outputs {
		if m.Type != "text" && terminal {
			return usage("the answer is "+describeMedia(m)+", which a terminal cannot show", "name a file with -o, or redirect standard output")
		}
		if m.Type == "text" && terminal {
			m = onTerminal(m)
		}
		if err := copyMedia(a.stdout, m); err != nil {
			return &report.Error{What: "cannot write the answer", Err: err}
		}
		if m.Type == "text" && terminal && !strings.HasSuffix(m.Text, "\n") {
			fmt.Fprintln(a.stdout)
		}
	}
	return nil
}

// onTerminal is a text as a terminal may have it: escape sequences of a model would move its cursor or rename its window.
// Where standard output is no terminal, the text goes there as it is.
func onTerminal(m plugin.Media) plugin.Media {
	m.Text = printable(strings.ReplaceAll(m.Text, "\r\n", "\n"))
	return m
}

// showable refuses, before it has run, a model whose answer could only be shown on a terminal that cannot show it.
func (a *app) showable(m plugin.Model, output string) error {
	if output != "" || a.json || !term.IsTerminal(int(a.stdout.Fd())) {
		return nil
	}
	return textual(m)
}

// textual is an error for a model that says it makes no text.
func textual(m plugin.Model) error {
	if len(m.OutputTypes) == 0 || slices.ContainsFunc(m.OutputTypes, func(t string) bool { return strings.HasPrefix(t, "text") }) {
		return nil
	}
	return usage(m.ID+" makes "+strings.Join(m.OutputTypes, " and ")+", which a terminal cannot show", "name a file with -o, or redirect standard output")
}

func describeMedia(m plugin.Media) string {
	if m.MIME != "" {
		return m.MIME
	}
	return m.Type
}
