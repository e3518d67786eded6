package npm

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// TestSHA1Alone: refused, unless the policy allows the version; then it counts by the SHA-512 of what came.
func TestSHA1Alone(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "@s/old", Version: "1.0.0"})
	d, err := w.client().Packument(t.Context(), "@s/old", false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Version("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	promised := m.Integrity
	w.cold()
	w.reg.Fault(npmtest.Fault{On: "document", Weak: true})
	remedy := []string{`[replace] "npm:@s/old" = "VERSION"`, "[policy]\n        sha1 = [\"@s/old@1.0.0\"]"}
	_, err = w.client().Tarball(t.Context(), "@s/old", "1.0.0", "")
	mustFail(t, err, report.Integrity, remedy...)
	_, err = NewOrigin(w.client()).Find(t.Context(), resolve.Source{Kind: resolve.NPM, Path: "@s/old"}, "latest")
	mustFail(t, err, report.Integrity, remedy...)
	_, err = w.client().Tarball(t.Context(), "@s/old", "1.0.0", "sha1-qUqP5cyxm6YcTAhz05Hph5gvu9M=")
	mustFail(t, err, report.Integrity, remedy...)

	allow := Policy{SHA1: []string{"other@1.0.0", "@s/old@1.0.0", "@s/old@2.0.0"}}
	c := w.client()
	c.Allow(allow)
	rev, err := NewOrigin(c).Find(t.Context(), resolve.Source{Kind: resolve.NPM, Path: "@s/old"}, "latest")
	if err != nil || rev.Integrity != promised {
		t.Errorf("%+v, %v, want %s", rev, err, promised)
	}
	w.reg.Reset()
	w.reg.Fault(npmtest.Fault{On: "document", Weak: true})
	c = w.client()
	c.Allow(allow)
	if _, err := c.Tarball(t.Context(), "@s/old", "1.0.0", ""); err != nil {
		t.Error(err)
	}
	for _, r := range w.reg.Requests() {
		if strings.Contains(r, "/-/") {
			t.Errorf("fetched again: %s", r)
		}
	}
	w.cold()
	w.reg.Fault(npmtest.Fault{On: "tarball", Corrupt: true})
	c = w.client()
	c.Allow(allow)
	_, err = c.Tarball(t.Context(), "@s/old", "1.0.0", "")
	mustFail(t, err, report.Integrity, "@s/old@1.0.0", "expected sha1-", "got      sha1-")
	leftNothing(t, w.cache)
}
