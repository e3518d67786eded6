package image

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// Dockerfile is a parsed Dockerfile: its text and the places where it names images of registries.
type Dockerfile struct {
	lines []string
	uses  []use
}

// use is one place that names an image.
type use struct {
	ref         string // arguments filled in
	first, last int    // lines, from 0
	written     string // what stands there: "from=alpine"
	stage       *instructions.Stage
}

// Build is what a compose file says about a build, as far as it decides which images are used.
type Build struct {
	Args     map[string]string // values of ARG; those before the first FROM can stand in FROM
	Target   string            // the stage that is built, "" for the last
	Contexts []string          // names of additional contexts, which go before images of the same name
}

// ParseDockerfile reads a Dockerfile. Its errors name the line.
func ParseDockerfile(text []byte, b Build) (*Dockerfile, error) {
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	stages, global, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	d := &Dockerfile{lines: strings.Split(string(text), "\n")}
	// BuildKit fetches the program that reads the Dockerfile under this name, and runs it.
	if syntax, _, at, ok := parser.DetectSyntax(text); ok && len(at) > 0 {
		d.uses = append(d.uses, use{ref: syntax, first: at[0].Start.Line - 1, last: at[0].End.Line - 1, written: syntax})
	}
	lex := shell.NewLex(parsed.EscapeToken)
	args := globals(lex, global, b.Args)
	known := map[string]bool{"scratch": true}
	for _, c := range b.Contexts {
		known[strings.ToLower(c)] = true
	}
	for i := range stages {
		s := &stages[i]
		if ref := expand(lex, s.BaseName, args); !known[strings.ToLower(ref)] {
			d.uses = append(d.uses, use{ref: ref, first: s.Location[0].Start.Line - 1, last: s.Location[len(s.Location)-1].End.Line - 1, stage: s})
		}
		for _, c := range s.Commands {
			d.sources(c, known, i)
		}
		if s.Name != "" {
			known[strings.ToLower(s.Name)] = true
		}
		if b.Target != "" && (strings.EqualFold(s.Name, b.Target) || strconv.Itoa(i) == b.Target) {
			break
		}
	}
	return d, nil
}

// sources finds the images that an instruction of stage n copies or mounts files from. Stages go by name, and by number as
// far as they come before.
func (d *Dockerfile) sources(c instructions.Command, known map[string]bool, n int) {
	var from []string
	switch c := c.(type) {
	case *instructions.CopyCommand:
		from = append(from, c.From)
	case *instructions.RunCommand:
		for _, m := range instructions.GetMounts(c) {
			from = append(from, m.From)
		}
	}
	for _, ref := range from {
		if number, err := strconv.Atoi(ref); err == nil && number < n || ref == "" || known[strings.ToLower(ref)] || strings.Contains(ref, "$") {
			continue
		}
		at := c.Location()
		d.uses = append(d.uses, use{ref: ref, first: at[0].Start.Line - 1, last: at[len(at)-1].End.Line - 1, written: "from=" + ref})
	}
}

// globals are the arguments that FROM can name: those declared before the first FROM, with the build's values.
func globals(lex *shell.Lex, declared []instructions.ArgCommand, given map[string]string) environment {
	env := environment{}
	for _, command := range declared {
		for _, arg := range command.Args {
			value, ok := given[arg.Key]
			if !ok && arg.Value != nil {
				value, ok = expand(lex, *arg.Value, env), true
			}
			if ok {
				env[arg.Key] = value
			}
		}
	}
	return env
}

// ofPlatform are the arguments whose values BuildKit sets by the platform that it builds for.
var ofPlatform = lazyregexp.New(`^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$`)

// expand fills arguments in. Text whose meaning depends on the platform stays as it is written: it names more than one
// image, and none can be locked.
func expand(lex *shell.Lex, text string, env environment) string {
	result, err := lex.ProcessWordWithMatches(text, env)
	if err != nil {
		return text
	}
	for name := range result.Unmatched {
		if ofPlatform.MatchString(name) {
			return text
		}
	}
	return result.Result
}

type environment map[string]string

func (e environment) Get(key string) (string, bool) {
	v, ok := e[key]
	return v, ok
}

func (e environment) Keys() []string { return slices.Collect(maps.Keys(e)) }

// Images lists the images that a build of this Dockerfile can pull, sorted.
func (d *Dockerfile) Images() []string {
	var out []string
	for _, u := range d.uses {
		out = append(out, u.ref)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Pin is the Dockerfile's text with other names for images, by reference: those with their digests. Lines keep their numbers,
// because the builder's messages name them.
func (d *Dockerfile) Pin(names map[string]string) []byte {
	lines := slices.Clone(d.lines)
	for _, u := range d.uses {
		pinned := names[u.ref]
		if pinned == "" || pinned == u.ref || strings.ContainsFunc(u.ref, unicode.IsSpace) { // an argument with a line break is no image's name
			continue
		}
		if u.stage == nil {
			replaceOne(lines[u.first:u.last+1], u.written, strings.TrimSuffix(u.written, u.ref)+pinned)
			continue
		}
		lines[u.first] = from(u.stage, pinned)
		for i := u.first + 1; i <= u.last; i++ {
			lines[i] = ""
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

// from is a FROM instruction on one line.
func from(s *instructions.Stage, ref string) string {
	var b strings.Builder
	b.WriteString("FROM ")
	if s.Platform != "" {
		fmt.Fprintf(&b, "--platform=%s ", s.Platform)
	}
	b.WriteString(ref)
	if s.Name != "" {
		b.WriteString(" AS " + s.Name)
	}
	return b.String()
}

// replaceOne replaces the first whole occurrence of old in the lines.
func replaceOne(lines []string, old, new string) {
	for i, line := range lines {
		for from := 0; ; {
			at := strings.Index(line[from:], old)
			if at < 0 {
				break
			}
			end := from + at + len(old)
			if end == len(line) || strings.IndexByte("\"',\\ \t\n\f\r", line[end]) >= 0 {
				lines[i] = line[:from+at] + new + line[end:]
				return
			}
			from += at + 1
		}
	}
}
