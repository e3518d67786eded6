package resolve_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

func TestParseSource(t *testing.T) {
	for _, test := range []struct{ text, source, query string }{
		{"github:MediaConduit/cowsay-provider", "github:MediaConduit/cowsay-provider", ""},
		{" github:a/b@v1 ", "github:a/b", "v1"},
		{"github:a/b.git", "github:a/b", ""},
		{"github:a/b/", "github:a/b", ""},
		{"GitHub:a/b", "github:a/b", ""},
		{"github:a/b@>=1.4 <3", "github:a/b", ">=1.4 <3"},
		{"github:a/b@feature/x", "github:a/b", "feature/x"},
		{"github:a/b//x/y", "github:a/b//x/y", ""},
		{"github:a/b//x/y/@^1.2", "github:a/b//x/y", "^1.2"},
		{"github:a/b//packages/@scope/x@main", "github:a/b//packages/@scope/x", "main"},
		{"https://github.com/a/b", "github:a/b", ""},
		{"https://github.com/a/b.git", "github:a/b", ""},
		{"https://github.com/a/b/", "github:a/b", ""},
		{"https://github.com/a/b.git/", "github:a/b", ""},
		{"https://github.com/a/b@0123abc", "github:a/b", "0123abc"},
		{"https://GitHub.com/a/b//dir@v1", "github:a/b//dir", "v1"},
		{"https://www.github.com/a/b", "github:a/b", ""},
		{"git+https://github.com/a/b.git@v1", "github:a/b", "v1"},
		{"git:github.com/a/b@v1", "github:a/b", "v1"},
		{"git:gitlab.com/a/b/c", "git:gitlab.com/a/b/c", ""},
		{"git:GitLab.com/A/b.git//dir@main", "git:gitlab.com/A/b.git//dir", "main"},
		{"git:localhost:8080/a", "git:localhost:8080/a", ""},
		{"https://codeberg.org/a/b@v2", "git:codeberg.org/a/b", "v2"},
		{"npm:left-pad", "npm:left-pad", ""},
		{"npm:left-pad@~2.1", "npm:left-pad", "~2.1"},
		{"npm:@acme/whisper@next", "npm:@acme/whisper", "next"},
		{"@acme/whisper", "npm:@acme/whisper", ""},
		{"@acme/whisper@1.x || 2.x", "npm:@acme/whisper", "1.x || 2.x"},
		{"file:../x", "file:../x", ""},
		{"file:./providers/mine/", "file:./providers/mine", ""},
		{"file:providers/mine", "file:./providers/mine", ""},
		{"./a/../b", "file:./b", ""},
		{"..", "file:..", ""},
		{".", "file:.", ""},
		{"/abs/x", "file:/abs/x", ""},
		{"file:///abs/with%20blank", "file:/abs/with blank", ""},
		{"file://localhost/abs", "file:/abs", ""},
		{"file:///C:/x", "file:C:/x", ""},
		{`..\x`, "file:../x", ""},
		{`C:\x\y`, "file:C:/x/y", ""},
		{"./at@sign", "file:./at@sign", ""},
	} {
		src, query, err := resolve.ParseSource(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if src.String() != test.source || query != test.query {
			t.Errorf("%q: got %q and %q, want %q and %q", test.text, src, query, test.source, test.query)
		}
	}
}

func TestMalformedSource(t *testing.T) {
	for _, test := range []struct{ text, remedy string }{
		{"", "write github:OWNER/REPO"},
		{"a/b", "write github:a/b"},
		{"a/b@v1", "write github:a/b@v1"},
		{"github.com/a/b", "write github:a/b"},
		{"gitlab.com/a/b", "write git:gitlab.com/a/b"},
		{"github:a", "write github:OWNER/REPO"},
		{"github:a/b/c", "write github:a/b//c"},
		{"github:a/b#main", "write github:a/b@main"},
		{"github:a/b@", "write github:a/b"},
		{"github:-a/b", "write github:OWNER/REPO"},
		{"github:a/-b", "write github:OWNER/REPO"},
		{"github:a/..", "write github:OWNER/REPO"},
		{"github:a/b//../c", "write github:OWNER/REPO"},
		{"github:a/b//c/./d", "write github:OWNER/REPO"},
		{"github:a/b//-c", "write github:OWNER/REPO"},
		{"github:a/b//c\\d", "write github:OWNER/REPO"},
		{"github:a/b@--upload-pack", "write @v1"},
		{"github:a/b@--upload-pack=x", "a range"},
		{"github:a/b@x..y", "write @v1"},
		{"github:a/b@a b", "a range"},
		{"github:a/b@^x.y.z.q", "a range"},
		{"github:a/b@1..2", "a range"},
		{"github:a/\x00b", "write github:OWNER/REPO"},
		{"github:a/b\u202e", "write github:OWNER/REPO"},
		{"http://github.com/a/b", "write https://github.com/a/b"},
		{"git@github.com:a/b.git", "write github:a/b"},
		{"ssh://git@github.com/a/b.git", "write github:a/b"},
		{"https://me:secret@github.com/a/b", ".netrc"},
		{"https://github.com/a/b/tree/main/x/y", "write github:a/b//x/y@main"},
		{"https://github.com/a", "write github:OWNER/REPO"},
		{"git:host/a", "write github:OWNER/REPO"},
		{"git:gitlab.com", "write github:OWNER/REPO"},
		{"git:gitlab.com/a?b", "write github:OWNER/REPO"},
		{"git:gitlab.com/../b", "write github:OWNER/REPO"},
		{"npm:", "write github:OWNER/REPO"},
		{"npm:@acme", "write github:OWNER/REPO"},
		{"npm:../x", "write github:OWNER/REPO"},
		{"npm:.x", "write github:OWNER/REPO"},
		{"npm:a/b", "write github:OWNER/REPO"},
		{"npm:" + strings.Repeat("x", 215), "write github:OWNER/REPO"},
		{"file:", "write github:OWNER/REPO"},
		{"file://host/x", "write file:host/x"},
		{"ftp://x/y", "write github:OWNER/REPO"},
		{"./cow /", "rename the folder to that"},
		{"file:///cow%E2%80%AE", "write github:OWNER/REPO"},
		{"nobody", "put under [aliases] in conduit.toml:\nnobody = "},
	} {
		_, _, err := resolve.ParseSource(test.text)
		var e *report.Error
		if !errors.As(err, &e) || e.Kind != report.Usage || e.What == "" || e.Why == "" {
			t.Errorf("%q: got %v, want an error of kind usage", test.text, err)
			continue
		}
		if !strings.Contains(e.Next, test.remedy) {
			t.Errorf("%q: the remedy is %q, want %q", test.text, e.Next, test.remedy)
		}
		if strings.Contains(e.Error(), "secret") {
			t.Errorf("%q: the message repeats the password: %v", test.text, err)
		}
		if alias := test.text == "nobody"; errors.Is(err, resolve.ErrAlias) != alias {
			t.Errorf("%q: is an alias: %v", test.text, !alias)
		}
		if next, ok := strings.CutPrefix(e.Next, "write "); ok && !strings.Contains(next, "OWNER") && !strings.HasPrefix(next, "@") && !strings.Contains(next, " ") {
			if _, _, err := resolve.ParseSource(next); err != nil {
				t.Errorf("%q: the remedy does not work: %v", test.text, err)
			}
		}
	}
}

func TestFollowAlias(t *testing.T) {
	aliases := map[string]string{"fal-ai": "npm:@fal-ai/provider@^1", "fal": "fal-ai", "plain": "github:a/b", "x": "y", "y": "x"}
	for _, test := range []struct{ text, source, query, fails string }{
		{"fal-ai", "npm:@fal-ai/provider", "^1", ""},
		{"fal-ai@v2", "npm:@fal-ai/provider", "v2", ""},
		{"fal", "npm:@fal-ai/provider", "^1", ""},
		{"fal@none", "npm:@fal-ai/provider", "none", ""},
		{"plain", "github:a/b", "", ""},
		{"github:c/d@v1", "github:c/d", "v1", ""},
		{"x", "", "", "leads back to itself"},
		{"unknown", "", "", `unknown name "unknown"`},
	} {
		src, query, err := resolve.FollowAlias(test.text, aliases)
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) || report.KindOf(err) != report.Usage {
				t.Errorf("%q: got %v, want %q", test.text, err, test.fails)
			}
			continue
		}
		if err != nil || src.String() != test.source || query != test.query {
			t.Errorf("%q: got %q and %q, %v", test.text, src, query, err)
		}
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"github:A/b", "github:a/B.git"}, {"git:x.org/a/b.git", "https://X.org/a/b"}, {"git:github.com/A/b", "github:a/b"}} {
		a, _, err := resolve.ParseSource(pair[0])
		b, _, err2 := resolve.ParseSource(pair[1])
		if err != nil || err2 != nil || a.Fold() != b.Fold() {
			t.Errorf("%q and %q: %v, %v (%v, %v)", pair[0], pair[1], a.Fold(), b.Fold(), err, err2)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	for _, seed := range []string{"github:a/b//c@^1", "https://github.com/a/b.git@main", "@x/y@1.x || 2.x", "npm:x", "file:../x", "git:h.org/a@v1", "name", `C:\x`,
		"file:///%41", "a/b#c", "git@github.com:a/b", "/ /", "file:///%A1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src, query, err := resolve.ParseSource(text)
		if err != nil {
			if report.KindOf(err) != report.Usage {
				t.Errorf("%q: kind %v", text, report.KindOf(err))
			}
			return
		}
		// The canonical form is a fixpoint, and nothing that is dangerous elsewhere passes.
		again, rest, err := resolve.ParseSource(src.String())
		if err != nil || again != src || rest != "" {
			t.Errorf("%q is %q, which reads as %q and %q, %v", text, src, again, rest, err)
		}
		if src.Kind != resolve.File {
			for part := range strings.SplitSeq(src.Path+"/"+src.Dir, "/") {
				if part == ".." || part == "." || strings.HasPrefix(part, "-") && src.Kind != resolve.NPM {
					t.Errorf("%q: %q has the part %q", text, src, part)
				}
			}
			if strings.ContainsAny(src.String()+query, "\x00\n\r\t\x7f") || strings.HasPrefix(query, "-") {
				t.Errorf("%q: %q and %q", text, src, query)
			}
		}
		if query != "" {
			if _, err := resolve.ParseQuery(query); err != nil {
				t.Errorf("%q: query %q: %v", text, query, err)
			}
		}
	})
}
