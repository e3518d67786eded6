package npmtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// keysPath is where a registry states the keys that it signs with.
const keysPath = "-/npm/v1/keys"

// signing is the key that a registry signs with.
type signing struct {
	key *ecdsa.PrivateKey
	id  string
	der []byte // of the public half
}

func newSigning() (*signing, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	return &signing{key, "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]), der}, nil
}

// sign signs a version as the npm registry does.
func (s *signing) sign(name, version, integrity string) (map[string]any, error) {
	digest := sha256.Sum256([]byte(name + "@" + version + ":" + integrity))
	sig, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	return map[string]any{"keyid": s.id, "sig": base64.StdEncoding.EncodeToString(sig)}, err
}

// Keys is what the registry answers when it is asked for its keys.
func (r *Registry) Keys() []byte {
	data, _ := json.Marshal(map[string]any{"keys": []any{map[string]any{ // of strings: never fails
		"keyid": r.signing.id, "keytype": "ecdsa-sha2-nistp256", "scheme": "ecdsa-sha2-nistp256", "expires": nil,
		"key": base64.StdEncoding.EncodeToString(r.signing.der),
	}}})
	return data
}

func (r *Registry) serveKeys(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(r.Keys()) // the client may be gone
}

// versioned splits NAME/VERSION, which is the document of one version.
func versioned(path string) (name, version string, ok bool) {
	name, version, ok = cutLast(path)
	if ok && strings.HasPrefix(path, "@") {
		ok = strings.Contains(name, "/")
	}
	return name, version, ok
}

func cutLast(path string) (before, after string, ok bool) {
	at := strings.LastIndex(path, "/")
	if at < 0 {
		return path, "", false
	}
	return path[:at], path[at+1:], true
}

// serveVersion answers with the document of one version.
func (r *Registry) serveVersion(w http.ResponseWriter, q *http.Request, name, version string, fault *Fault) {
	doc, err := r.document(q, name)
	if err != nil {
		notFound(w, err)
		return
	}
	fault.spoil(doc)
	versions, _ := doc["versions"].(map[string]any)
	m, ok := versions[version]
	if !ok {
		http.Error(w, `{"error":"version not found"}`, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(m) // the client may be gone
}
