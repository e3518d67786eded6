package npmtest

import (
	"cmp"
	"io/fs"
	"net/http"
	"strings"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
)

// attestationsPath is below where a registry has attestations: NAME@VERSION.
const attestationsPath = "-/npm/v1/attestations/"

// attest makes the attestations of a release; nil for none.
func (r *Registry) attest(p *Package, integrity string) ([]byte, error) {
	if p.Attest == nil || p.Lost {
		return nil, nil
	}
	instance, err := r.sigstore()
	if err != nil {
		return nil, err
	}
	b := *p.Attest
	b.Name, b.Version, b.Integrity = cmp.Or(b.Name, p.Name), cmp.Or(b.Version, p.Version), cmp.Or(b.Integrity, integrity)
	bundle, err := instance.Attest(b)
	if err != nil {
		return nil, err
	}
	return sigstoretest.Answer(cmp.Or(b.Predicate, "https://slsa.dev/provenance/v1"), bundle), nil
}

// TrustedRoot is the trusted_root.json of the Sigstore instance that attests what is published here.
func (r *Registry) TrustedRoot() ([]byte, error) {
	instance, err := r.sigstore()
	if err != nil {
		return nil, err
	}
	return instance.TrustedRoot(), nil
}

// serveAttestations answers with the attestations of a version.
func (r *Registry) serveAttestations(w http.ResponseWriter, id string, fault *Fault) {
	at := strings.LastIndex(id, "@")
	var data []byte
	if at > 0 {
		r.mu.Lock()
		if p := r.packages[id[:at]]; p != nil && p.versions[id[at+1:]] != nil {
			data = p.versions[id[at+1:]].attests
		}
		r.mu.Unlock()
	}
	if data == nil {
		notFound(w, fs.ErrNotExist)
		return
	}
	if fault.Corrupt { // the statement
		data = []byte(strings.Replace(string(data), `"payload":"ey`, `"payload":"fy`, 1))
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // the client may be gone
}
