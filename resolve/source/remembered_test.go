package source

import (
	"reflect"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve"
)

// TestRememberedReleases reads back what was written of releases. What an earlier conduit wrote tells nothing of
// attestations and does not count, while the packages below it do.
func TestRememberedReleases(t *testing.T) {
	src := resolve.Source{Kind: resolve.NPM, Path: "@acme/talk"}
	want := remembered{
		known:      "17 1795348623",
		releases:   resolve.Releases{Versions: []string{"v1.0.0", "v1.1.0"}, Attested: []string{"v1.1.0"}, Tags: []string{"latest"}, Deprecated: map[string]string{"v1.0.0": "use v1.1"}},
		identities: []string{"sha512-a", "sha512-b"},
		packages:   []resolve.Remembered{{Source: src, Revision: resolve.Revision{Version: "v1.1.0", Integrity: "sha512-b"}, Sum: "h1:b", Kind: resolve.KindProvider}},
	}
	text := formatRemembered(want)
	if got := parseRemembered(src, text); !reflect.DeepEqual(got, want) {
		t.Errorf("wrote %+v\nread %+v", want, got)
	}
	older := strings.Replace(text, stateLine, formerStateLine, 1)
	if got := parseRemembered(src, older); got.known != "" || len(got.releases.Versions) != 0 || !reflect.DeepEqual(got.packages, want.packages) {
		t.Errorf("of an earlier conduit: %+v", got)
	}
}
