package sigstoretest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const payloadType = "application/vnd.in-toto+json"

// Attest makes the bundle of a build.
func (i *Instance) Attest(b Build) ([]byte, error) {
	b.fill()
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	cert, err := i.certificate(&b, &key.PublicKey)
	if err != nil {
		return nil, err
	}
	payload, err := b.statement()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload))
	sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(payload)
	body := map[string]any{"apiVersion": "0.0.2", "kind": "intoto", "spec": map[string]any{"content": map[string]any{
		"envelope": map[string]any{"payloadType": payloadType, "signatures": []any{map[string]any{
			"publicKey": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}),
			"sig":       []byte(base64.StdEncoding.EncodeToString(sig))}}},
		"payloadHash": map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(hash[:])}}}}
	if b.Entry != nil {
		b.Entry(body)
	}
	entry, err := i.enter(body, Epoch.Add(b.Late).Unix())
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2",
		"verificationMaterial": map[string]any{
			"x509CertificateChain": map[string]any{"certificates": []any{raw(cert)}}, "tlogEntries": []any{entry}},
		"dsseEnvelope": map[string]any{"payload": payload, "payloadType": payloadType, "signatures": []any{map[string]any{"sig": sig, "keyid": ""}}},
	})
}

// enter adds an entry to a log of some others, and returns it as a bundle has it.
func (i *Instance) enter(body map[string]any, at int64) (map[string]any, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	const index = 1000003 // in all trees of the log
	promised, err := json.Marshal(struct {
		Body  []byte `json:"body"`
		At    int64  `json:"integratedTime"`
		LogID string `json:"logID"`
		Index int64  `json:"logIndex"`
	}{data, at, hex.EncodeToString(i.log.id), index})
	if err != nil {
		return nil, err
	}
	promise, err := i.log.sign(promised)
	if err != nil {
		return nil, err
	}
	proof, err := i.prove(data)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"logIndex": fmt.Sprint(index), "logId": map[string]any{"keyId": i.log.id},
		"kindVersion":    map[string]any{"kind": body["kind"], "version": body["apiVersion"]},
		"integratedTime": fmt.Sprint(at), "canonicalizedBody": data,
		"inclusionPromise": map[string]any{"signedEntryTimestamp": promise}, "inclusionProof": proof,
	}, nil
}

// prove makes a tree whose fourth of six entries is the one, and proves that.
func (i *Instance) prove(data []byte) (map[string]any, error) {
	const size, at = 6, 3
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(list []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(list))
		for n, at := range list {
			out[n] = stored[at]
		}
		return out, nil
	})
	for n := range int64(size) {
		record := fmt.Appendf(nil, "entry %d", n)
		if n == at {
			record = data
		}
		hashes, err := tlog.StoredHashes(n, record, reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return nil, err
	}
	path, err := tlog.ProveRecord(size, at, reader)
	if err != nil {
		return nil, err
	}
	hashes := [][]byte{}
	for _, h := range path {
		hashes = append(hashes, h[:])
	}
	text := fmt.Sprintf("rekor.sigstore.test - 42\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	sig, err := i.log.sign([]byte(text))
	if err != nil {
		return nil, err
	}
	signed := binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(i.log.id))
	return map[string]any{
		"logIndex": fmt.Sprint(at), "treeSize": fmt.Sprint(size), "rootHash": root[:], "hashes": hashes,
		"checkpoint": map[string]any{"envelope": text + "\n— rekor.sigstore.test " + base64.StdEncoding.EncodeToString(append(signed, sig...)) + "\n"},
	}, nil
}
