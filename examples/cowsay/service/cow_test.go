package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var texts = []string{
	"moo",
	"Hello from a dynamic provider!",
	"",
	"a  b\tc",
	"one\ntwo\nthree",
	"first paragraph\n\nsecond paragraph",
	"indented\n  line",
	"trailing space ",
	" leading space",
	"ends with a newline\n",
	strings.Repeat("x", 38), strings.Repeat("x", 39), strings.Repeat("x", 40), strings.Repeat("x", 79), strings.Repeat("x", 120),
	strings.Repeat("x", 39) + " y", strings.Repeat("x", 38) + " y z", strings.Repeat("x", 39) + " ",
	"The quick brown fox jumps over the lazy dog and then, after a short rest, jumps back over it again.",
	`back\slash "quotes" 'single' $dollar @at %percent`,
	"Grüße aus München, où l'été est très agréable, señor", "日本語のテキスト", "dash-ed words-that-are-long-enough to-be-wrapped-somewhere-else",
}

// TestSay pins the drawing where the classic program is not at hand.
func TestSay(t *testing.T) {
	want := ` _________________________________________
/ The quick brown fox jumps over the lazy \
| dog and then, after a short rest, jumps |
\ back over it again.                     /
 -----------------------------------------
` + cow
	if got := Say(texts[18]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := Say(""), " __\n<  >\n --\n"+cow; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestClassic compares with the classic program, byte for byte.
func TestClassic(t *testing.T) {
	path, err := exec.LookPath("cowsay")
	if err != nil {
		path = "/usr/games/cowsay"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("cowsay is not installed: apt-get install cowsay")
		}
		t.Skip("cowsay is not installed")
	}
	all := append([]string{}, texts...)
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		var b strings.Builder
		for range random.IntN(120) {
			b.WriteByte("abcdefgh      \n"[random.IntN(15)])
		}
		all = append(all, b.String())
	}
	for _, text := range all {
		cmd := exec.Command(path)
		cmd.Stdin = strings.NewReader(text)
		cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := Say(text); got != string(want) {
			t.Errorf("text %q:\ngot\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestServer(t *testing.T) {
	s := httptest.NewServer(handler())
	defer s.Close()
	resp, err := http.Get(s.URL + "/health")
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	for body, want := range map[string]int{`{"text": "moo"}`: 200, `{}`: 200, `moo`: 400} {
		resp, err := http.Post(s.URL+"/cowsay", "application/json", bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ CowsayOutput, Error string }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != want {
			t.Errorf("%s: status %d, %v", body, resp.StatusCode, err)
		}
		resp.Body.Close()
		if want == 200 && !strings.Contains(answer.CowsayOutput, "^__^") || want != 200 && answer.Error == "" {
			t.Errorf("%s: %+v", body, answer)
		}
	}
}
