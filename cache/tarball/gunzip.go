package tarball

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/MediaConduit/conduit/cache/extract"
)

// maxRatio is the most that deflate can compress: 258 bytes in two bits.
const maxRatio = 1032

// gunzip uncompresses data, which may also be a plain tar archive, as npm allows.
func gunzip(subject string, data []byte, limits Limits) ([]byte, error) {
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
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(subject, err)
	}
	// The last four bytes are the uncompressed size (RFC 1952, ISIZE): a hint only, since anybody can write anything there.
	hint := int64(binary.LittleEndian.Uint32(data[len(data)-4:]))
	hint = min(hint, most, int64(len(data))*maxRatio)
	var out bytes.Buffer
	out.Grow(int(hint) + bytes.MinRead) // room for the read that finds the end
	if _, err := out.ReadFrom(io.LimitReader(r, most+1)); err != nil {
		return nil, damaged(subject, err)
	}
	if int64(out.Len()) > most {
		return nil, limits.TooManyBytes(subject)
	}
	return out.Bytes(), nil
}
