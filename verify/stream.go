package verify

import (
	"hash"
	"io"
)

// Reader hashes what is read through it and, at the end of the stream, returns the error of [Check] in place of io.EOF
// when the content is not what was wanted. Who stops before the end has verified nothing.
type Reader struct {
	subject string
	want    Integrity
	r       io.Reader
	h       hash.Hash
	err     error // what every Read after the end returns
}

// NewReader returns a Reader over r; subject names the package in errors. want must not be zero.
func NewReader(r io.Reader, subject string, want Integrity) *Reader {
	return &Reader{subject: subject, want: want, r: r, h: want.New()}
}

// Read implements io.Reader.
func (v *Reader) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.h.Write(p[:n])
	if err == io.EOF {
		v.err = io.EOF
		if bad := Check(v.subject, v.want.String(), v.want.of(v.h).String()); bad != nil {
			v.err = bad
		}
		return n, v.err
	}
	return n, err
}
