package lockfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// Files made to keep a machine busy are refused before a reader of TOML sees them. Each of these took minutes, or gigabytes.
func TestBombs(t *testing.T) {
	deep := func(open, inner, closed string) string {
		return strings.Repeat(open, 100_000) + inner + strings.Repeat(closed, 100_000)
	}
	for name, text := range map[string]string{
		"arrays":        "x = " + deep("[", "", "]") + "\n",
		"open arrays":   "x = " + deep("[", "", ""),
		"inline tables": "x = " + deep("{a=", "1", "}") + "\n",
		"dotted key":    deep("a.", "b", "") + " = 1\n",
		"dotted table":  "[" + deep("a.", "b", "") + "]\n",
		"quoted key":    "[" + deep(`"a".`, "b", "") + "]\n",
		"large":         strings.Repeat("# comment\n", 2_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			says := "nested more than 100 deep"
			if name == "large" {
				says = "larger than 16 MiB"
			}
			_, err := ParseManifest(ManifestName, []byte("conduit = \"0.1\"\n"+text))
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("conduit.toml: %.200v", err)
			}
			_, err = ParseLock([]byte("version = 1\n" + text))
			var e *report.Error
			if !errors.As(err, &e) || e.Kind != report.Lock || !strings.Contains(err.Error(), says) || !strings.Contains(e.Next, "version control") {
				t.Errorf("conduit.lock: %.200v", err)
			}
			if _, err := ParseOrganisation("policy.toml", []byte(text)); report.KindOf(err) != report.Policy {
				t.Errorf("policy.toml: %.200v", err)
			}
			edit := Edit([]byte(text))
			edit.SetNode("^22")
			if edit.Err() == nil {
				t.Error("it can be edited")
			}
		})
	}
}

// Brackets and dots that are no structure do not count.
func TestBoundsKnowStrings(t *testing.T) {
	many := strings.Repeat("[.", 1000)
	text := "conduit = \"0.1\"\n# " + many + "\n[aliases]\na = \"npm:a\" # " + many + "\n\"" + many + "\" = 'npm:b'\n"
	if err := outOfBounds([]byte(text)); err != nil {
		t.Error(err)
	}
	for _, quoted := range []string{`"\"` + many + `"`, `'\'`, `"""` + "\n\"" + many + "\n" + `"""`, `'''` + many + `'''`, `""`, `"""a"""""`} {
		if err := outOfBounds([]byte("a = " + quoted + " # " + many + "\n")); err != nil {
			t.Errorf("%.20s: %v", quoted, err)
		}
	}
	if outOfBounds([]byte("a = \"open\nb = "+many)) == nil {
		t.Error("a string that is not closed hides what follows")
	}
}

// Thousands of unknown keys are one mistake, found at once; those in tables of lists too.
func TestUnknownKeysOfALock(t *testing.T) {
	for text, says := range map[string]string{
		strings.Repeat("[[x]]\na = 1\n", 100_000):                                `conduit.lock:2: unknown key "x"`,
		strings.Repeat("[[module]]\nsource = \"npm:a\"\nsuorce = 'x'\n", 30_000): `conduit.lock:4: unknown key "module.suorce"`,
		"[[module]]\nrequires = [\n  { source = 'npm:a', rnage = '1' },\n]\n":    `unknown key "module.requires.rnage"`,
		"[[module]]\nimages = [{ref = 'a', digest.x = 1}]\n":                     "not valid TOML",
		"[[root]]\nname = 'a'\n[root.name]\n":                                    "not valid TOML",
	} {
		_, err := ParseLock([]byte("version = 1\n" + text))
		if report.KindOf(err) != report.Lock || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %.300v, want %s", text, err, says)
		}
	}
}
