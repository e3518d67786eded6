package gunzip

import (
	"encoding/binary"
	"io"
	"sync"
)

const (
	// padding follows the data, so that words can be read up to its end.
	padding = 16
	// room is what must be left in the output for what is written between two looks at it: three literals, or two and the
	// longest match, whose last word may be written in full.
	room = 3 + 258 + 8
	// minimal is the least that the output grows by.
	minimal = 64 << 10
)

// inflater uncompresses deflated data (RFC 1951).
type inflater struct {
	in   []byte // with padding
	size int    // of the data in it
	pos  int    // of the next byte that is not in word

	// The next bits of the data: count of them are accounted for, what stands above is a copy of what follows at pos.
	word  uint64
	count uint

	out  []byte // its length is what there is room for
	done int    // end of what has been written
	from int    // where it began: matches do not reach back further
	most int    // where it must end

	lengths   [maxSymbols]uint8
	codes     [1 << lengthBits]entry
	literals  [literalSize]entry
	distances [distanceSize]entry
}

const maxSymbols = 288 + 32

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflate appends to dst what the deflated data at the beginning of data uncompresses to, at most most bytes, and returns how
// long that data is.
func inflate(dst, data []byte, most int64) (out []byte, used int, err error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.in = append(append(f.in[:0], data...), make([]byte, padding)...)
	f.size, f.pos, f.word, f.count = len(data), 0, 0, 0
	f.out, f.done, f.from, f.most = dst[:cap(dst)], len(dst), len(dst), len(dst)+int(most)
	defer func() { f.out = nil }()
	for last := false; !last; {
		if last, err = f.block(); err != nil {
			return nil, 0, err
		}
	}
	f.align()
	if f.pos > f.size {
		return nil, 0, io.ErrUnexpectedEOF
	}
	if f.done > f.most {
		return nil, 0, ErrTooLarge
	}
	return f.out[:f.done], f.pos, nil
}

// refill has at least 56 bits in word afterwards. It fails where more was taken than there is.
func (f *inflater) refill() error {
	if f.pos > f.size+padding/2 {
		return io.ErrUnexpectedEOF
	}
	f.word |= binary.LittleEndian.Uint64(f.in[f.pos:]) << (f.count & 63)
	f.pos += int((63 - f.count) >> 3)
	f.count |= 56
	return nil
}

// take removes the next n bits, which must be in word.
func (f *inflater) take(n uint) uint {
	v := uint(f.word & (1<<n - 1))
	f.word >>= n
	f.count -= n
	return v
}

// align drops the rest of a byte that was begun, and gives whole bytes in word back.
func (f *inflater) align() {
	f.pos -= int(f.count >> 3)
	f.word, f.count = 0, 0
}

// block uncompresses one block and reports whether it is the last one.
func (f *inflater) block() (last bool, err error) {
	if err := f.refill(); err != nil {
		return false, err
	}
	last = f.take(1) == 1
	switch f.take(2) {
	case 0:
		return last, f.stored()
	case 1:
		f.fixed()
	case 2:
		if err := f.dynamic(); err != nil {
			return false, err
		}
	default:
		return false, ErrCorrupt
	}
	return last, f.symbols()
}

// stored copies a block that is not compressed.
func (f *inflater) stored() error {
	f.align()
	if f.pos+4 > f.size {
		return io.ErrUnexpectedEOF
	}
	size, check := binary.LittleEndian.Uint16(f.in[f.pos:]), binary.LittleEndian.Uint16(f.in[f.pos+2:])
	if size != ^check {
		return ErrCorrupt
	}
	f.pos += 4
	if f.pos+int(size) > f.size {
		return io.ErrUnexpectedEOF
	}
	for len(f.out)-f.done < int(size) {
		if err := f.grow(); err != nil {
			return err
		}
	}
	f.done += copy(f.out[f.done:], f.in[f.pos:f.pos+int(size)])
	f.pos += int(size)
	return nil
}

// grow makes room in the output, some more than may be used.
func (f *inflater) grow() error {
	if f.done > f.most {
		return ErrTooLarge
	}
	bigger := make([]byte, min(max(2*len(f.out), len(f.out)+minimal), f.most+max(room, minimal)))
	copy(bigger, f.out[:f.done])
	f.out = bigger
	return nil
}

// fixed sets the codes that need no description.
func (f *inflater) fixed() {
	l := f.lengths[:288]
	for i := range l {
		switch {
		case i < 144, i >= 280:
			l[i] = 8
		case i < 256:
			l[i] = 9
		default:
			l[i] = 7
		}
	}
	build(f.literals[:], l, literals[:], literalBits)
	l = f.lengths[:32]
	for i := range l {
		l[i] = 5
	}
	build(f.distances[:], l, distances[:], distanceBits)
}

// lengthOrder is the order in which the lengths of the codes for lengths are listed.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes that a block describes.
func (f *inflater) dynamic() error {
	symbols, offsets, described := int(f.take(5))+257, int(f.take(5))+1, int(f.take(4))+4
	if symbols > 286 || offsets > 30 {
		return ErrCorrupt
	}
	var codes [19]uint8
	for _, i := range lengthOrder[:described] {
		if f.count < 3 {
			if err := f.refill(); err != nil {
				return err
			}
		}
		codes[i] = uint8(f.take(3))
	}
	if !build(f.codes[:], codes[:], plain[:], lengthBits) {
		return ErrCorrupt
	}
	lengths := f.lengths[:symbols+offsets]
	for i := 0; i < len(lengths); {
		if err := f.refill(); err != nil {
			return err
		}
		e := f.codes[f.word&(1<<lengthBits-1)]
		if e&kinds != 0 {
			return ErrCorrupt
		}
		f.take(e.taken())
		value, repeat := uint8(0), 1
		switch symbol := e.value(); symbol {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, repeat = lengths[i-1], 3+int(f.take(2))
		case 17:
			repeat = 3 + int(f.take(3))
		case 18:
			repeat = 11 + int(f.take(7))
		default:
			value = uint8(symbol)
		}
		if i+repeat > len(lengths) {
			return ErrCorrupt
		}
		for range repeat {
			lengths[i] = value
			i++
		}
	}
	if lengths[256] == 0 {
		return ErrCorrupt // the block would have no end
	}
	if !build(f.literals[:], lengths[:symbols], literals[:], literalBits) || !build(f.distances[:], lengths[symbols:], distances[:], distanceBits) {
		return ErrCorrupt
	}
	return nil
}

// symbols uncompresses up to the end of a block.
func (f *inflater) symbols() (err error) {
	// The compiler keeps variables in registers, but not the fields of f.
	in, out := f.in, f.out
	pos, done, word, count := f.pos, f.done, f.word, f.count
	end := f.size + padding/2
	for {
		if len(out)-done < room {
			f.done = done
			if err = f.grow(); err != nil {
				break
			}
			out = f.out
		}
		if pos > end {
			err = io.ErrUnexpectedEOF
			break
		}
		word |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
		pos += int((63 - count) >> 3)
		count |= 56

		// Two literals and the code of what follows take at most 45 of the 56 bits.
		e := f.literal(word)
		if e&kindLiteral != 0 {
			out[done] = byte(e.value())
			done++
			word >>= e.taken() & 63
			count -= e.taken()
			if e = f.literal(word); e&kindLiteral != 0 {
				out[done] = byte(e.value())
				done++
				word >>= e.taken() & 63
				count -= e.taken()
				if e = f.literal(word); e&kindLiteral != 0 {
					out[done] = byte(e.value())
					done++
					word >>= e.taken() & 63
					count -= e.taken()
					continue
				}
			}
		}
		if e&kinds != 0 {
			word >>= e.taken() & 63
			count -= e.taken()
			if e&kinds == invalid {
				err = ErrCorrupt
			}
			break
		}

		// A length takes at most 20 bits, a distance 28.
		length := int(e.value() + uint(word>>(e.code()&63))&(1<<(e.extra()&31)-1))
		word >>= e.taken() & 63
		count -= e.taken()
		if count < 28 {
			if pos > end {
				err = io.ErrUnexpectedEOF
				break
			}
			word |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
			pos += int((63 - count) >> 3)
			count |= 56
		}
		if e = f.distance(word); e&kinds != 0 {
			err = ErrCorrupt
			break
		}
		distance := int(e.value() + uint(word>>(e.code()&63))&(1<<(e.extra()&31)-1))
		word >>= e.taken() & 63
		count -= e.taken()
		if distance > done-f.from {
			err = ErrCorrupt
			break
		}
		repeat(out[done-distance:], distance, length)
		done += length
	}
	f.pos, f.done, f.word, f.count = pos, done, word, count
	return err
}

// literal looks the next code for a literal or a length up.
func (f *inflater) literal(word uint64) entry {
	e := f.literals[word&(1<<literalBits-1)]
	if e&kinds == kindTable {
		e = f.literals[(e.value()+uint(word>>literalBits)&(1<<(e.extra()&31)-1))&(literalSize-1)]
	}
	return e
}

// distance looks the next code for a distance up.
func (f *inflater) distance(word uint64) entry {
	e := f.distances[word&(1<<distanceBits-1)]
	if e&kinds == kindTable {
		e = f.distances[(e.value()+uint(word>>distanceBits)&(1<<(e.extra()&31)-1))&(distanceSize-1)]
	}
	return e
}

// repeat writes a match: length bytes from distance on are those from 0 on, over and over where they overlap. Up to 8 bytes
// behind it are overwritten.
func repeat(window []byte, distance, length int) {
	if distance >= 8 {
		binary.LittleEndian.PutUint64(window[distance:], binary.LittleEndian.Uint64(window))
		for i := 8; i < length; i += 8 {
			binary.LittleEndian.PutUint64(window[distance+i:], binary.LittleEndian.Uint64(window[i:]))
		}
		return
	}
	to := window[distance : distance+length]
	for i := range to {
		to[i] = window[i]
	}
}
