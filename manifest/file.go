package manifest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/manifest/suggest"
	"github.com/MediaConduit/conduit/report"
)

// maxBytes is the greatest size of a manifest. The largest published one has 3 KB.
const maxBytes = 1 << 20

const (
	packageFile = "package.json"
	legacyFile  = "prizm.config.json"
)

// names lists the spellings of a manifest's file name, the preferred one first. What is "provider" or "service".
func names(what string) []string {
	return []string{
		"MediaConduit." + what + ".yml", "MediaConduit." + what + ".yaml",
		"mediaconduit." + what + ".yml", "mediaconduit." + what + ".yaml",
	}
}

// reader reads the files of one package and words the messages about them.
type reader struct {
	ctx     context.Context
	root    *os.Root // confines links: a package must not show us files outside its folder
	files   map[string]bool
	subject string
	what    string // "provider" or "service"
	kind    report.Kind
	warned  map[string]bool
}

func open(ctx context.Context, dir, subject, what string, kind report.Kind) (*reader, error) {
	r := &reader{ctx: ctx, subject: subject, what: what, kind: kind, files: map[string]bool{}, warned: map[string]bool{}}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &report.Error{Kind: kind, What: "the package's folder cannot be read", Where: subject, Err: err,
			Next: "check that the folder exists and is readable: " + dir}
	}
	// The names are listed, not probed: on a file system that folds case a probe finds one file under two names.
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		root.Close()
		return nil, &report.Error{Kind: kind, What: "the package's folder cannot be read", Where: subject, Err: err,
			Next: "check that the folder exists and is readable: " + dir}
	}
	for _, e := range list {
		r.files[e.Name()] = !e.IsDir()
	}
	r.root = root
	return r, nil
}

// first returns the first of names that the folder holds, "" if none, and warns about further ones.
func (r *reader) first(names []string) string {
	found := ""
	for _, name := range names {
		switch {
		case !r.files[name]:
		case found == "":
			found = name
		default:
			r.warn(name, 0, fmt.Sprintf("not read, because %s is there too; delete one of them", found))
		}
	}
	return found
}

// parse reads and parses the file NAME, whose value must be a map.
func (r *reader) parse(name string) (*node, error) {
	data, err := r.read(name)
	if err != nil {
		return nil, err
	}
	syntax, next := "YAML", "correct this line; lists and maps need consistent indentation with spaces"
	parser := parseYAML
	if path.Ext(name) == ".json" {
		syntax, next, parser = "JSON", "correct this line; JSON allows no comments and no comma before a closing bracket", parseJSON
	}
	n, err := parser(data)
	if err != nil {
		var at *syntaxError
		line, column := 0, 0
		if errors.As(err, &at) {
			line, column = at.line, at.column
		}
		e := r.fail(name, line, "not valid "+syntax, next)
		if line > 0 && column > 0 {
			e.Where += fmt.Sprintf(":%d", column)
		}
		e.Err = err
		return nil, e
	}
	if n.kind == null {
		n.kind = dict
	}
	if n.kind != dict {
		return nil, r.fail(name, n.line, "the file must hold keys and values, this one holds something else",
			"begin it with a line such as\n  id: my-"+r.what)
	}
	return n, nil
}

func (r *reader) read(name string) ([]byte, error) {
	f, err := r.root.Open(name)
	if err != nil {
		e := r.fail(name, 0, "the file cannot be read", "check that it is a readable file inside the package's folder")
		e.Err = r.onDisk(name, err)
		return nil, e
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, r.fail(name, 0, "this is not a regular file", "replace it by a text file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		e := r.fail(name, 0, "the file cannot be read", "check the file system")
		e.Err = r.onDisk(name, err)
		return nil, e
	}
	if len(data) > maxBytes {
		return nil, r.fail(name, 0, fmt.Sprintf("the file is larger than %d KiB", maxBytes>>10), "keep only what describes the "+r.what+" in it")
	}
	return data, nil
}

// fail is an error at a line of a file; 0 for the whole file.
// onDisk is err with the whole path of the file called name where the disk fails: whoever looks after it does not know the package.
func (r *reader) onDisk(name string, err error) error {
	if report.OfDisk(err) == err {
		return err
	}
	return &report.Error{What: "cannot read a file of the package", Where: filepath.Join(r.root.Name(), filepath.FromSlash(name)), Err: err}
}

func (r *reader) fail(file string, line int, what, next string) *report.Error {
	return &report.Error{Kind: r.kind, Where: r.subject + ": " + place(file, line), What: what, Next: next}
}

// warn reports a warning, each text once: a mistake that an author repeats is one mistake.
func (r *reader) warn(file string, line int, message string) {
	if !r.warned[message] {
		r.warned[message] = true
		report.Warn(r.ctx, r.subject, place(file, line), message)
	}
}

func place(file string, line int) string {
	if line <= 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// typos warns about keys of n that look like a misspelling of a known one. Other unknown keys are the author's own.
func (r *reader) typos(file string, n *node, known []string) {
	if n == nil {
		return
	}
	exact := map[string]bool{}
	for _, k := range known {
		exact[k] = true
	}
	for _, e := range n.keys {
		if exact[e.key] {
			continue
		}
		near := suggest.Nearest(e.key, known)
		switch {
		case near == "":
		case suggest.Fold(near) == suggest.Fold(e.key):
			r.warn(file, e.line, fmt.Sprintf("%q is read as %q; write it so", e.key, near))
		case n.get(near) == nil:
			r.warn(file, e.line, fmt.Sprintf("unknown key %q is ignored; did you mean %q?", e.key, near))
		}
	}
}

// inside checks that the value of KEY is a relative path within the package, and gives it with slashes and cleaned.
func (r *reader) inside(file, key string, n *node) (string, error) {
	p := n.string()
	if p == "" {
		return "", nil
	}
	clean := path.Clean(strings.ReplaceAll(p, `\`, "/"))
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(clean, ":") {
		return "", r.fail(file, n.line, fmt.Sprintf("%s: %q leaves the package's folder", key, p),
			"write a path relative to the folder of "+file+", without \"..\"")
	}
	return clean, nil
}
