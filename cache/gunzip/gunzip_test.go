package gunzip

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

const most = 64 << 20

func compress(t testing.TB, level int, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Name, w.Comment, w.Extra = "name", "comment", []byte("extra")
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// samples are texts that reach every kind of block, of code and of match.
func samples() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 40_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	skewed := make([]byte, 60_000) // codes of all lengths
	for i := range skewed {
		skewed[i] = byte(random.ExpFloat64() * 9)
	}
	var far []byte // distances up to the longest
	for range 8 {
		far = append(far, noise[:32_768-random.IntN(1000)]...)
	}
	words := strings.Fields("const function return module exports require if else for while var let class import from")
	var text []byte
	for len(text) < 100_000 {
		text = append(append(text, words[random.IntN(len(words))]...), " \n\t(){};"[random.IntN(8)])
	}
	return map[string][]byte{
		"nothing": {}, "one byte": {'x'}, "zeros": make([]byte, 200_000), "two": []byte(strings.Repeat("ab", 20_000)),
		"seven": []byte(strings.Repeat("abcdefg", 9_999)), "nine": []byte(strings.Repeat("abcdefghi", 9_999)),
		"noise": noise, "skewed": skewed, "far": far, "text": text,
	}
}

func TestSameAsWhatWasCompressed(t *testing.T) {
	for name, data := range samples() {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
			got, err := Append([]byte("before"), compress(t, level, data), most)
			if err != nil || string(got[:6]) != "before" || !bytes.Equal(got[6:], data) {
				t.Errorf("%s, level %d: %d bytes, %v, want %d", name, level, len(got), err, len(data))
			}
		}
	}
}

func TestMembersFollowEachOther(t *testing.T) {
	got, err := Append(nil, append(compress(t, 6, []byte("one, ")), compress(t, 6, []byte("two"))...), most)
	if err != nil || string(got) != "one, two" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestRoomThatIsThereIsUsed(t *testing.T) {
	data := samples()["text"]
	room := make([]byte, 0, len(data)+Room)
	got, err := Append(room, compress(t, 6, data), most)
	if err != nil || &got[0] != &room[:1][0] {
		t.Errorf("the output was copied, or %v", err)
	}
}

func TestLimit(t *testing.T) {
	for name, data := range samples() {
		if len(data) == 0 {
			continue
		}
		packed := compress(t, 6, data)
		if got, err := Append(nil, packed, int64(len(data))); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: just enough is not: %v", name, err)
		}
		if _, err := Append(nil, packed, int64(len(data)-1)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: one byte too many is %v", name, err)
		}
	}
}

func TestDamage(t *testing.T) {
	data := samples()["text"][:3_000]
	packed := compress(t, 6, data)
	for n := range len(packed) {
		if _, err := Append(nil, packed[:n], most); err == nil {
			t.Fatalf("cut after %d of %d bytes, no error", n, len(packed))
		}
	}
	for i := 36; i < len(packed); i++ { // behind the header
		bad := bytes.Clone(packed)
		bad[i] ^= 1 << (i % 8)
		// Some bits mean nothing: those of a code that is not used, and what is left of a byte.
		if got, err := Append(nil, bad, most); err == nil && !bytes.Equal(got, data) {
			t.Fatalf("byte %d of %d damaged, no error", i, len(packed))
		}
	}
	if _, err := Append(nil, append(bytes.Clone(packed), "garbage that follows"...), most); !errors.Is(err, ErrCorrupt) {
		t.Errorf("garbage behind it: %v", err)
	}
}

// FuzzInflate compares with the standard library's decoder, on data of which most is no deflated data at all.
func FuzzInflate(f *testing.F) {
	for _, data := range samples() {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 9} {
			var out bytes.Buffer
			w, err := flate.NewWriter(&out, level)
			if err != nil {
				f.Fatal(err)
			}
			_, _ = w.Write(data[:min(len(data), 3000)])
			_ = w.Close()
			f.Add(out.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const most = 1 << 20
		in := bytes.NewReader(data)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(in), most+1))
		got, used, err := inflate(nil, data, most)
		switch {
		case len(want) > most:
			if !errors.Is(err, ErrTooLarge) && err == nil {
				t.Fatalf("%d bytes, more than allowed", len(got))
			}
		case (err == nil) != (wantErr == nil):
			t.Fatalf("error %v, the standard library's %v", err, wantErr)
		case err == nil && (!bytes.Equal(got, want) || used != len(data)-in.Len()):
			t.Fatalf("%d bytes of %d, want %d of %d", len(got), used, len(want), len(data)-in.Len())
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	data := samples()["text"]
	packed := compress(b, 6, data)
	room := make([]byte, 0, len(data)+Room)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Append(room, packed, most); err != nil {
			b.Fatal(err)
		}
	}
}
