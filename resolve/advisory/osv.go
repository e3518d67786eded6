package advisory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// osv is a file in the OSV format.
type osv struct {
	ID        string `json:"id"`
	Summary   string `json:"summary"`
	Withdrawn string `json:"withdrawn"`
	Database  struct {
		Severity string `json:"severity"`
	} `json:"database_specific"`
	Affected []struct {
		Package struct {
			Ecosystem string `json:"ecosystem"`
			Name      string `json:"name"`
		} `json:"package"`
		Versions []string `json:"versions"`
		Ranges   []struct {
			Type   string  `json:"type"`
			Events []event `json:"events"`
		} `json:"ranges"`
	} `json:"affected"`
}

// event is a point in the order of versions; one of the fields is set.
type event struct {
	Introduced string `json:"introduced"`
	Fixed      string `json:"fixed"`
	Last       string `json:"last_affected"`
	Limit      string `json:"limit"`
}

func (e event) version() string { return cmp.Or(e.Introduced, e.Fixed, e.Last, e.Limit) }

// ReadDatabase reads all files with the ending .json below a folder, and returns what they say of npm packages that are in
// names. Files in other formats, a folder without any in this one, and files that cannot be read are errors: an audit that
// overlooks something is worse than none.
func ReadDatabase(ctx context.Context, dir string, names map[string]bool) ([]Advisory, error) {
	var out []Advisory
	files := 0
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(file, ".json") {
			return errors.Join(err, ctx.Err())
		}
		files++
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		found, err := ParseOSV(data)
		if err != nil {
			return &report.Error{What: "a file of the advisory database is not in the OSV format", Where: file, Err: err, Next: "unpack the dump of OSV's ecosystem npm anew, into a folder of its own"}
		}
		out = append(out, slices.DeleteFunc(found, func(a Advisory) bool { return !names[a.Library] })...)
		return ctx.Err()
	})
	var known *report.Error
	switch {
	case errors.As(err, &known):
		return nil, known
	case err != nil:
		return nil, &report.Error{What: "the advisory database cannot be read", Where: dir, Err: err, Next: "name the folder of an unpacked OSV dump: conduit audit --database DIR"}
	case files == 0:
		return nil, &report.Error{What: "the advisory database is empty", Where: dir, Why: "the folder holds no .json files", Next: "unpack the dump of OSV's ecosystem npm there: its all.zip"}
	}
	return out, nil
}

// ParseOSV reads one file in the OSV format, and what it says of npm packages; nothing if it was withdrawn.
func ParseOSV(data []byte) ([]Advisory, error) {
	var o osv
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	if o.ID == "" {
		return nil, errors.New("it has no id")
	}
	var out []Advisory
	for _, a := range o.Affected {
		if a.Package.Ecosystem != "npm" || o.Withdrawn != "" {
			continue
		}
		var spans [][]event
		var words []string
		for _, r := range a.Ranges {
			if r.Type == "SEMVER" || r.Type == "ECOSYSTEM" {
				events := ordered(r.Events)
				spans, words = append(spans, events), append(words, inWords(events))
			}
		}
		if len(spans) == 0 {
			words = append(words, strings.Join(a.Versions, ", "))
		}
		out = append(out, Advisory{Library: a.Package.Name, ID: o.ID, URL: "https://osv.dev/vulnerability/" + o.ID, Title: o.Summary,
			Severity: severity(o.Database.Severity), Range: strings.Join(words, " || "), affects: func(version string) bool {
				return slices.Contains(a.Versions, version) || slices.ContainsFunc(spans, func(events []event) bool { return within(events, version) })
			}})
	}
	return out, nil
}

// ordered sorts events by version, "0" first; of one version, the end of a span stands before the start of the next.
func ordered(events []event) []event {
	out := slices.Clone(events)
	slices.SortStableFunc(out, func(a, b event) int { return compare(a.version(), b.version()) })
	return out
}

// compare orders versions, with OSV's "0" before all of them and "*" of limits behind.
func compare(a, b string) int {
	rank := func(v string) int {
		switch v {
		case "0":
			return -1
		case "*":
			return 1
		}
		return 0
	}
	if x, y := rank(a), rank(b); x != 0 || y != 0 {
		return cmp.Compare(x, y)
	}
	return library.Compare(a, b)
}

// within follows the events up to a version, as the format's specification evaluates them.
func within(events []event, version string) bool {
	affected := false
	for _, e := range events {
		switch order := compare(version, e.version()); {
		case e.Introduced != "" && order >= 0:
			affected = true
		case e.Fixed != "" && order >= 0, e.Limit != "" && order >= 0, e.Last != "" && order > 0:
			affected = false
		}
	}
	return affected
}

func inWords(events []event) string {
	var out []string
	for _, e := range events {
		switch {
		case e.Introduced != "":
			out = append(out, ">="+e.Introduced)
		case e.Fixed != "":
			out = append(out, "<"+e.Fixed)
		case e.Last != "":
			out = append(out, "<="+e.Last)
		}
	}
	return strings.Join(out, " ")
}
