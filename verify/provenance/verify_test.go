package provenance

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
	"github.com/MediaConduit/conduit/verify/signature"
)

// published are releases of the npm registry with their bundles in testdata.
var published = []struct {
	file, predicate string
	release         Release
	want            Build
}{
	{"sigstore-2.0.0.json", slsa1,
		Release{"sigstore", "2.0.0", sri("46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c"), "git+https://github.com/sigstore/sigstore-js.git"},
		Build{"https://token.actions.githubusercontent.com", "https://github.com/sigstore/sigstore-js", "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml", "refs/heads/main", "f0b49a04e5a62250e0f60fb128004a73110fe311"}},
	{"sigstore-1.3.0.json", slsa02,
		Release{"sigstore", "1.3.0", sri("76176ffa33808b54602c7c35de5c6e9a4deb96066dba6533f50ac234f4f1f4c6b3527515dc17c06fbe2860030f410eee69ea20079bd3a2c6f3dcf3b329b10751"), "github:sigstore/sigstore-js"},
		Build{"https://token.actions.githubusercontent.com", "https://github.com/sigstore/sigstore-js", "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml", "refs/heads/main", "dae8bd8eb433a4147b4655c00fe73e0f22bc0fb1"}},
}

// sri is the integrity string of a SHA-512 in hex.
func sri(sum string) string {
	raw, err := hex.DecodeString(sum)
	if err != nil {
		panic(err)
	}
	return "sha512-" + base64.StdEncoding.EncodeToString(raw)
}

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func public(t testing.TB) *Root {
	t.Helper()
	root, err := PublicGood()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// TestPublished verifies what the npm registry has, by the public instance's root.
func TestPublished(t *testing.T) {
	t.Parallel()
	for _, p := range published {
		answer := sigstoretest.Answer(p.predicate, read(t, p.file))
		got, err := public(t).Check(p.release, answer)
		if err != nil || got != p.want {
			t.Errorf("%s: %+v, %v", p.file, got, err)
		}
		if who := got.Signer().String(); who != "sigstore https://token.actions.githubusercontent.com https://github.com/sigstore/sigstore-js .github/workflows/release.yml" {
			t.Errorf("%s: %s", p.file, who)
		}
		for what, change := range map[string]func(*Release){
			"package":    func(r *Release) { r.Name = "sigstore-js" },
			"version":    func(r *Release) { r.Version = "2.0.1" },
			"tarball":    func(r *Release) { r.Integrity = sri(strings.Repeat("ab", 64)) },
			"hash":       func(r *Release) { r.Integrity = "sha1-" + base64.StdEncoding.EncodeToString(make([]byte, 20)) },
			"repository": func(r *Release) { r.Repository = "github:evil/sigstore-js" },
		} {
			other := p.release
			change(&other)
			if _, err := public(t).Check(other, answer); err == nil {
				t.Errorf("%s is taken for another %s", p.file, what)
			}
		}
	}
}

// TestConformance: the verdicts over envelopes are those that the conformance tests of Sigstore demand.
func TestConformance(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "conformance", "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		root := rootFor(t, name)
		b, err := parseBundle(read(t, "conformance", name+".json"))
		if err == nil {
			err = root.signed(b)
		}
		if (err != nil) != strings.HasSuffix(name, "_fail") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// rootFor is the root of a bundle of testdata/conformance.
func rootFor(t testing.TB, name string) *Root {
	t.Helper()
	for prefix, file := range map[string]string{"intoto-": "root-custom.json", "rekor2-": "root-staging.json"} {
		if strings.HasPrefix(name, prefix) {
			root, err := ParseRoot(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			return root
		}
	}
	return public(t)
}

func instance(t testing.TB) (*sigstoretest.Instance, *Root) {
	t.Helper()
	i, err := sigstoretest.New()
	if err != nil {
		t.Fatal(err)
	}
	root, err := ParseRoot(i.TrustedRoot())
	if err != nil {
		t.Fatal(err)
	}
	return i, root
}

func attest(t testing.TB, i *sigstoretest.Instance, b sigstoretest.Build) []byte {
	t.Helper()
	data, err := i.Attest(b)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// talk is a release, and ours its build.
var (
	talk = Release{"@acme/talk", "1.0.0", sri(strings.Repeat("5a", 64)), "git+https://github.com/acme/talk.git"}
	ours = sigstoretest.Build{Name: talk.Name, Version: talk.Version, Integrity: talk.Integrity}
)

// TestAttacks: what is properly signed, but not what it should be.
func TestAttacks(t *testing.T) {
	t.Parallel()
	i, root := instance(t)
	for what, c := range map[string]struct {
		change func(*sigstoretest.Build)
		says   string // "" where it holds
	}{
		"nothing":           {func(*sigstoretest.Build) {}, ""},
		"SLSA 0.2":          {func(b *sigstoretest.Build) { b.Predicate = slsa02 }, ""},
		"a shared workflow": {func(b *sigstoretest.Build) { b.Workflow = "https://github.com/acme/ci/.github/workflows/npm.yml@v1" }, ""},
		"another package":   {func(b *sigstoretest.Build) { b.Name = "@acme/tall" }, "about another package or version"},
		"another version":   {func(b *sigstoretest.Build) { b.Version = "1.0.1" }, "about another package or version"},
		"another tarball":   {func(b *sigstoretest.Build) { b.Integrity = sri(strings.Repeat("5b", 64)) }, "about another tarball"},
		"another repository": {func(b *sigstoretest.Build) { b.Repository = "https://github.com/evil/talk" },
			"it was built from https://github.com/evil/talk, and its package.json claims git+https://github.com/acme/talk.git"},
		"a statement that lies": {func(b *sigstoretest.Build) { b.Claims = "https://github.com/evil/talk" }, "names another repository or commit"},
		"a statement of SLSA 0.2 that lies": {func(b *sigstoretest.Build) { b.Claims, b.Predicate = "https://github.com/evil/talk", slsa02 },
			"names another repository or commit"},
		"somebody else's machines": {func(b *sigstoretest.Build) { b.Issuer = "https://ci.example.com" }, "where anybody could have"},
		"a person": {func(b *sigstoretest.Build) {
			b.Issuer, b.Repository, b.Claims = "https://accounts.example.com", "-", "https://github.com/acme/talk"
		},
			"by no build of a repository"},
		"too late":    {func(b *sigstoretest.Build) { b.Late = 11 * 60e9 }, "was not valid when"},
		"too early":   {func(b *sigstoretest.Build) { b.Late = -60e9 }, "was not valid when"},
		"in secrecy":  {func(b *sigstoretest.Build) { b.Unlisted = true }, "no certificate transparency log that is known here"},
		"other entry": {func(b *sigstoretest.Build) { b.Entry = func(body map[string]any) { body["kind"] = "rekord" } }, `entries of the kind "rekord 0.0.2" are not known here`},
		"entry of another statement": {func(b *sigstoretest.Build) {
			b.Entry = func(body map[string]any) {
				content(body)["payloadHash"].(map[string]any)["value"] = strings.Repeat("0", 64)
			}
		}, "it is of another statement"},
		"entry of another signature": {func(b *sigstoretest.Build) {
			b.Entry = func(body map[string]any) { signed(body)["sig"] = []byte("AAAA") }
		}, "it is of another signature"},
		"entry of another key": {func(b *sigstoretest.Build) {
			b.Entry = func(body map[string]any) {
				signed(body)["publicKey"] = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
			}
		}, "it is of another certificate"},
	} {
		b := ours
		c.change(&b)
		predicate := slsa1
		if b.Predicate != "" {
			predicate = b.Predicate
		}
		_, err := root.Check(talk, sigstoretest.Answer(predicate, attest(t, i, b)))
		var failure *signature.Failure
		if (err == nil) != (c.says == "") || err != nil && (!errors.As(err, &failure) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
	}
}

func content(body map[string]any) map[string]any {
	return body["spec"].(map[string]any)["content"].(map[string]any)
}

func signed(body map[string]any) map[string]any {
	return content(body)["envelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)
}

// TestAnswers: what registries can answer besides one good attestation.
func TestAnswers(t *testing.T) {
	t.Parallel()
	i, root := instance(t)
	stranger, _ := instance(t)
	good := attest(t, i, ours)
	shared := ours
	shared.Workflow = "https://github.com/acme/ci/.github/workflows/npm.yml@v1"
	unclaimed := talk
	unclaimed.Repository = ""
	publish := `{"attestations":[{"predicateType":"https://github.com/npm/attestation/tree/main/specs/publish/v0.1","bundle":{}}]}`
	for what, c := range map[string]struct {
		release Release
		answer  []byte
		fault   signature.Fault
		says    string
	}{
		"no JSON":                     {talk, []byte("<html>"), signature.Malformed, "cannot be read"},
		"none":                        {talk, []byte(`{"attestations":[]}`), signature.Unsigned, "it has no provenance"},
		"only the registry's own":     {talk, []byte(publish), signature.Unsigned, "it has no provenance"},
		"another predicate":           {talk, sigstoretest.Answer(slsa02, good), signature.Mismatch, "another statement than the registry says"},
		"a stranger's":                {talk, sigstoretest.Answer(slsa1, attest(t, stranger, ours)), signature.UnknownKey, "a log that is not known here"},
		"a good one and a stranger's": {talk, sigstoretest.Answer(slsa1, good, attest(t, stranger, ours)), signature.UnknownKey, "a log that is not known here"},
		"two builds":                  {talk, sigstoretest.Answer(slsa1, good, attest(t, i, shared)), signature.Mismatch, "two builds"},
		"nothing claimed":             {unclaimed, sigstoretest.Answer(slsa1, good), signature.NotAllowed, "its package.json claims no repository"},
		"another type of bundle":      {talk, sigstoretest.Answer(slsa1, []byte(strings.Replace(string(good), "version=0.2", "version=9", 1))), signature.Malformed, "are not known here"},
		"no bundle":                   {talk, sigstoretest.Answer(slsa1, []byte("null")), signature.Malformed, "cannot be read"},
	} {
		_, err := root.Check(c.release, c.answer)
		var failure *signature.Failure
		if !errors.As(err, &failure) || failure.Fault != c.fault || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := root.Check(talk, sigstoretest.Answer(slsa1, good, good)); err != nil {
		t.Error(err)
	}
}

// TestRoots: what is no trusted root is an error.
func TestRoots(t *testing.T) {
	t.Parallel()
	i, _ := instance(t)
	var root map[string]any
	if err := json.Unmarshal(i.TrustedRoot(), &root); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"mediaType", "tlogs", "ctlogs", "certificateAuthorities"} {
		less := map[string]any{}
		for k, v := range root {
			if k != key {
				less[k] = v
			}
		}
		data, err := json.Marshal(less)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseRoot(data); err == nil {
			t.Errorf("a root without %s", key)
		}
	}
	if _, err := ParseRoot([]byte("{")); err == nil {
		t.Error("a root that is no JSON")
	}
}
