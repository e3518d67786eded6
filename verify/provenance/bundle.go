package provenance

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// attested is the answer of a registry to /-/npm/v1/attestations/NAME@VERSION.
type attested struct {
	Attestations []struct {
		PredicateType string          `json:"predicateType"`
		Bundle        json.RawMessage `json:"bundle"`
	} `json:"attestations"`
}

// bundle is a Sigstore bundle over a DSSE envelope. What holds a member that this package does not know is read without it.
type bundle struct {
	envelope envelope
	leaf     *x509.Certificate
	entries  []entry
	stamps   [][]byte // RFC 3161, TimeStampResp
}

// envelope is a signed statement (https://github.com/secure-systems-lab/dsse).
type envelope struct {
	payloadType string
	payload     []byte
	sig         []byte
}

// entry is one of the transparency log.
type entry struct {
	index      int64
	logID      []byte
	kind       string // "KIND VERSION"
	integrated int64  // seconds since 1970; 0 where the log does not tell the time
	promise    []byte // the signed entry timestamp; nil for none
	proof      *proof // nil for none
	body       []byte // canonical
}

// proof is one of inclusion in the log's tree.
type proof struct {
	index, size int64
	root        []byte
	hashes      [][]byte
	checkpoint  string
}

// number is an integer of protobuf's JSON, where those of 64 bits are strings.
type number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err == nil && v < 0 {
		err = errors.New("a number is negative")
	}
	*n = number(v)
	return err
}

type jsonBundle struct {
	MediaType string `json:"mediaType"`
	Material  struct {
		Chain *struct {
			Certificates []rawBytes `json:"certificates"`
		} `json:"x509CertificateChain"`
		Certificate *rawBytes   `json:"certificate"`
		Entries     []jsonEntry `json:"tlogEntries"`
		Stamps      *struct {
			RFC3161 []struct {
				Signed []byte `json:"signedTimestamp"`
			} `json:"rfc3161Timestamps"`
		} `json:"timestampVerificationData"`
	} `json:"verificationMaterial"`
	Envelope *struct {
		Payload     []byte `json:"payload"`
		PayloadType string `json:"payloadType"`
		Signatures  []struct {
			Sig []byte `json:"sig"`
		} `json:"signatures"`
	} `json:"dsseEnvelope"`
}

type jsonEntry struct {
	Index number `json:"logIndex"`
	LogID struct {
		KeyID []byte `json:"keyId"`
	} `json:"logId"`
	Kind struct {
		Kind    string `json:"kind"`
		Version string `json:"version"`
	} `json:"kindVersion"`
	Integrated number `json:"integratedTime"`
	Promise    *struct {
		Signed []byte `json:"signedEntryTimestamp"`
	} `json:"inclusionPromise"`
	Proof *struct {
		Index      number   `json:"logIndex"`
		RootHash   []byte   `json:"rootHash"`
		Size       number   `json:"treeSize"`
		Hashes     [][]byte `json:"hashes"`
		Checkpoint struct {
			Envelope string `json:"envelope"`
		} `json:"checkpoint"`
	} `json:"inclusionProof"`
	Body []byte `json:"canonicalizedBody"`
}

// mediaTypes are those of bundles, with whether an entry needs a proof of inclusion.
var mediaTypes = map[string]bool{
	"application/vnd.dev.sigstore.bundle+json;version=0.1": false,
	"application/vnd.dev.sigstore.bundle+json;version=0.2": true,
	"application/vnd.dev.sigstore.bundle+json;version=0.3": true,
	"application/vnd.dev.sigstore.bundle.v0.3+json":        true,
}

// most entries, timestamps and hashes that a bundle may have: each costs work.
const most = 64

// parseBundle reads a bundle. It verifies nothing.
func parseBundle(data []byte) (*bundle, error) {
	var j jsonBundle
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	proved, known := mediaTypes[j.MediaType]
	switch {
	case !known:
		return nil, fmt.Errorf("bundles of the type %q are not known here", j.MediaType)
	case j.Envelope == nil || len(j.Envelope.Signatures) != 1:
		return nil, errors.New("it holds no statement with one signature")
	}
	raw, err := j.certificate()
	if err != nil {
		return nil, err
	}
	b := j.unsigned()
	b.envelope = envelope{j.Envelope.PayloadType, j.Envelope.Payload, j.Envelope.Signatures[0].Sig}
	if b.leaf, err = x509.ParseCertificate(raw); err != nil {
		return nil, fmt.Errorf("its certificate cannot be read: %w", err)
	}
	if proved && slices.ContainsFunc(b.entries, func(e entry) bool { return e.proof == nil }) {
		return nil, errors.New("it holds no proof that the log has it, which bundles of its type must")
	}
	if len(b.entries) > most || len(b.stamps) > most || slices.ContainsFunc(b.entries, func(e entry) bool { return e.proof != nil && len(e.proof.hashes) > most }) {
		return nil, errors.New("it is too long")
	}
	return b, nil
}

// certificate is that of who signed. What stands after it in a chain is not trusted, and not needed.
func (j *jsonBundle) certificate() ([]byte, error) {
	switch {
	case j.Material.Certificate != nil:
		return j.Material.Certificate.RawBytes, nil
	case j.Material.Chain != nil && len(j.Material.Chain.Certificates) > 0:
		return j.Material.Chain.Certificates[0].RawBytes, nil
	}
	return nil, errors.New("it holds no certificate")
}

// unsigned is what witnesses say, without what was signed and by whom.
func (j *jsonBundle) unsigned() *bundle {
	b := &bundle{}
	for i := range j.Material.Entries {
		b.entries = append(b.entries, j.Material.Entries[i].entry())
	}
	if j.Material.Stamps != nil {
		for _, s := range j.Material.Stamps.RFC3161 {
			b.stamps = append(b.stamps, s.Signed)
		}
	}
	return b
}

func (j *jsonEntry) entry() entry {
	e := entry{index: int64(j.Index), logID: j.LogID.KeyID, kind: j.Kind.Kind + " " + j.Kind.Version, integrated: int64(j.Integrated), body: j.Body}
	if j.Promise != nil {
		e.promise = j.Promise.Signed
	}
	if p := j.Proof; p != nil {
		e.proof = &proof{int64(p.Index), int64(p.Size), p.RootHash, p.Hashes, p.Checkpoint.Envelope}
	}
	return e
}

// signed is what a DSSE signature is over: the envelope's pre-authentication encoding.
func (e *envelope) signed() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "DSSEv1 %d %s %d ", len(e.payloadType), e.payloadType, len(e.payload))
	out.Write(e.payload)
	return out.Bytes()
}
