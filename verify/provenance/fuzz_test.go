package provenance

import (
	"testing"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
)

// FuzzProvenance reads what a registry answers. Nothing but what builds have signed is taken for provenance.
func FuzzProvenance(f *testing.F) {
	root := public(f)
	good := map[string]Build{}
	for _, p := range published {
		answer := sigstoretest.Answer(p.predicate, read(f, p.file))
		f.Add(answer)
		good[p.release.Version] = p.want
	}
	for _, name := range []string{"rekor2-dsse-happy-path", "happy-path-intoto-in-dsse-v3"} {
		f.Add(sigstoretest.Answer(slsa1, read(f, "conformance", name+".json")))
	}
	f.Add([]byte(`{"attestations":[{"predicateType":"https://slsa.dev/provenance/v1","bundle":{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range published {
			if b, err := root.Check(p.release, data); err == nil && b != p.want {
				t.Errorf("%s was built by %+v", p.release.Version, b)
			}
		}
	})
}

// FuzzTimestamp reads timestamps, certificate logs' promises and repositories: what foreign bytes are in beside JSON.
func FuzzTimestamp(f *testing.F) {
	root := rootFor(f, "rekor2-dsse-happy-path")
	b, err := parseBundle(read(f, "conformance", "rekor2-dsse-happy-path.json"))
	if err != nil {
		f.Fatal(err)
	}
	when, err := root.stamped(b.stamps[0], b.envelope.sig)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.stamps[0])
	f.Fuzz(func(t *testing.T, data []byte) {
		if at, err := root.stamped(data, b.envelope.sig); err == nil && !at.Equal(when) {
			t.Errorf("stamped at %v", at)
		}
	})
}

// FuzzRepository: a repository that is spelt in its canonical way is itself.
func FuzzRepository(f *testing.F) {
	for _, text := range []string{"git+https://github.com/acme/talk.git", "acme/talk", "git@github.com:acme/talk.git", "gitlab:a/b/c", "https://github.com/acme/talk/tree/main/x", "ssh://git@gitlab.com/a/b.git#main", "x", ":", "https://"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c := canonical(text); c != "" && canonical("https://"+c) != c {
			t.Errorf("%q is %q, which is %q", text, c, canonical("https://"+c))
		}
	})
}
