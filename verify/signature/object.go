package signature

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Object is a tag or commit of git, with its signature taken out.
type Object struct {
	Kind      string    // "tag" or "commit"
	Payload   []byte    // what the signature is over
	Signature []byte    // armored; nil for none
	Time      time.Time // of the tagger or committer; zero where the object tells none
	Tag       string    // the tag's own name for itself; tags only
	Target    string    // hash of what is tagged; tags only
	Type      string    // of what is tagged: "commit", "tag", …; tags only
}

// Kinds of objects.
const (
	Tag    = "tag"
	Commit = "commit"
)

// Longest is how many bytes an object may have.
const Longest = 1 << 20

// marks are what the first line of a signature can be (gpg-interface.c of git). x509 is known so that such a
// signature is told from none.
var marks = []string{"-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----", "-----BEGIN SIGNED MESSAGE-----"}

// ParseTag reads a tag object as git stores it. Its signature begins with the last line that looks like the first one of a signature.
func ParseTag(raw []byte) (*Object, error) {
	o := &Object{Kind: Tag}
	at, offset := len(raw), 0
	for line := range bytes.Lines(raw) {
		for _, mark := range marks {
			if bytes.HasPrefix(line, []byte(mark)) {
				at = offset
			}
		}
		offset += len(line)
	}
	fields, signatures, err := o.split(raw[:at])
	switch {
	case err != nil:
		return nil, err
	case len(fields) < 3 || fields[0].key != "object" || fields[1].key != "type" || fields[2].key != "tag":
		return nil, errors.New("it does not begin with object, type and tag")
	case len(signatures) > 0: // of a repository whose objects have two hashes; that it signs the other one is none of ours
		signatures = nil
	}
	o.Target, o.Type, o.Tag = fields[0].value, fields[1].value, fields[2].value
	if at < len(raw) {
		o.Signature = raw[at:]
	}
	return o, o.date(fields, "tagger")
}

// ParseCommit reads a commit object as git stores it. Its signature stands in the header gpgsig.
func ParseCommit(raw []byte) (*Object, error) {
	o := &Object{Kind: Commit}
	fields, signatures, err := o.split(raw)
	switch {
	case err != nil:
		return nil, err
	case len(fields) == 0 || fields[0].key != "tree":
		return nil, errors.New("it does not begin with its tree")
	case len(signatures) > 1:
		return nil, errors.New("it has more than one signature")
	case len(signatures) == 1:
		o.Signature = signatures[0]
	}
	return o, o.date(fields, "committer")
}

type field struct{ key, value string }

// split takes the signatures out of the headers, and makes the rest the payload. Lines that begin with a space continue the one
// before.
func (o *Object) split(raw []byte) (fields []field, signatures [][]byte, err error) {
	if len(raw) > Longest {
		return nil, nil, fmt.Errorf("it has more than %d bytes", Longest)
	}
	var ours, others bool // whether the header that is being read is gpgsig; another one of its kind
	offset := 0
	for line := range bytes.Lines(raw) {
		if line[0] == '\n' {
			o.Payload = append(o.Payload, raw[offset:]...)
			break
		}
		offset += len(line)
		if line[0] == ' ' {
			switch {
			case ours:
				last := &signatures[len(signatures)-1]
				*last = append(*last, line[1:]...)
			case !others:
				o.Payload = append(o.Payload, line...)
			}
			continue
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		ours, others = key == "gpgsig", key != "gpgsig" && strings.HasPrefix(key, "gpgsig")
		switch {
		case ours:
			signatures = append(signatures, []byte(value+"\n"))
		case !others:
			o.Payload = append(o.Payload, line...)
			fields = append(fields, field{key, value})
		}
	}
	return fields, signatures, nil
}

// date reads the time of whoever made the object: "Name <mail> SECONDS ZONE".
func (o *Object) date(fields []field, key string) error {
	for _, f := range fields {
		if f.key != key {
			continue
		}
		_, after, ok := strings.Cut(f.value[strings.LastIndexByte(f.value, '<')+1:], "> ")
		seconds, _, _ := strings.Cut(after, " ")
		n, err := strconv.ParseInt(seconds, 10, 64)
		if !ok || err != nil || n < 0 || n > 1<<40 {
			return fmt.Errorf("the time of its %s cannot be read", key)
		}
		o.Time = time.Unix(n, 0)
		return nil
	}
	return nil
}
