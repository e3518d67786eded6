package provenance

import (
	"bytes"
	"crypto"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Root is who vouches for bundles: the authorities and logs of one Sigstore instance.
type Root struct {
	authorities []authority // that certify who signs: Fulcio
	stampers    []authority // that tell the time: RFC 3161
	logs        []logKey    // of envelopes: Rekor
	certLogs    []logKey    // of certificates: RFC 6962
}

// authority is a chain of certificates, the root last.
type authority struct {
	chain []*x509.Certificate
	valid period
}

// logKey is a log's key.
type logKey struct {
	id    []byte // its first four bytes are the key's hash in checkpoints
	name  string // the host of its address
	key   crypto.PublicKey
	valid period
}

// period is when something is trusted, both ends included. Without an end it lasts.
type period struct {
	Start *time.Time `json:"start"`
	End   *time.Time `json:"end"`
}

func (p period) holds(t time.Time) bool {
	return p.Start != nil && !t.Before(*p.Start) && (p.End == nil || !t.After(*p.End))
}

//go:embed trusted_root.json
var publicGood []byte

// PublicGood is the root of the Sigstore instance that the npm registry has attestations from. The file is the target
// trusted_root.json of https://tuf-repo-cdn.sigstore.dev.
var PublicGood = sync.OnceValues(func() (*Root, error) { return ParseRoot(publicGood) })

// rootType begins the media type of a trusted root.
const rootType = "application/vnd.dev.sigstore.trustedroot"

// IsRoot tells whether data is meant to be a trusted root.
func IsRoot(data []byte) bool { return bytes.Contains(data, []byte(rootType)) }

// ParseRoot reads a trusted_root.json (https://github.com/sigstore/protobuf-specs).
func ParseRoot(data []byte) (*Root, error) {
	var file struct {
		MediaType   string        `json:"mediaType"`
		Logs        []jsonLog     `json:"tlogs"`
		Authorities []jsonIssuers `json:"certificateAuthorities"`
		CertLogs    []jsonLog     `json:"ctlogs"`
		Stampers    []jsonIssuers `json:"timestampAuthorities"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("it is no trusted root of Sigstore: %w", err)
	}
	if !strings.HasPrefix(file.MediaType, rootType) {
		return nil, fmt.Errorf("it is no trusted root of Sigstore: its mediaType is %q", file.MediaType)
	}
	r := &Root{}
	var errs [4]error
	r.logs, errs[0] = readLogs(file.Logs)
	r.certLogs, errs[1] = readLogs(file.CertLogs)
	r.authorities, errs[2] = readAuthorities(file.Authorities)
	r.stampers, errs[3] = readAuthorities(file.Stampers)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if len(r.logs) == 0 || len(r.authorities) == 0 || len(r.certLogs) == 0 {
		return nil, errors.New("it is no trusted root that could verify anything: it needs tlogs, certificateAuthorities and ctlogs")
	}
	return r, nil
}

type jsonLog struct {
	BaseURL   string `json:"baseUrl"`
	PublicKey struct {
		RawBytes []byte `json:"rawBytes"`
		ValidFor period `json:"validFor"`
	} `json:"publicKey"`
	LogID struct {
		KeyID []byte `json:"keyId"`
	} `json:"logId"`
}

type jsonIssuers struct {
	CertChain struct {
		Certificates []rawBytes `json:"certificates"`
	} `json:"certChain"`
	ValidFor period `json:"validFor"`
}

type rawBytes struct {
	RawBytes []byte `json:"rawBytes"`
}

func readLogs(list []jsonLog) (out []logKey, err error) {
	for _, l := range list {
		var key crypto.PublicKey
		key, err := x509.ParsePKIXPublicKey(l.PublicKey.RawBytes)
		if err != nil {
			key, err = x509.ParsePKCS1PublicKey(l.PublicKey.RawBytes)
		}
		if err != nil {
			return nil, fmt.Errorf("the key of the log %s cannot be read: %w", l.BaseURL, err)
		}
		at, err := url.Parse(l.BaseURL)
		if err != nil || len(l.LogID.KeyID) < 4 {
			return nil, fmt.Errorf("the log %s has no address or no ID", l.BaseURL)
		}
		out = append(out, logKey{l.LogID.KeyID, at.Host, key, l.PublicKey.ValidFor})
	}
	return out, nil
}

func readAuthorities(list []jsonIssuers) (out []authority, err error) {
	for _, a := range list {
		read := authority{valid: a.ValidFor}
		for _, raw := range a.CertChain.Certificates {
			cert, err := x509.ParseCertificate(raw.RawBytes)
			if err != nil {
				return nil, fmt.Errorf("a certificate of an authority cannot be read: %w", err)
			}
			read.chain = append(read.chain, cert)
		}
		if len(read.chain) == 0 {
			return nil, errors.New("an authority has no certificate")
		}
		out = append(out, read)
	}
	return out, nil
}

// vouches finds the chain from a certificate to the authority at a time; nil where there is none. The certificate comes first.
func (a *authority) vouches(cert *x509.Certificate, at time.Time, usage x509.ExtKeyUsage) []*x509.Certificate {
	if !a.valid.holds(at) {
		return nil
	}
	opts := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}}
	last := len(a.chain) - 1
	opts.Roots.AddCert(a.chain[last])
	for _, c := range a.chain[:last] {
		opts.Intermediates.AddCert(c)
	}
	chains, err := cert.Verify(opts)
	if err != nil || len(chains[0]) < 2 { // an authority does not sign itself
		return nil
	}
	return chains[0]
}

func findLog(logs []logKey, id []byte) []*logKey {
	var out []*logKey
	for i := range logs {
		if bytes.Equal(logs[i].id, id) {
			out = append(out, &logs[i])
		}
	}
	return out
}
