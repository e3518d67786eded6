package tarball

import (
	"encoding/binary"
	"errors"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/cache/gunzip"
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
	if int64(cap(room)) < hint+gunzip.Room {
		room = make([]byte, 0, hint+gunzip.Room)
	}
	raw, err := gunzip.Append(room[:0], data, min(most, dense))
	switch {
	case errors.Is(err, gunzip.ErrTooLarge) && most <= dense:
		return nil, limits.TooManyBytes(subject)
	case errors.Is(err, gunzip.ErrTooLarge):
		return nil, extract.Bomb(subject, bombRatio)
	case err != nil:
		return nil, damaged(subject, err)
	}
	return raw, nil
}
