package provenance

import "testing"

// TestRepositories: the spellings that package.json allows are one repository.
func TestRepositories(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"acme/talk", "github:acme/talk", "github:Acme/Talk#main", "https://github.com/acme/talk", "git+https://github.com/acme/talk.git", "git://github.com/acme/talk.git",
		"git@github.com:acme/talk.git", "git+ssh://git@github.com/acme/talk.git", "https://user@github.com/acme/talk/", "https://github.com/acme/talk/tree/main/packages/x"} {
		if got := canonical(text); got != "github.com/acme/talk" {
			t.Errorf("%q is %q", text, got)
		}
	}
	for text, want := range map[string]string{"gitlab:a/b": "gitlab.com/a/b", "https://gitlab.com/a/b/c.git": "gitlab.com/a/b/c", "https://git.example.com/x/y": "git.example.com/x/y",
		"https://github.com.evil.example/acme/talk": "github.com.evil.example/acme/talk", "https://github.com/acme": "", "acme": "", "": "", "file:///acme/talk": "", "https://evil.example/github.com/acme/talk": "evil.example/github.com/acme/talk"} {
		if got := canonical(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{`{"repository":"a/b"}`: "a/b", `{"repository":{"type":"git","url":" git+https://github.com/a/b.git "}}`: "git+https://github.com/a/b.git",
		`{}`: "", `{"repository":7}`: "", `{"repository":null}`: "", `[`: ""} {
		if got := Repository([]byte(text)); got != want {
			t.Errorf("%s claims %q, want %q", text, got, want)
		}
	}
}
