package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// remedy is what mends a lock that cannot be used: locking again keeps what can be read and chooses the rest.
const remedy = "conduit lock"

// ReadLock reads conduit.lock in the folder dir. Where there is none the error is of kind [report.Lock] and has
// [fs.ErrNotExist] in its chain. Conflict markers give a [*MarkersError].
func ReadLock(dir string) (*Lock, error) {
	data, err := os.ReadFile(filepath.Join(dir, Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &report.Error{Kind: report.Lock, What: "the project is not locked yet", Where: Name, Why: "there is no " + Name + " beside " + ManifestName, Next: remedy, Err: err}
	}
	if err != nil {
		return nil, &report.Error{Kind: report.Lock, What: "the file cannot be read", Where: Name, Next: "check its permissions", Err: err}
	}
	return ParseLock(data)
}

// ParseLock parses the content of a conduit.lock. Line ends may be CRLF. A newer format version, an unknown key and a
// reference to something that the lock does not hold are errors of kind [report.Lock]; conflict markers of git give a
// [*MarkersError].
func ParseLock(data []byte) (*Lock, error) {
	if line := markerLine(data); line > 0 {
		return nil, markersError(data, line)
	}
	l, err := parseLock(data)
	if err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	return l, nil
}

// lockTOML is the file's form. Its keys are those that Format writes.
type lockTOML struct {
	Version int           `toml:"version"`
	Node    string        `toml:"node"`
	Build   []string      `toml:"build"`
	Root    []rootTOML    `toml:"root"`
	Replace []replaceTOML `toml:"replace"`
	Exclude []excludeTOML `toml:"exclude"`
	Module  []moduleTOML  `toml:"module"`
	Library []libraryTOML `toml:"library"`
	Tool    []toolTOML    `toml:"tool"`
	Native  []nativeTOML  `toml:"native"`
}

type rootTOML struct {
	Name    string `toml:"name"`
	Kind    string `toml:"kind"`
	Source  string `toml:"source"`
	Range   string `toml:"range"`
	Version string `toml:"version"`
}

type replaceTOML struct {
	Old   string `toml:"old"`
	New   string `toml:"new"`
	Local bool   `toml:"local"`
}

type excludeTOML struct {
	Source  string `toml:"source"`
	Version string `toml:"version"`
}

type moduleTOML struct {
	Source    string        `toml:"source"`
	Version   string        `toml:"version"`
	Kind      string        `toml:"kind"`
	Commit    string        `toml:"commit"`
	Integrity string        `toml:"integrity"`
	Sum       string        `toml:"sum"`
	Signer    string        `toml:"signer"`
	Time      string        `toml:"time"`
	Replaces  string        `toml:"replaces"`
	Local     bool          `toml:"local"`
	Artifact  string        `toml:"artifact"`
	Builder   string        `toml:"builder"`
	Service   string        `toml:"service"`
	Requires  []requireTOML `toml:"requires"`
	Images    []imageTOML   `toml:"images"`
	Libraries []string      `toml:"libraries"`
	Unbundled bool          `toml:"unbundled"`
	External  []string      `toml:"external"`
	Unused    []string      `toml:"unused"`

	Permissions []string `toml:"permissions"`
}

type requireTOML struct {
	Source  string `toml:"source"`
	Range   string `toml:"range"`
	Version string `toml:"version"`
}

type imageTOML struct {
	Service string `toml:"service"`
	Ref     string `toml:"ref"`
	Digest  string `toml:"digest"`
}

type libraryTOML struct {
	Name      string   `toml:"name"`
	Version   string   `toml:"version"`
	Integrity string   `toml:"integrity"`
	Source    string   `toml:"source"`
	OS        []string `toml:"os"`
	CPU       []string `toml:"cpu"`
	Libc      []string `toml:"libc"`
}

type toolTOML struct {
	Name      string `toml:"name"`
	Version   string `toml:"version"`
	Platform  string `toml:"platform"`
	Package   string `toml:"package"`
	Integrity string `toml:"integrity"`
}

type nativeTOML struct {
	Name     string `toml:"name"`
	Version  string `toml:"version"`
	Platform string `toml:"platform"`
	ABI      string `toml:"abi"`
	Output   string `toml:"output"`
}

// parseLock parses without checking references.
func parseLock(data []byte) (*Lock, error) {
	if f, ok := quickly(string(data)); ok && f.Version == Version {
		return f.lock(data)
	}
	f, err := decodeLock(data)
	if err != nil {
		return nil, explainLock(data, err)
	}
	return f.lock(data)
}

// decodeLock reads all that TOML allows: locks with other line ends, or that somebody has edited.
func decodeLock(data []byte) (*lockTOML, error) {
	if err := outOfBounds(data); err != nil {
		return nil, err
	}
	var f lockTOML
	if err := toml.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Version != Version {
		return nil, errors.New("another version")
	}
	if key := unknownKey(data); key != nil {
		return nil, &unknownKeyError{key}
	}
	return &f, nil
}

// unknownKeyError is a key that no field of a lock stands for.
type unknownKeyError struct{ key []string }

func (e *unknownKeyError) Error() string { return "unknown key " + strings.Join(e.key, ".") }

// explainLock says why a lock that failed with err cannot be used. Its version goes first: a newer format may have other
// keys, or other types under the same keys.
func explainLock(data []byte, err error) error {
	broken := func(err error) error {
		te := &tomlError{message: strings.TrimPrefix(err.Error(), "toml: ")}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			te.line, te.column = de.Position()
		}
		errors.As(err, &te)
		return &report.Error{Kind: report.Lock, Where: at(Name, te.line, te.column), What: "not valid TOML", Err: te,
			Next: "restore the file from version control, or delete it and run: " + remedy}
	}
	if te := (*tomlError)(nil); errors.As(err, &te) {
		return broken(err)
	}
	var head struct {
		Version any `toml:"version"`
	}
	if err := toml.Unmarshal(data, &head); err != nil {
		return broken(err)
	}
	version, ok := head.Version.(int64)
	var unknown *unknownKeyError
	switch {
	case !ok || version < 1:
		return lockError(data, "the lock has no format version", "restore the file from version control, or delete it and run: "+remedy, "version")
	case version > Version:
		return lockError(data, fmt.Sprintf("the lock has format version %d, this conduit reads up to %d", version, Version),
			"install the conduit that wrote it, or a newer one; conduit version shows which one runs", "version")
	case errors.As(err, &unknown):
		return lockError(data, fmt.Sprintf("unknown key %q", strings.Join(unknown.key, ".")),
			"the file was edited by hand: restore it from version control, or delete it and run: "+remedy, unknown.key...)
	}
	return broken(err)
}

// lockError is an error at the key's first place in the lock.
func lockError(data []byte, what, next string, path ...string) *report.Error {
	line := 0
	if d, err := scan(data); err == nil {
		line = d.lineOf(path...)
	}
	return &report.Error{Kind: report.Lock, Where: at(Name, line, 0), What: what, Next: next}
}

func (f *lockTOML) lock(data []byte) (*Lock, error) {
	l := &Lock{Node: f.Node, Build: f.Build, Modules: make([]Module, 0, len(f.Module)), Libraries: make([]resolve.Library, 0, len(f.Library))}
	for _, r := range f.Root {
		l.Root = append(l.Root, Root(r))
	}
	for _, r := range f.Replace {
		l.Replace = append(l.Replace, Replacement{Old: r.Old, New: r.New, Local: r.Local})
	}
	for _, e := range f.Exclude {
		if l.Exclude == nil {
			l.Exclude = map[string][]string{}
		}
		l.Exclude[e.Source] = append(l.Exclude[e.Source], e.Version)
	}
	for _, m := range f.Module {
		module := Module{Source: m.Source, Version: m.Version, Kind: m.Kind, Commit: m.Commit, Integrity: m.Integrity, Sum: m.Sum, Signer: m.Signer, Time: m.Time,
			Artifact: m.Artifact, Builder: m.Builder, Service: m.Service, Replaces: m.Replaces, Local: m.Local,
			Bundling: Bundling{m.Unbundled, m.External}, Permissions: m.Permissions, Unused: m.Unused}
		for _, r := range m.Requires {
			if module.Requires == nil {
				module.Requires = make([]Require, 0, len(m.Requires))
			}
			module.Requires = append(module.Requires, Require(r))
		}
		for _, i := range m.Images {
			module.Images = append(module.Images, Image(i))
		}
		for _, line := range m.Libraries {
			n, err := parseNode(line)
			if err != nil {
				return nil, &report.Error{Kind: report.Lock, Where: at(Name, lineWith(data, line), 0), What: "a library tree cannot be read", Err: err,
					Next: "restore the file from version control, or delete it and run: " + remedy}
			}
			module.Libraries = append(module.Libraries, n)
		}
		l.Modules = append(l.Modules, module)
	}
	for _, lib := range f.Library {
		l.Libraries = append(l.Libraries, resolve.Library(lib))
	}
	for _, t := range f.Tool {
		l.Toolchain = append(l.Toolchain, Tool(t))
	}
	for _, n := range f.Native {
		l.Natives = append(l.Natives, Native(n))
	}
	return l.sorted(), nil
}

// lineWith is the first line that holds the text, 0 if none does.
func lineWith(data []byte, text string) int {
	i := bytes.Index(data, []byte(quote(text)))
	if i < 0 {
		return 0
	}
	return 1 + bytes.Count(data[:i], []byte("\n"))
}
