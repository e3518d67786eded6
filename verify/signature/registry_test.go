package signature

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// npmKeys are the keys of the npm registry, the first of which has expired.
const npmKeys = `{"keys":[
{"expires":"2025-01-29T00:00:00.000Z","keyid":"SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA","keytype":"ecdsa-sha2-nistp256","scheme":"ecdsa-sha2-nistp256","key":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg=="},
{"expires":null,"keyid":"SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U","keytype":"ecdsa-sha2-nistp256","scheme":"ecdsa-sha2-nistp256","key":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEY6Ya7W++7aUPzvMTrezH6Ycx3c+HOKYCcNGybJZSCJq/fd7Qa8uuAKtdIkUQtQiEKERhAmE5lMMJhP8OkDOa2g=="}]}`

const (
	oldKey = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"
	newKey = "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U"
)

// published are releases of the npm registry with what it says that they are, and its signature.
var published = []struct{ id, integrity, key, sig string }{
	{"express@5.2.1", "sha512-hIS4idWWai69NezIdRt2xFVofaF4j+6INOpJlVOLDO8zXGpUVEVzIYk12UUi2JzjEzWL3IOAxcTubgz9Po0yXw==", newKey, "MEQCIFiG4BbRCfOtJiV9BkwAfmuZ6j6WDPSwLTUxm8z4HbwxAiBRQBV8eXLNJmyYnSS5oLT12Q44o71/CetyWd+uifoylA=="},
	{"three@0.185.1", "sha512-5aojFCXKwnjBRZvUnt3WFfEcvUJgkN5LlijRFN95hMy8WVkG4I0QNcJE+OuWvuJ0bOdStrbfXn0pkd6/QyiAlg==", newKey, "MEUCIQD83Brjvns+dAJNgU8wr8hDhkZhZZZVUSDZ3xSxBGmMsgIgQPnhKIs3cTy93RyE9AA0OJsOsxTrs5hw+Erw939CekQ="},
	{"pnpm@10.1.0", "sha512-yJhHsGZ92rUDlru9AIoqQ887WB79Wc9dmqiSPqH7S4EGwEHVQNCKywlQN1lNc+vFHh7InuQMiLMLimbA+uCsGw==", newKey, "MEUCIQDlkgmNyZjT7KUY8AO6jH7Gs3fyiXG8nbTnuLbd8fOS2AIgXyJ6SaYhumMFzUYQAZPJGhsnlaD5N0X2MZsbG+eS/Xo="},
	{"lodash@0.1.0", "sha512-ufIfwX7g5obXKaJhzbnAJBNf5Idxqty+AHaNadWFxtNKjGmF/ZO8ptSEjQRQRymBPZtLa0NV9sbrsH87Ae2R1A==", oldKey, "MEQCIBB7pdqPfBFUsZQhVr3woDJ7/bbRWV3tlXQZNp3ivosbAiBMhwfq9fqaJvFFX1/scqPbIywUUZCQkfJaISqaJbZX2Q=="},
	{"classnames@2.5.0", "sha512-FQuRlyKinxrb5gwJlfVASbSrDlikDJ07426TrfPsdGLvtochowmkbnSFdQGJ2aoXrSetq5KqGV9emvWpy+91xA==", oldKey, "MEYCIQDZc+DCdVuxY9A1dargq05oXyMhXj+tWbsgZLCQ1qov5AIhAOuQt6wVIRob3LtwJ80dBC0klSAKKGC9Oqsj2Nr4O87y"},
	{"@midas-ds/link@1.0.1", "sha512-t2/aa4fgURXKaz9lPDEsjh4xjBNfkmPx0Zyt8d1OSKjbIUuKrcJPT53g0ZPbBezHqRL2EmZOsy6+cRSME9gFGA==", oldKey, "MEUCIBa4+IoWCBpQ4GALTDCehu0zd7CYZC9wC0xhpapZbH3WAiEAqZbSgmFyCCLfWwJgnW7apz0N14HWKY6glQopGab14GE="},
}

// TestNPMSignatures verifies what the npm registry signed, with its own keys, and refuses it when any part is another.
func TestNPMSignatures(t *testing.T) {
	t.Parallel()
	var keys Signers
	if err := keys.Add([]byte(npmKeys)); err != nil {
		t.Fatal(err)
	}
	at := func(text string) func() (time.Time, error) {
		return func() (time.Time, error) { return time.Parse(time.DateOnly, text) }
	}
	for _, p := range published {
		name, version := p.id[:strings.LastIndex(p.id, "@")], p.id[strings.LastIndex(p.id, "@")+1:]
		good := Release{name, version, p.integrity, []ReleaseSignature{{p.key, p.sig}}, at("2024-12-01")}
		if who, err := keys.CheckRelease(&good); err != nil || who.String() != "npm "+p.key || !who.ByRegistry() || !keys.Know(who, nil, time.Now()) {
			t.Errorf("%s: %v %v", p.id, who, err)
		}
		for what, change := range map[string]func(r *Release) Fault{
			"another version":   func(r *Release) Fault { r.Version += "0"; return Mismatch },
			"another package":   func(r *Release) Fault { r.Name += "s"; return Mismatch },
			"another integrity": func(r *Release) Fault { r.Integrity = published[0].integrity + "="; return Mismatch },
			"another signature": func(r *Release) Fault { r.Signatures = []ReleaseSignature{{p.key, "MEQC"}}; return Mismatch },
			"no base64":         func(r *Release) Fault { r.Signatures = []ReleaseSignature{{p.key, "?"}}; return Mismatch },
			"another key":       func(r *Release) Fault { r.Signatures = []ReleaseSignature{{"SHA256:x", p.sig}}; return UnknownKey },
			"no signature":      func(r *Release) Fault { r.Signatures = nil; return Unsigned },
			"a second one": func(r *Release) Fault {
				r.Signatures = append(r.Signatures, ReleaseSignature{newKey, "MEQC"})
				return Mismatch
			},
		} {
			bad := good
			bad.Signatures = append([]ReleaseSignature{}, good.Signatures...)
			want := change(&bad)
			_, err := keys.CheckRelease(&bad)
			var f *Failure
			if !errors.As(err, &f) || f.Fault != want {
				t.Errorf("%s with %s: %v, want %q", p.id, what, err, want)
			}
		}
		late := good
		late.Published = at("2025-01-29")
		if _, err := keys.CheckRelease(&late); (err != nil) != (p.key == oldKey) {
			t.Errorf("%s, published when the first key had expired: %v", p.id, err)
		}
	}
}

// TestRegistryKeys: what is no list of keys is an error.
func TestRegistryKeys(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{`, `{"keys":1}`, `{"keys":[]}`, `{"keys":[{"keyid":"a","scheme":"ecdsa-sha2-nistp256","key":"?"}]}`,
		`{"keys":[{"keyid":"a","scheme":"ecdsa-sha2-nistp256","key":"AAAA"}]}`, `{"keys":[{"keyid":"a","scheme":"rsa","key":"AAAA"}]}`,
		strings.ReplaceAll(npmKeys, oldKey, ""), strings.ReplaceAll(npmKeys, "2025-01-29T", "2025-01-29 "),
	} {
		var s Signers
		if err := s.Add([]byte(text)); err == nil {
			t.Errorf("%s holds keys", text)
		}
	}
}
