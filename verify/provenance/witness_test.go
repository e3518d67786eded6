package provenance

import (
	"crypto/x509"
	"encoding/json"
	"strings"
	"testing"
)

// TestWitnesses: the verdicts over entries of logs, checkpoints, timestamps and certificates are those that the conformance tests
// of Sigstore demand, also where what is signed is no envelope.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	var file struct {
		Roots []json.RawMessage
		Cases []struct {
			Name      string
			Root      int // from 1; 0 for the public instance
			Bundle    jsonBundle
			Signature []byte
		}
	}
	if err := json.Unmarshal(read(t, "witnesses.json"), &file); err != nil {
		t.Fatal(err)
	}
	for i := range file.Cases {
		c := &file.Cases[i]
		root := public(t)
		if c.Root > 0 {
			var err error
			if root, err = ParseRoot(file.Roots[c.Root-1]); err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
		}
		b := c.Bundle.unsigned()
		b.envelope.sig = c.Signature
		raw, err := c.Bundle.certificate()
		if err == nil {
			b.leaf, err = x509.ParseCertificate(raw)
		}
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		times, err := root.witnessed(b)
		for _, at := range times {
			if err == nil {
				err = root.certified(b, at)
			}
		}
		if (err != nil) != strings.HasSuffix(c.Name, "_fail") {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	if len(file.Cases) < 30 {
		t.Errorf("%d cases", len(file.Cases))
	}
}
