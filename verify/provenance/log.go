package provenance

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// entered verifies that the log has the entry, and returns its key. The time is when the entry came in, zero where the log does not vouch
// for that.
func (r *Root) entered(e *entry) (log *logKey, at time.Time, err error) {
	if e.promise == nil && e.proof == nil {
		return nil, at, errors.New("the log neither promises nor proves to have it")
	}
	err = errUnknownLog
	for _, log = range findLog(r.logs, e.logID) {
		if at, err = log.entered(e); err == nil {
			break
		}
	}
	return log, at, err
}

var (
	errUnknownLog = errors.New("it is in a log that is not known here")
	errLogThen    = errors.New("the log's key was not valid then")
)

func (log *logKey) entered(e *entry) (at time.Time, err error) {
	if e.promise != nil {
		at = time.Unix(e.integrated, 0)
		if !log.valid.holds(at) {
			return at, errLogThen
		}
		if !verifyKey(log.key, e.promised(), e.promise) {
			return at, errors.New("the log's promise to have it does not match")
		}
	}
	if e.proof != nil {
		if err := log.proves(e); err != nil {
			return at, err
		}
	}
	return at, nil
}

// promised is what a signed entry timestamp is over.
func (e *entry) promised() []byte {
	out, _ := json.Marshal(struct { // of numbers, hex and base64: never fails, and needs no escapes
		Body       []byte `json:"body"`
		Integrated int64  `json:"integratedTime"`
		LogID      string `json:"logID"`
		Index      int64  `json:"logIndex"`
	}{e.body, e.integrated, hex.EncodeToString(e.logID), e.index})
	return out
}

// proves verifies the proof of inclusion, and the log's signature over the tree that it leads to.
func (log *logKey) proves(e *entry) error {
	p := e.proof
	signed, err := note.Open([]byte(p.checkpoint), checkpointKey{log, e.promise == nil})
	if err != nil {
		return fmt.Errorf("the log has not signed the checkpoint: %w", err)
	}
	lines := strings.SplitN(signed.Text, "\n", 4)
	if len(lines) < 4 {
		return errors.New("the checkpoint is cut short")
	}
	// Rekor 1 has the tree's number in the first line, a name that need not be that of its address, and an index over several trees.
	if e.promise == nil && (lines[0] != log.name || e.index != p.index) {
		return errors.New("the checkpoint is of another log or entry")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || lines[1] != strconv.FormatInt(p.size, 10) || !bytes.Equal(root, p.root) || len(root) != tlog.HashSize {
		return errors.New("the checkpoint is of another tree")
	}
	var path tlog.RecordProof
	for _, h := range p.hashes {
		if len(h) != tlog.HashSize {
			return errors.New("the proof of inclusion has a hash of another length")
		}
		path = append(path, tlog.Hash(h))
	}
	if tlog.CheckRecord(path, p.size, tlog.Hash(root), p.index, tlog.RecordHash(e.body)) != nil {
		return errors.New("the proof of inclusion does not lead to the checkpoint")
	}
	return nil
}

// checkpointKey is the log's key, under its name or whatever name it signs: the key's hash tells which signature is its own.
type checkpointKey struct {
	log   *logKey
	named bool
}

// Verifier implements [note.Verifiers].
func (k checkpointKey) Verifier(name string, hash uint32) (note.Verifier, error) {
	if hash != binary.BigEndian.Uint32(k.log.id) || k.named && name != k.log.name {
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	}
	return namedKey{k.log, name}, nil
}

type namedKey struct {
	log  *logKey
	name string
}

// Name implements [note.Verifier].
func (k namedKey) Name() string { return k.name }

// KeyHash implements [note.Verifier].
func (k namedKey) KeyHash() uint32 { return binary.BigEndian.Uint32(k.log.id) }

// Verify implements [note.Verifier].
func (k namedKey) Verify(msg, sig []byte) bool { return verifyKey(k.log.key, msg, sig) }
