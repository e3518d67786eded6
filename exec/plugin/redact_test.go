package plugin

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestRedactedForms(t *testing.T) {
	const value = `p@ss "word"/+<7q>`
	r := newRedactor([]Secret{{Name: "key", Value: value}, {Name: "part", Value: "word"}, {Name: "tiny", Value: "abc"}})
	quoted, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		value, "a" + value + "b" + value, string(quoted), `{"k":"p@ss \"word\"/+<7q>"}`, url.QueryEscape(value), url.PathEscape(value), "p%40ss%20%22word%22%2F%2B%3C7q%3E",
	} {
		if got := r.text(text); strings.Contains(got, "7q") || !strings.Contains(got, "[key]") {
			t.Errorf("%s became %s", text, got)
		}
	}
	for user := range 4 {
		basic := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("u", user) + value + ":x"))
		if got := r.text("Basic " + basic); !strings.Contains(got, "[key]") {
			t.Errorf("%s became %s", basic, got)
		}
	}
	if got := r.text("a word, abc"); got != "a [part], abc" {
		t.Errorf("got %q", got)
	}
	if got := newRedactor(nil).text("as it is …"); got != "as it is …" {
		t.Errorf("got %q", got)
	}
}

func TestRedactedBeginnings(t *testing.T) {
	r := newRedactor([]Secret{{Name: "key", Value: "sk-live-0123456789"}})
	for text, want := range map[string]string{
		"refused sk-live-0123 …":     "refused [key] …",
		"refused sk-live-0123":       "refused sk-live-0123", // nobody cut it: the provider shows no more
		"refused sk-l …":             "refused sk-l …",       // too little to tell
		"sk-live-0123456789 twice …": "[key] twice …",
	} {
		if got := r.text(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A line that is longer than a record is cut into several; a secret on the border is in neither.
func TestRedactedAcrossRecords(t *testing.T) {
	const value = "sk-live-0123456789"
	for shift := range len(value) + 2 {
		var said strings.Builder
		rec := &recorder{secrets: newRedactor([]Secret{{Name: "key", Value: value}}), log: func(r Record) { fmt.Fprint(&said, r.Message) }}
		rec.read(strings.NewReader(strings.Repeat("y", maxLine-shift) + value + strings.Repeat("z", maxLine) + "\n"))
		if got, want := said.String(), strings.Repeat("y", maxLine-shift)+"[key]"+strings.Repeat("z", maxLine); got != want {
			t.Fatalf("shifted by %d: %d bytes, want %d; %q", shift, len(got), len(want), strings.Trim(got, "yz"))
		}
	}
}

func TestRedactedLines(t *testing.T) {
	r := newRedactor([]Secret{{Name: "pem", Value: "-----BEGIN KEY-----\nMIIBplanted0123\nshort\n-----END KEY-----"}})
	if got := r.text("MIIBplanted0123, short, -----BEGIN KEY-----"); got != "[pem], short, -----BEGIN KEY-----" {
		t.Errorf("got %q", got)
	}
}
