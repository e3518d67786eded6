package sigstoretest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"time"
)

// Epoch is when everything is built that states no other time.
var Epoch = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// Instance is a Sigstore instance.
type Instance struct {
	root, intermediate *x509.Certificate
	issuing            *ecdsa.PrivateKey // of the intermediate
	certLog, log       *logKey
}

type logKey struct {
	key *ecdsa.PrivateKey
	der []byte // of the public half
	id  []byte
}

// New makes an instance with new keys.
func New() (*Instance, error) {
	i := &Instance{}
	var err error
	if i.certLog, err = newLog(); err != nil {
		return nil, err
	}
	if i.log, err = newLog(); err != nil {
		return nil, err
	}
	rootKey, err := newKey()
	if err != nil {
		return nil, err
	}
	if i.root, err = certify(authority("root"), nil, &rootKey.PublicKey, rootKey); err != nil {
		return nil, err
	}
	if i.issuing, err = newKey(); err != nil {
		return nil, err
	}
	i.intermediate, err = certify(authority("intermediate"), i.root, &i.issuing.PublicKey, rootKey)
	return i, err
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func newLog() (*logKey, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	id := sha256.Sum256(der)
	return &logKey{key, der, id[:]}, err
}

// sign is the log's signature over a message.
func (l *logKey) sign(message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	return ecdsa.SignASN1(rand.Reader, l.key, sum[:])
}

func authority(name string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"sigstore.test"}, CommonName: name},
		NotBefore: Epoch.AddDate(-1, 0, 0), NotAfter: Epoch.AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
}

// certify makes a certificate; of its own key where it has no parent.
func certify(template, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// TrustedRoot is the instance's trusted_root.json.
func (i *Instance) TrustedRoot() []byte {
	valid := map[string]any{"start": i.root.NotBefore}
	log := func(l *logKey, address string) []any {
		return []any{map[string]any{"baseUrl": address, "hashAlgorithm": "SHA2_256", "logId": map[string]any{"keyId": l.id},
			"publicKey": map[string]any{"rawBytes": l.der, "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}}}
	}
	data, _ := json.MarshalIndent(map[string]any{ // of texts and bytes: never fails
		"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"tlogs":     log(i.log, "https://rekor.sigstore.test"), "ctlogs": log(i.certLog, "https://ctfe.sigstore.test"),
		"certificateAuthorities": []any{map[string]any{"uri": "https://fulcio.sigstore.test", "validFor": valid,
			"certChain": map[string]any{"certificates": []any{raw(i.intermediate), raw(i.root)}}}},
	}, "", "  ")
	return append(data, '\n')
}

func raw(c *x509.Certificate) any { return map[string]any{"rawBytes": c.Raw} }
