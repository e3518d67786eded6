package gunzip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Errors of [Append], besides [io.ErrUnexpectedEOF] for data that is cut short.
var (
	ErrCorrupt  = errors.New("gunzip: the data is corrupt")
	ErrChecksum = errors.New("gunzip: the data does not have its checksum")
	ErrTooLarge = errors.New("gunzip: the data uncompresses to more than was allowed")
)

// Flags of a member's header.
const (
	flagHeaderChecksum = 1 << 1
	flagExtra          = 1 << 2
	flagName           = 1 << 3
	flagComment        = 1 << 4
	flagsReserved      = 0xe0
)

const (
	headerSize  = 10
	trailerSize = 8 // CRC-32 and size of the uncompressed data
)

// Is reports whether data begins as a gzip file does.
func Is(data []byte) bool {
	return len(data) >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8
}

// Room is what dst should have room for beyond what [Append] is expected to append to it, in bytes, so that it is not copied.
const Room = room

// Append appends what all members of the gzip file data uncompress to, at most most bytes.
func Append(dst, data []byte, most int64) ([]byte, error) {
	start := len(dst)
	for first := true; first || len(data) > 0; first = false {
		body, err := skipHeader(data)
		if err != nil {
			return nil, err
		}
		begin := len(dst)
		var used int
		dst, used, err = inflate(dst, body, most-int64(begin-start))
		if err != nil {
			return nil, err
		}
		trailer := body[used:]
		if len(trailer) < trailerSize {
			return nil, io.ErrUnexpectedEOF
		}
		member := dst[begin:]
		if binary.LittleEndian.Uint32(trailer) != crc32.ChecksumIEEE(member) || binary.LittleEndian.Uint32(trailer[4:]) != uint32(len(member)) {
			return nil, ErrChecksum
		}
		data = trailer[trailerSize:]
	}
	return dst, nil
}

// skipHeader returns what follows a member's header.
func skipHeader(data []byte) ([]byte, error) {
	if len(data) < headerSize {
		return nil, io.ErrUnexpectedEOF
	}
	flags, rest := data[3], data[headerSize:]
	if !Is(data) || flags&flagsReserved != 0 {
		return nil, ErrCorrupt
	}
	if flags&flagExtra != 0 {
		if len(rest) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		size := 2 + int(binary.LittleEndian.Uint16(rest))
		if len(rest) < size {
			return nil, io.ErrUnexpectedEOF
		}
		rest = rest[size:]
	}
	for _, text := range []byte{flagName, flagComment} {
		if flags&text == 0 {
			continue
		}
		end := bytes.IndexByte(rest, 0)
		if end < 0 {
			return nil, io.ErrUnexpectedEOF
		}
		rest = rest[end+1:]
	}
	if flags&flagHeaderChecksum != 0 {
		if len(rest) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		sum := crc32.ChecksumIEEE(data[:len(data)-len(rest)])
		if uint16(sum) != binary.LittleEndian.Uint16(rest) {
			return nil, ErrChecksum
		}
		rest = rest[2:]
	}
	return rest, nil
}
