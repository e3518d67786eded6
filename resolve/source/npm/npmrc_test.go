package npm

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"testing"
)

// rcLines are lines of an npmrc, one setting each.
var rcLines = []string{
	"plain=value", " spaced = value ", "empty=", "alone", "; comment=1", "# comment=1", `quoted="a ; b # c"`, `single='a ; b'`,
	`escapes="a\nb"`, "cut=value ; comment", "cut2=value # comment", `kept=a\;b\#c\\d`, "equals=a=b=c", `"quoted key"=1`,
	"//host.example/path/:_authToken=${TOKEN}", "//${HOST}/:username=me", "@scope:registry=https://${HOST}/npm/",
	"unset=${UNSET}", "optional=a${UNSET?}b", "set=${TOKEN?}", `escaped=\${TOKEN}`, `escaped2=\\${TOKEN}`, `escaped3=\\\${TOKEN}`,
	"dollar=$TOKEN", "dollar2=pa$$word", "open=${TOKEN", "nested=${A${TOKEN}}", "blank=${EMPTY}", "blank2=${EMPTY?}", "two=${TOKEN}-${HOST}",
	"ca[]=one", "ca[]=two", "same=1", "same=2", "base64=YWJj+/==", `single quote='`, `double quote="`, "windows=C:\\dir\\file",
}

var rcVariables = []string{"TOKEN=s3cret", "HOST=host.example", "EMPTY="}

func TestParseNpmrc(t *testing.T) {
	got := parseNpmrc(join(rcLines)+"[section]\nplain=other\n", lookupIn(rcVariables))
	for name, want := range map[string]string{
		"plain": "value", "spaced": "value", "empty": "", "alone": "true", "quoted": "a ; b # c", "cut": "value", "kept": `a;b#c\d`, "equals": "a=b=c",
		"//host.example/path/:_authToken": "s3cret", "//host.example/:username": "me", "@scope:registry": "https://host.example/npm/",
		"unset": "${UNSET}", "optional": "ab", "set": "s3cret", "escaped": "${TOKEN}", "dollar": "$TOKEN", "dollar2": "pa$$word", "open": "${TOKEN",
		"same": "2", "comment": "",
	} {
		if got.get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.get(name), want)
		}
	}
	if !reflect.DeepEqual(got["ca"], []string{"one", "two"}) {
		t.Errorf("ca is %q", got["ca"])
	}
}

func join(lines []string) string {
	var b bytes.Buffer
	for _, l := range lines {
		b.WriteString(l + "\r\n")
	}
	return b.String()
}

// rcOracle reads what npm's own parts make of an npmrc.
const rcOracle = `
const npm = require('module').createRequire(require('fs').realpathSync(process.argv[1]))
const ini = npm('ini'), replace = npm('@npmcli/config/lib/env-replace.js')
const { text, env } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const out = {}
for (const [k, v] of Object.entries(ini.parse(text))) {
  if (typeof v === 'object' && !Array.isArray(v)) continue
  out[replace(k, env)] = (Array.isArray(v) ? v : [v]).map((s) => replace(String(s), env))
}
process.stdout.write(JSON.stringify(out))
`

// TestNpmrcAgreesWithNPM: files are read as npm reads them.
func TestNpmrcAgreesWithNPM(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is needed under CI: ", err)
		}
		t.Skip("npm is not installed")
	}
	env := map[string]string{"TOKEN": "s3cret", "HOST": "host.example", "EMPTY": ""}
	question, err := json.Marshal(map[string]any{"text": join(rcLines), "env": env})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", rcOracle, npm)
	cmd.Stdin = bytes.NewReader(question)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := settings{}
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	got := parseNpmrc(join(rcLines), lookupIn(rcVariables))
	for name := range maps.Keys(want) {
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("%s: %q, npm says %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d settings, npm reads %d", len(got), len(want))
	}
}

func FuzzParseNpmrc(f *testing.F) {
	for _, l := range rcLines {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := parseNpmrc(text, lookupIn(rcVariables))
		c := credentials{}
		for name := range got {
			c.set(name, got.get(name))
		}
	})
}
