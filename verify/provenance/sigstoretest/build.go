package sigstoretest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// Build is what a build attests. What is empty is as npm and GitHub Actions have it, of github.com/acme/talk.
type Build struct {
	Name, Version string // of the package
	Integrity     string // of its tarball, sha512-…
	Issuer        string // of the token
	Repository    string // that it ran for
	Workflow      string // address, with the ref
	Commit        string
	Predicate     string        // type, SLSA 1 without
	Claims        string        // the repository that the statement names, Repository without
	Late          time.Duration // how long after the certificate was made it was logged
	Unlisted      bool          // no log of certificates promises anything
	Entry         func(body map[string]any)
}

func (b *Build) fill() {
	for field, value := range map[*string]string{&b.Issuer: "https://token.actions.githubusercontent.com", &b.Repository: "https://github.com/acme/talk",
		&b.Commit: strings.Repeat("0123456789", 4), &b.Predicate: "https://slsa.dev/provenance/v1"} {
		if *field == "" {
			*field = value
		}
	}
	if b.Workflow == "" {
		b.Workflow = b.Repository + "/.github/workflows/release.yml@refs/tags/v" + b.Version
	}
	if b.Claims == "" {
		b.Claims = b.Repository
	}
}

// statement is what npm writes about a build.
func (b *Build) statement() ([]byte, error) {
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(b.Integrity, "sha512-"))
	if err != nil {
		return nil, err
	}
	uri := "git+" + b.Claims + "@refs/tags/v" + b.Version
	predicate := map[string]any{"buildDefinition": map[string]any{
		"buildType":            "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
		"externalParameters":   map[string]any{"workflow": map[string]any{"ref": "refs/tags/v" + b.Version, "repository": b.Claims, "path": ".github/workflows/release.yml"}},
		"resolvedDependencies": []any{map[string]any{"uri": uri, "digest": map[string]any{"gitCommit": b.Commit}}},
	}}
	if b.Predicate == "https://slsa.dev/provenance/v0.2" {
		predicate = map[string]any{"invocation": map[string]any{"configSource": map[string]any{"uri": uri, "digest": map[string]any{"sha1": b.Commit}}}}
	}
	return json.Marshal(map[string]any{
		"_type": "https://in-toto.io/Statement/v1", "predicateType": b.Predicate, "predicate": predicate,
		"subject": []any{map[string]any{"name": "pkg:npm/" + strings.Replace(b.Name, "@", "%40", 1) + "@" + b.Version, "digest": map[string]any{"sha512": hex.EncodeToString(sum)}}},
	})
}

// certificate is one for a build, as Fulcio makes it.
func (i *Instance) certificate(b *Build, public any) (*x509.Certificate, error) {
	workflow, err := url.Parse(b.Workflow)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: Epoch, NotAfter: Epoch.Add(10 * time.Minute), URIs: []*url.URL{workflow},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}
	_, ref, _ := strings.Cut(b.Workflow, "@")
	for n, text := range map[int]string{8: b.Issuer, 12: b.Repository, 13: b.Commit, 14: ref} {
		value, err := asn1.MarshalWithParams(text, "utf8")
		if err != nil {
			return nil, err
		}
		if text != "-" { // for a certificate that states nothing
			template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}, Value: value})
		}
	}
	make := func() (*x509.Certificate, error) {
		der, err := x509.CreateCertificate(rand.Reader, template, i.intermediate, public, i.issuing)
		if err != nil {
			return nil, err
		}
		return x509.ParseCertificate(der)
	}
	cert, err := make()
	if err != nil || b.Unlisted {
		return cert, err
	}
	list, err := i.promise(cert)
	if err != nil {
		return nil, err
	}
	template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: list})
	return make()
}

// promise is the extension by which the log of certificates promises to hold one (RFC 6962, section 3.3).
func (i *Instance) promise(cert *x509.Certificate) ([]byte, error) {
	key := sha256.Sum256(i.intermediate.RawSubjectPublicKeyInfo)
	at := uint64(Epoch.UnixMilli())
	var signed cryptobyte.Builder
	signed.AddUint16(0)
	signed.AddUint64(at)
	signed.AddUint16(1)
	signed.AddBytes(key[:])
	signed.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(cert.RawTBSCertificate) })
	signed.AddUint16(0)
	message, err := signed.Bytes()
	if err != nil {
		return nil, err
	}
	sig, err := i.certLog.sign(message)
	if err != nil {
		return nil, err
	}
	var list cryptobyte.Builder
	list.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(0)
			b.AddBytes(i.certLog.id)
			b.AddUint64(at)
			b.AddUint16(0)
			b.AddUint16(0x0403) // sha256, ecdsa
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(sig) })
		})
	})
	text, err := list.Bytes()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(text)
}

// Answer is what a registry answers about the attestations of a release that has these.
func Answer(predicateType string, bundles ...[]byte) []byte {
	list := []any{}
	for _, b := range bundles {
		list = append(list, map[string]any{"predicateType": predicateType, "bundle": json.RawMessage(b)})
	}
	data, err := json.Marshal(map[string]any{"attestations": list})
	if err != nil {
		panic(fmt.Sprintf("sigstoretest: a bundle is no JSON: %v", err))
	}
	return data
}
