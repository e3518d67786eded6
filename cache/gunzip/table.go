package gunzip

import "math/bits"

// The tables map the next bits of the data to what they mean. Codes that are longer than a table's first bits are found in a
// second table, to which the first leads.
const (
	literalBits  = 11
	distanceBits = 8
	lengthBits   = 7  // code lengths are coded themselves
	maxCode      = 15 // bits of the longest code

	// A second table has at most 1<<(maxCode-bits) entries, and serves at least two symbols.
	literalSize  = 1 << 13 // > 1<<11 + 288/2<<4
	distanceSize = 1 << 12 // > 1<<8 + 32/2<<7
)

// An entry of a table:
//
//	bits 0…7    how many bits it takes, extra bits included; for a second table, the bits of the first
//	bits 8…12   how many of them are extra bits; for a second table, the number of bits that choose in it
//	bits 13…15  its kind; none of them for a length or a distance
//	bits 16…31  the literal, the lowest length or distance, or where the second table begins
type entry uint32

const (
	kindLiteral entry = 1 << 15
	kindTable   entry = 1 << 14
	kindEnd     entry = 1 << 13 // the end of the block

	kinds = kindLiteral | kindTable | kindEnd

	invalid = kindTable | kindEnd // what no code stands for, or a code that stands for nothing
)

func (e entry) taken() uint { return uint(e) & 0xff }

func (e entry) extra() uint { return uint(e>>8) & 31 }

func (e entry) value() uint { return uint(e >> 16) }

// code is the number of bits of the code itself.
func (e entry) code() uint { return e.taken() - e.extra() }

// build fills a table for symbols with codes of the given lengths, 0 for those that do not occur. meaning holds the entries
// of the symbols, the bits of their codes left out; first is the number of bits that choose in the first table. It reports
// whether lengths describe a code: a complete one, one of a single symbol of one bit, or, with none, one of nothing.
func build(table []entry, lengths []uint8, meaning []entry, first uint) bool {
	var count [maxCode + 1]int
	longest := uint(0)
	for _, n := range lengths {
		count[n]++
		longest = max(longest, uint(n))
	}
	count[0] = 0
	var next [maxCode + 1]uint // the first code of each length, then the next one
	code := uint(0)
	for n := 1; n <= maxCode; n++ {
		code = (code + uint(count[n-1])) << 1
		next[n] = code
		if code+uint(count[n]) > 1<<n {
			return false
		}
	}
	if complete := code+uint(count[maxCode]) == 1<<maxCode; !complete {
		if longest > 1 || count[1] > 1 {
			return false
		}
		for i := range table[:1<<first] {
			table[i] = invalid
		}
	}
	second := uint(1) << first // where the next second table begins
	width := longest - first   // of all of them; used where longest is greater
	var opened [1 << literalBits]uint16
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		n := uint(n)
		e := meaning[symbol] + entry(n)
		reversed := uint(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		if n <= first {
			for i := reversed; i < 1<<first; i += 1 << n {
				table[i] = e
			}
			continue
		}
		prefix := reversed & (1<<first - 1)
		if opened[prefix] == 0 {
			opened[prefix] = uint16(second)
			table[prefix] = kindTable | entry(second)<<16 | entry(width)<<8 | entry(first)
			second += 1 << width
		}
		at := table[opened[prefix]:][:1<<width]
		for i := reversed >> first; i < 1<<width; i += 1 << (n - first) {
			at[i] = e
		}
	}
	return true
}

// literals are the meanings of the symbols for literals and lengths (RFC 1951, 3.2.5).
var literals = func() (m [288]entry) {
	for i := range 256 {
		m[i] = kindLiteral | entry(i)<<16
	}
	m[256] = kindEnd
	length := 3
	for i := range 28 {
		extra := max(0, i/4-1)
		m[257+i] = entry(length)<<16 | entry(extra)<<8 | entry(extra)
		length += 1 << extra
	}
	m[285] = 258 << 16
	m[286], m[287] = invalid, invalid
	return m
}()

// distances are the meanings of the symbols for distances.
var distances = func() (m [32]entry) {
	distance := 1
	for i := range 30 {
		extra := max(0, i/2-1)
		m[i] = entry(distance)<<16 | entry(extra)<<8 | entry(extra)
		distance += 1 << extra
	}
	m[30], m[31] = invalid, invalid
	return m
}()

// plain are the meanings of the symbols for the lengths of codes.
var plain = func() (m [19]entry) {
	for i := range m {
		m[i] = entry(i) << 16
	}
	return m
}()
