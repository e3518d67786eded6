package provenance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
)

// leaves calls f for each value of a document that holds no others, with its path. set changes it, nil takes it out.
func leaves(path string, v any, set func(any), f func(path string, v any, set func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			leaves(path+"."+key, value, func(x any) {
				if v[key] = x; x == nil {
					delete(v, key)
				}
			}, f)
		}
	case []any:
		for i, value := range v {
			leaves(fmt.Sprintf("%s.%d", path, i), value, func(x any) { v[i] = x }, f)
		}
	default:
		f(path, v, set)
	}
}

// damaged are the ways in which a value can be another one.
func damaged(v any) []any {
	text, ok := v.(string)
	if !ok || text == "" {
		return []any{nil}
	}
	out := []any{nil, "", text + "0", 7}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) > 8 {
		for _, at := range []int{0, len(raw) / 3, len(raw) / 2, len(raw) - 1} {
			flipped := append([]byte{}, raw...)
			flipped[at] ^= 1
			out = append(out, base64.StdEncoding.EncodeToString(flipped))
		}
	} else {
		for _, at := range []int{0, len(text) / 2, len(text) - 2} {
			if at >= 0 {
				out = append(out, text[:at]+string(text[at]^1)+text[at+1:])
			}
		}
	}
	return out
}

// TestDamage changes every field of good bundles: all of them matter, but for those that are listed.
func TestDamage(t *testing.T) {
	t.Parallel()
	i, ourRoot := instance(t)
	type bundleOf struct {
		name    string
		data    []byte
		verdict func([]byte) error
	}
	check := func(root *Root, release Release, predicate string) func([]byte) error {
		return func(data []byte) error {
			_, err := root.Check(release, sigstoretest.Answer(predicate, data))
			return err
		}
	}
	bundles := []bundleOf{{"ours", attest(t, i, ours), check(ourRoot, talk, slsa1)}}
	for _, p := range published {
		bundles = append(bundles, bundleOf{p.file, read(t, p.file), check(public(t), p.release, p.predicate)})
	}
	for _, name := range []string{"happy-path-intoto-in-dsse-v3", "rekor2-dsse-happy-path", "intoto-with-custom-trust-root"} {
		root := rootFor(t, name)
		bundles = append(bundles, bundleOf{name, read(t, "conformance", name+".json"), func(data []byte) error {
			b, err := parseBundle(data)
			if err != nil {
				return err
			}
			return root.signed(b)
		}})
	}
	// What does not count: hints, chains beside the root's, and timestamps where the log tells the time.
	free := []string{".keyid", ".certificates.1.", ".certificates.2.", ".signatures.0.keyid"}
	for _, b := range bundles {
		if err := b.verdict(b.data); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		var doc any
		if err := json.Unmarshal(b.data, &doc); err != nil {
			t.Fatal(err)
		}
		fields := 0
		leaves("", doc, nil, func(path string, v any, set func(any)) {
			for _, f := range free {
				if strings.Contains(path+".", f+".") || strings.Contains(path, f) {
					return
				}
			}
			stamp := strings.Contains(path, "rfc3161Timestamps")
			if v == nil || stamp && b.name != "rekor2-dsse-happy-path" {
				return
			}
			fields++
			for _, x := range damaged(v) {
				set(x)
				data, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				if err := b.verdict(data); err == nil && !harmless(path, v, x) {
					t.Errorf("%s: %s may be %v", b.name, path, x)
				}
			}
			set(v)
		})
		if fields < 12 {
			t.Errorf("%s has %d fields", b.name, fields)
		}
	}
}

// harmless tells the changes that mean the same: the name of a log that is known by its key, the signatures of others beside a log's own,
// and a zero that is written in another way.
func harmless(path string, v, x any) bool {
	before, _ := v.(string)
	after, _ := x.(string)
	switch {
	case strings.HasSuffix(path, ".inclusionProof.logIndex"):
		return strings.Trim(before+after, "0") == ""
	case strings.HasSuffix(path, ".checkpoint.envelope"):
		text, sigs, _ := strings.Cut(before, "\n\n")
		first, _, _ := strings.Cut(sigs, "\n")
		return strings.HasPrefix(after, text+"\n\n") && strings.Contains(after, first[strings.LastIndex(first, " "):]+"\n")
	}
	return false
}
