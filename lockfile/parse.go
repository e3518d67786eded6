package lockfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/MediaConduit/conduit/manifest/suggest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// Language is the version of conduit.toml's language that this conduit reads. A file that asks for a newer one in its
// key conduit is refused with advice.
const Language = "0.1"

// ReadManifest reads conduit.toml in the folder dir, and conduit.local.toml beside it if there is one. Errors are
// [*report.Error] with the line in Where; without conduit.toml the error has [fs.ErrNotExist] in its chain.
func ReadManifest(ctx context.Context, dir string) (*Manifest, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &report.Error{What: "this folder is no conduit project", Where: dir, Why: "it holds no " + ManifestName, Next: "conduit init", Err: err}
	}
	if err != nil {
		return nil, &report.Error{What: "the file cannot be read", Where: ManifestName, Next: "check its permissions", Err: err}
	}
	m, err := ParseManifest(ManifestName, data)
	if err != nil {
		return nil, err
	}
	data, err = os.ReadFile(filepath.Join(dir, LocalName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, &report.Error{What: "the file cannot be read", Where: LocalName, Next: "check its permissions", Err: err}
	}
	local, err := parseLocal(LocalName, data)
	if err != nil {
		return nil, err
	}
	m.overlay(local)
	return m, nil
}

// overlay puts the replacements of conduit.local.toml over those of conduit.toml.
func (m *Manifest) overlay(local []Replacement) {
	for _, l := range local {
		kept := m.Replace[:0]
		for _, r := range m.Replace {
			if !sameSource(r.Old, l.Old) {
				kept = append(kept, r)
			}
		}
		m.Replace = append(kept, l)
	}
}

// sameSource reports whether two texts are spellings of one source.
func sameSource(a, b string) bool {
	x, _, errX := resolve.ParseSource(a)
	y, _, errY := resolve.ParseSource(b)
	return a == b || errX == nil && errY == nil && x == y
}

// ParseManifest parses the content of a conduit.toml; name is used in messages. Unknown keys are errors with a suggestion.
func ParseManifest(name string, data []byte) (*Manifest, error) {
	d, root, err := decode(name, data)
	if err != nil {
		return nil, err
	}
	return d.manifest(root)
}

// parseLocal parses the content of a conduit.local.toml, which holds nothing but replacements.
func parseLocal(name string, data []byte) ([]Replacement, error) {
	d, root, err := decode(name, data)
	if err != nil {
		return nil, err
	}
	for _, key := range d.doc.children() {
		if key != "replace" {
			e := d.fail(fmt.Sprintf("key %q does not belong here", key), "move it to "+ManifestName+"; this file may hold only the table [replace]", key)
			return nil, e
		}
	}
	replace, err := d.replace(root)
	if err != nil {
		return nil, err
	}
	for i := range replace {
		replace[i].Local = true
	}
	return replace, d.replaced(replace)
}

// decoder turns the values of one file into a manifest.
type decoder struct {
	name string
	doc  *document
}

// decode reads TOML: meaning with BurntSushi/toml, positions with our own scan.
func decode(name string, data []byte) (*decoder, map[string]any, error) {
	if line := markerLine(data); line > 0 {
		return nil, nil, &report.Error{Where: at(name, line, 0), What: "conflict markers of an unfinished merge",
			Next: "edit the file: keep the lines you want, delete those that begin with <<<<<<<, ======= or >>>>>>>"}
	}
	broken := func(te *tomlError) error {
		return &report.Error{Where: at(name, te.line, te.column), What: "not valid TOML", Err: te,
			Next: "correct this place; text stands in quotes, a table begins with [NAME], and no key may stand twice"}
	}
	if te := outOfBounds(data); te != nil {
		return nil, nil, broken(te)
	}
	root := map[string]any{}
	if _, err := toml.Decode(string(data), &root); err != nil {
		return nil, nil, broken(decodeError(err))
	}
	doc, err := scan(data)
	if err != nil {
		te := &tomlError{message: err.Error()}
		errors.As(err, &te)
		return nil, nil, broken(te)
	}
	return &decoder{name, doc}, root, nil
}

// fail is an error at the place of a key.
func (d *decoder) fail(what, next string, path ...string) *report.Error {
	return &report.Error{Where: at(d.name, d.doc.lineOf(path...), 0), What: what, Next: next}
}

// only refuses keys of the table at path that are not among known.
func (d *decoder) only(known []string, path ...string) error {
	for _, key := range d.doc.children(path...) {
		if slices.Contains(known, key) {
			continue
		}
		what := fmt.Sprintf("unknown key %q", key)
		if len(path) > 0 {
			what += fmt.Sprintf(" in [%s]", join(path))
		}
		next := "known here: " + strings.Join(known, ", ")
		if near := suggest.Nearest(key, known); near != "" {
			next = fmt.Sprintf("did you mean %q?", near)
		}
		return d.fail(what, next, append(path[:len(path):len(path)], key)...)
	}
	return nil
}

func (d *decoder) table(v any, path ...string) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	t, ok := v.(map[string]any)
	if !ok {
		return nil, d.fail(join(path)+" must be a table", "write it as\n  ["+join(path)+"]", path...)
	}
	return t, nil
}

func (d *decoder) text(v any, example string, path ...string) (string, error) {
	if v == nil {
		return "", nil
	}
	s, ok := v.(string)
	if !ok {
		return "", d.fail(join(path)+" must be text in quotes", "write it as\n  "+quoteKey(path[len(path)-1])+" = "+quote(example), path...)
	}
	return s, nil
}

func (d *decoder) manifest(root map[string]any) (*Manifest, error) {
	m := &Manifest{Line: map[string]int{}}
	for _, it := range d.doc.items {
		if _, seen := m.Line[join(it.path)]; !seen {
			m.Line[join(it.path)] = d.doc.line(it.start)
		}
	}
	var err error
	// First of all, so that a file in a newer language is not refused for its unknown keys.
	if m.Conduit, err = d.language(root["conduit"]); err != nil {
		return nil, err
	}
	if err := d.only([]string{"conduit", "toolchain", "providers", "services", "replace", "exclude", "policy", "aliases", "profile"}); err != nil {
		return nil, err
	}
	if m.Node, err = d.toolchain(root["toolchain"]); err != nil {
		return nil, err
	}
	if m.Aliases, err = d.aliases(root["aliases"]); err != nil {
		return nil, err
	}
	if m.Providers, err = d.entries(root["providers"], KindProvider, false, "providers"); err != nil {
		return nil, err
	}
	if m.Services, err = d.entries(root["services"], KindService, false, "services"); err != nil {
		return nil, err
	}
	if m.Replace, err = d.replace(root); err != nil {
		return nil, err
	}
	if m.Exclude, err = d.exclude(root["exclude"]); err != nil {
		return nil, err
	}
	if m.Policy, err = d.policy(root["policy"]); err != nil {
		return nil, err
	}
	if m.Profiles, err = d.profiles(root["profile"]); err != nil {
		return nil, err
	}
	if err := d.sources(m); err != nil {
		return nil, err
	}
	return m, nil
}

// language checks the key conduit: the lowest language version that may read the file.
func (d *decoder) language(v any) (string, error) {
	s, err := d.text(v, Language, "conduit")
	if err != nil || v == nil {
		return s, err
	}
	wanted, ok := numbers(s)
	if !ok {
		return "", d.fail(fmt.Sprintf("conduit = %q is no version", s), "write it as\n  conduit = "+quote(Language), "conduit")
	}
	have, _ := numbers(Language)
	for i, w := range wanted {
		// A patch release does not change the language, so only major and minor count.
		if i == len(have) || w < have[i] {
			break
		}
		if w > have[i] {
			return "", d.fail(fmt.Sprintf("the project needs conduit %s or newer, this one reads %s", s, Language),
				"install a newer conduit (conduit version shows which one runs), or lower the key conduit if the project can do without it", "conduit")
		}
	}
	return s, nil
}

// numbers parses "1", "1.2" or "1.2.3", with or without a leading v.
func numbers(s string) ([]int, bool) {
	parts := strings.Split(strings.TrimPrefix(s, "v"), ".")
	if len(parts) > 3 {
		return nil, false
	}
	var out []int
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return nil, false
		}
		out = append(out, int(n))
	}
	return out, true
}

func join(path []string) string { return strings.Join(path, ".") }

// markerLine is the first line that begins with a conflict marker of git, 0 if there is none.
func markerLine(data []byte) int {
	n := 0
	for line := range bytes.Lines(data) {
		if n++; markerOf(bytes.TrimSuffix(line, []byte("\n"))) != 0 {
			return n
		}
	}
	return 0
}

// markerOf is the marker's character if line is a conflict marker of git: '<', '|', '=' or '>'; else 0.
func markerOf(line []byte) byte {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) < 7 || !bytes.Contains([]byte("<|=>"), line[:1]) || bytes.Count(line[:7], line[:1]) != 7 {
		return 0
	}
	if len(line) > 7 && line[7] != ' ' {
		return 0
	}
	return line[0]
}
