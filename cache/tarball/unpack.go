package tarball

import (
	"bytes"
	"encoding/binary"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/MediaConduit/conduit/cache/extract"
)

// maxRatio is the most that deflate can compress: 258 bytes in two bits.
const maxRatio = 1032

// A bomb is small and unpacks to very much: more than bombBytes, and more than bombRatio times its size. Packages come to
// some ten times theirs. Refusing it early keeps what it costs in memory in proportion to what was downloaded.
const (
	bombRatio = 100
	bombBytes = 64 << 20
)

// unpack uncompresses data, which may also be a plain tar archive, as npm allows, into room where that is large enough.
func unpack(room []byte, subject string, data []byte, limits Limits) ([]byte, error) {
	most := limits.Bytes
	if most == 0 {
		most = extract.DefaultLimits.Bytes
	}
	if len(data) < 18 || data[0] != 0x1f || data[1] != 0x8b {
		if int64(len(data)) > most {
			return nil, limits.TooManyBytes(subject)
		}
		return data, nil
	}
	// The last four bytes are the uncompressed size (RFC 1952, ISIZE): a hint only, since anybody can write anything there.
	hint := int64(binary.LittleEndian.Uint32(data[len(data)-4:]))
	dense := max(int64(len(data))*bombRatio, bombBytes) // beyond this it is no package
	hint = min(hint, most, int64(len(data))*maxRatio, dense)
	enough := hint + 1 + bytes.MinRead // for the read that finds the end, or one byte too much
	if int64(cap(room)) < enough {
		room = make([]byte, 0, enough)
	}
	out := bytes.NewBuffer(room[:0])
	if err := gunzip(out, data, min(most, dense)+1); err != nil {
		return nil, damaged(subject, err)
	}
	switch n := int64(out.Len()); {
	case n > most:
		return nil, limits.TooManyBytes(subject)
	case n > dense:
		return nil, extract.Bomb(subject, bombRatio)
	}
	return out.Bytes(), nil
}

// readers are used again: each has tables of 40 kB and a window of 32 kB.
var readers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gunzip appends at most most bytes to out.
func gunzip(out *bytes.Buffer, data []byte, most int64) error {
	r := readers.Get().(*gzip.Reader)
	defer readers.Put(r)
	if err := r.Reset(bytes.NewReader(data)); err != nil {
		return err
	}
	_, err := out.ReadFrom(io.LimitReader(r, most))
	return err
}
