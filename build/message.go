package build

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/report"
)

// problem is why an import does not resolve, and what its author can do.
type problem struct {
	why, next string
}

func (p problem) Error() string { return p.why }

type problemKey struct {
	importer, specifier string
}

func (r *resolver) note(args api.OnResolveArgs, err error) {
	p, ok := err.(problem)
	if !ok {
		p = problem{why: err.Error()}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems[problemKey{args.Namespace + ":" + args.Importer, args.Path}] = p
}

// maxErrors is how many errors of one bundle are told.
const maxErrors = 10

// failure turns esbuild's errors into one. An error in fetching or verifying a library comes before what follows from it.
func (r *resolver) failure(errs []api.Message) error {
	if r.fault != nil {
		return r.fault
	}
	if len(errs) == 0 {
		return nil
	}
	errs = slices.Clone(errs)
	slices.SortStableFunc(errs, compareMessages)
	out := &report.Error{Kind: report.Provider, What: "cannot build " + r.in.Subject, Where: r.where(errs[0])}
	var lines []string
	for i, each := range errs {
		if i == maxErrors {
			lines = append(lines, fmt.Sprintf("and %d more", len(errs)-i))
			break
		}
		why, next := r.explain(each)
		if i > 0 {
			why = r.where(each) + ": " + why
		}
		lines = append(lines, why)
		if out.Next == "" {
			out.Next = next
		}
	}
	out.Why = strings.Join(lines, "\n")
	if out.Next == "" {
		out.Next = "mend the source, or ask the provider's author to; another version of it may build"
	}
	return out
}

// explain adds to an error of esbuild what the resolver knows of the import.
func (r *resolver) explain(m api.Message) (why, next string) {
	if specifier, ok := between(m.Text, `Could not resolve "`, `"`); ok && m.Location != nil {
		if p, ok := r.problems[problemKey{m.Location.File, specifier}]; ok {
			return fmt.Sprintf("cannot find %q: %s", specifier, p.why), p.next
		}
	}
	if name, ok := between(m.Text, `for import "`, `"`); ok && strings.Contains(m.Text, `"`+sdkSpace+":") {
		return fmt.Sprintf("the SDK exports no value %q from there", name),
			fmt.Sprintf("import a name that the SDK has; if %s is a type, import it with \"import type\"", name)
	}
	return strings.ReplaceAll(m.Text, esmMark, ""), ""
}

func between(s, before, after string) (string, bool) {
	_, rest, ok := strings.Cut(s, before)
	if !ok {
		return "", false
	}
	middle, _, ok := strings.Cut(rest, after)
	return middle, ok
}

// where is a message's place: a file of the provider relative to its root, or a library's.
func (r *resolver) where(m api.Message) string {
	if m.Location == nil {
		return ""
	}
	return lineOf(r.name(m.Location.File), m.Location.Line) + ":" + strconv.Itoa(m.Location.Column+1)
}

func (r *resolver) name(file string) string {
	file = strings.TrimSuffix(file, esmMark)
	for _, space := range []string{r.in.Label, librarySpace} {
		if rest, ok := strings.CutPrefix(file, space+":"); ok {
			return rest
		}
	}
	return file
}

func lineOf(file string, line int) string { return path.Clean(file) + ":" + strconv.Itoa(line) }

func compareMessages(a, b api.Message) int {
	key := func(m api.Message) string {
		if m.Location == nil {
			return ""
		}
		return fmt.Sprintf("%s %09d %09d", m.Location.File, m.Location.Line, m.Location.Column)
	}
	return strings.Compare(key(a), key(b))
}

// warnings are those on the tree's own files, which the author can mend, and details on libraries whose imports are known
// at run time only: those of the provider host, and what [resolver.loadsByName].
func (r *resolver) warnings(list []api.Message) []report.Event {
	list = slices.Clone(list)
	slices.SortStableFunc(list, compareMessages)
	var out []report.Event
	for _, event := range r.missing {
		out = append(out, event)
	}
	slices.SortFunc(out, func(a, b report.Event) int { return strings.Compare(a.Where, b.Where) })
	for _, m := range list {
		if m.Location == nil {
			continue
		}
		event := report.Event{Type: report.Warning, Step: "build", Subject: r.in.Subject, Where: r.where(m),
			Message: strings.ReplaceAll(m.Text, esmMark, "")}
		_, computed := raised[m.ID]
		if computed {
			event.Message = "the module that is imported here is known at run time only; it is not part of the bundle and will not be found"
		}
		switch {
		case strings.HasPrefix(m.Location.File, r.in.Label+":"):
			out = append(out, event)
		case computed && strings.HasPrefix(m.Location.File, librarySpace+":"):
			event.Type = report.Detail // most such code in libraries never runs
			if r.in.Provider {
				event.Message = "what is loaded here is known by its name at run time only; it is found if it is a part of Node.js, or a library that the provider declares and imports nowhere"
			}
			out = append(out, event)
		}
	}
	return out
}
