package plugin

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/landlock"
)

// TestRefusal: a remedy is in the form that conduit.toml takes.
func TestRefusal(t *testing.T) {
	t.Parallel()
	own := t.TempDir()
	reaches := &reach{rules: landlock.Rules{Files: []landlock.Rule{{Path: own, Access: landlock.Read}}}}
	for _, c := range []struct{ message, want string }{
		{"connect EACCES 127.0.0.1:443 - Local (0.0.0.0:0)", `net = ["127.0.0.1:443"]`},
		{"AggregateError: connect EACCES ::1:443 - Local (:::0); connect EACCES 127.0.0.1:443", `net = ["[::1]:443"]`},
		{"EACCES: permission denied, open '/a b/c'", `read = ["/a b/c"]`},
		{"EACCES: permission denied, mkdir '/a'", `write = ["/a"]`},
		{"log:   errno: -13,\nlog:   code: 'EACCES',\nlog:   syscall: 'open',\nlog:   path: '/a'\nlog: }", `read = ["/a"]`},
		{"EACCES: permission denied, open '" + own + "'", `write = ["` + own + `"]`},
		{"EACCES: permission denied, copyfile '" + own + "' -> '/b'", `write = ["/b"]`},
		{"EACCES: permission denied, copyfile '/a' -> '" + own + "'", `read = ["/a"]`},
		{"EACCES: permission denied, rename '/a' -> '" + own + "'", `write = ["/a"]`},
		{"EACCES: permission denied, symlink 'a' -> '/b'", `write = ["/b"]`},
		{"EACCES: permission denied, open '../secret'", `read = ["/data/secret"]`},
		{"spawn ffmpeg EACCES", `run = ["ffmpeg"]`},
		{"connect ECONNREFUSED ::1:443", ""},
		{"log:   code: 'ENOENT',\nlog:   syscall: 'open',\nlog:   path: '/a'", ""},
	} {
		p := &Provider{spec: Spec{Name: "mine", Dir: "/data/mine"}, process: &process{reach: reaches}, recorder: &recorder{secrets: newRedactor(nil)}}
		got := p.refusal(c.message)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) || c.want != "" && !strings.Contains(got, "permissions of mine") {
			t.Errorf("%s: %q", c.message, got)
		}
	}
	told := 0
	p := &Provider{process: &process{reach: reaches}, recorder: &recorder{secrets: newRedactor(nil)},
		spec: Spec{Name: "mine", Refused: func(string) { told++ }, Access: &Access{Allowed: map[string][]string{"net": {"a:1", "b:2"}}}}}
	for range 3 * mostRefusals {
		if got := p.refusal("connect EACCES 127.0.0.1:443"); !strings.Contains(got, `net = ["a:1", "b:2", "127.0.0.1:443"]`) {
			t.Fatalf("the remedy takes away what it has: %q", got)
		}
	}
	if told != mostRefusals {
		t.Errorf("told %d times", told)
	}
}
