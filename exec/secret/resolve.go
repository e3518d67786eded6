package secret

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// Resolver follows references. Its fields are where they lead to.
type Resolver struct {
	Dir    string                           // absolute folder that paths are relative to and programs run in
	Lookup func(name string) (string, bool) // usually [os.LookupEnv]
	Where  func(key string) string          // the place of a setting for messages, by its key path ("apiKey", "http.headers.auth"); may be nil
}

// Found is a secret and the setting that has it.
type Found struct {
	Key   string // "apiKey"
	Value string
}

// literal begins a text that is meant as it stands: "literal:file:///models/base" is "file:///models/base".
const literal = "literal:"

// secretKey matches the names of settings whose texts are secrets even where they stand in the file itself.
var secretKey = lazyregexp.New(`(?i)((api|access|private|auth)[_-]?key|secret|password|passphrase|credentials?|token)$`)

// Resolve returns settings with each text that begins with "env:", "file:" or "cmd:" replaced by what it refers to, at any
// depth, and the secrets among them. settings is left as it is. subject is whose settings they are, for messages:
// "provider whisper".
//
// What cannot be found is one error for all of them ([report.Usage]); it names the settings and references, never a value.
func (r Resolver) Resolve(ctx context.Context, subject string, settings map[string]any) (map[string]any, []Found, error) {
	w := &walk{Resolver: r, ctx: ctx, known: map[string]string{}}
	out, _ := w.value("", settings).(map[string]any)
	if err := ctx.Err(); err != nil {
		return nil, nil, &report.Error{Kind: kindOf(err), What: "stopped while the secrets of " + subject + " were looked up", Err: err}
	}
	if len(w.failures) > 0 {
		return nil, nil, w.failure(subject)
	}
	return out, w.found, nil
}

func kindOf(err error) report.Kind {
	if err == context.DeadlineExceeded {
		return report.Timeout
	}
	return report.Interrupted
}

// walk is one pass over settings.
type walk struct {
	Resolver
	ctx      context.Context
	known    map[string]string // reference to value: a program that asks for a password is run once
	found    []Found
	failures []failure
}

// failure is a reference that leads nowhere.
type failure struct{ key, reference, why, next string }

func (w *walk) value(key string, v any) any {
	switch v := v.(type) {
	case string:
		return w.text(key, v)
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for _, name := range sorted(v) {
			out[name] = w.value(strings.TrimPrefix(key+"."+name, "."), v[name])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = w.value(fmt.Sprintf("%s[%d]", key, i), each)
		}
		return out
	case []map[string]any: // an array of tables
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = w.value(fmt.Sprintf("%s[%d]", key, i), each)
		}
		return out
	}
	return v
}

func sorted(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (w *walk) text(key, text string) any {
	kind, rest, cut := strings.Cut(text, ":")
	follow := map[string]func(string) (string, *failure){"env": w.variable, "file": w.file, "cmd": w.program}[kind]
	if follow == nil || !cut {
		text = strings.TrimPrefix(text, literal)
		if secretKey.MatchString(key) && text != "" {
			w.found = append(w.found, Found{Key: key, Value: text})
		}
		return text
	}
	if w.ctx.Err() != nil {
		return text
	}
	value, ok := w.known[text]
	if !ok {
		var bad *failure
		if value, bad = follow(rest); bad == nil {
			value, bad = clean(value)
		}
		if bad != nil {
			bad.key, bad.reference = key, text
			w.failures = append(w.failures, *bad)
			return text
		}
		w.known[text] = value
	}
	w.found = append(w.found, Found{Key: key, Value: value})
	return value
}

// failure is the error for all references that lead nowhere.
func (w *walk) failure(subject string) error {
	e := &report.Error{Kind: report.Usage}
	var why, next []string
	for _, f := range w.failures {
		why = append(why, fmt.Sprintf("%s = %q: %s", f.key, f.reference, f.why))
		if !slices.Contains(next, f.next) {
			next = append(next, f.next)
		}
	}
	e.What = "a setting of " + subject + " refers to what is not there"
	if len(w.failures) > 1 {
		e.What = fmt.Sprintf("%d settings of %s refer to what is not there", len(w.failures), subject)
	}
	if w.Where != nil {
		e.Where = w.Where(w.failures[0].key)
	}
	e.Why, e.Next = strings.Join(why, "\n"), strings.Join(next, "\n")
	return e
}
