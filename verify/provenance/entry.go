package provenance

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
)

// logged is what an entry says of the envelope.
type logged struct {
	hash   []byte // SHA-256 of the payload
	signed []byte // or of what the signature is over
	sig    []byte
	cert   []byte // DER
}

// entryBody is the part of all kinds of entries that matters.
type entryBody struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Spec       json.RawMessage `json:"spec"`
}

// readers read entries by kind and version. Whatever a reader leaves out is covered by what it takes.
var readers = map[string]func(spec []byte) (logged, error){
	"intoto 0.0.2":       readIntoto,
	"dsse 0.0.1":         readDSSE1,
	"dsse 0.0.2":         readDSSE2,
	"hashedrekord 0.0.2": readHashed,
}

// binds tells whether the entry is of the bundle's envelope and certificate.
func (e *entry) binds(b *bundle) error {
	var body entryBody
	if err := json.Unmarshal(e.body, &body); err != nil {
		return err
	}
	kind := body.Kind + " " + body.APIVersion
	read, known := readers[kind]
	switch {
	case !known:
		return fmt.Errorf("entries of the kind %q are not known here", kind)
	case kind != e.kind:
		return fmt.Errorf("it is of the kind %q, the bundle says %q", kind, e.kind)
	}
	l, err := read(body.Spec)
	if err != nil {
		return err
	}
	payload, signed := sha256.Sum256(b.envelope.payload), sha256.Sum256(b.envelope.signed())
	switch {
	case !bytes.Equal(l.hash, payload[:]) && !bytes.Equal(l.signed, signed[:]):
		return fmt.Errorf("it is of another statement")
	case !bytes.Equal(l.sig, b.envelope.sig):
		return fmt.Errorf("it is of another signature")
	case !bytes.Equal(l.cert, b.leaf.Raw):
		return fmt.Errorf("it is of another certificate")
	}
	return nil
}

type hexHash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

func (h hexHash) sha256() []byte {
	sum, err := hex.DecodeString(h.Value)
	if err != nil || h.Algorithm != "sha256" {
		return nil
	}
	return sum
}

func readIntoto(spec []byte) (l logged, err error) {
	var s struct {
		Content struct {
			Envelope struct {
				Signatures []struct {
					Sig       []byte `json:"sig"` // of base64
					PublicKey []byte `json:"publicKey"`
				} `json:"signatures"`
			} `json:"envelope"`
			PayloadHash hexHash `json:"payloadHash"`
		} `json:"content"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return l, err
	}
	if len(s.Content.Envelope.Signatures) != 1 {
		return l, fmt.Errorf("it has not one signature")
	}
	sig := s.Content.Envelope.Signatures[0]
	l.hash, l.cert = s.Content.PayloadHash.sha256(), fromPEM(sig.PublicKey)
	l.sig, err = base64.StdEncoding.DecodeString(string(sig.Sig))
	return l, err
}

func readDSSE1(spec []byte) (l logged, err error) {
	var s struct {
		PayloadHash hexHash `json:"payloadHash"`
		Signatures  []struct {
			Signature []byte `json:"signature"`
			Verifier  []byte `json:"verifier"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return l, err
	}
	if len(s.Signatures) != 1 {
		return l, fmt.Errorf("it has not one signature")
	}
	return logged{hash: s.PayloadHash.sha256(), sig: s.Signatures[0].Signature, cert: fromPEM(s.Signatures[0].Verifier)}, nil
}

// fromPEM is the certificate in a text; nil for none.
func fromPEM(text []byte) []byte {
	if block, _ := pem.Decode(text); block != nil && block.Type == "CERTIFICATE" {
		return block.Bytes
	}
	return nil
}

// digest and signature2 are how Rekor 2 writes them.
type digest struct {
	Algorithm string `json:"algorithm"`
	Digest    []byte `json:"digest"`
}

func (d digest) sha256() []byte {
	if d.Algorithm != "SHA2_256" {
		return nil
	}
	return d.Digest
}

type signature2 struct {
	Content  []byte `json:"content"`
	Verifier struct {
		Certificate rawBytes `json:"x509Certificate"`
	} `json:"verifier"`
}

func readDSSE2(spec []byte) (l logged, err error) {
	var s struct {
		DSSE struct {
			PayloadHash digest       `json:"payloadHash"`
			Signatures  []signature2 `json:"signatures"`
		} `json:"dsseV002"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return l, err
	}
	if len(s.DSSE.Signatures) != 1 {
		return l, fmt.Errorf("it has not one signature")
	}
	sig := s.DSSE.Signatures[0]
	return logged{hash: s.DSSE.PayloadHash.sha256(), sig: sig.Content, cert: sig.Verifier.Certificate.RawBytes}, nil
}

func readHashed(spec []byte) (l logged, err error) {
	var s struct {
		Record struct {
			Data      digest     `json:"data"`
			Signature signature2 `json:"signature"`
		} `json:"hashedRekordV002"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return l, err
	}
	sig := s.Record.Signature
	return logged{signed: s.Record.Data.sha256(), sig: sig.Content, cert: sig.Verifier.Certificate.RawBytes}, nil
}
