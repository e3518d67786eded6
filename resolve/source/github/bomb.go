package github

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"github.com/MediaConduit/conduit/cache/extract"
)

const (
	// deltaLimit bounds an object that a pack holds as a difference, because such an object is put together in memory.
	deltaLimit = 256 << 20
	// unfoldLimit is how many times its size a pack may unfold to, beyond what a package may unpack to at all: whole histories of
	// large projects unfold to less than a hundred times.
	unfoldLimit = 256
)

// keep stores the objects of a pack, after a look at what they unfold to: a difference of some bytes can stand for gigabytes, and
// one of it for as many again.
func (o objects) keep(in io.Reader, subject string, limits extract.Limits) error {
	pack, err := os.CreateTemp(o.Filesystem().Root(), "pack-")
	if err != nil {
		return err
	}
	defer func() {
		_ = pack.Close()
		_ = os.Remove(pack.Name()) // at the latest with the store
	}()
	size, err := io.Copy(pack, in)
	if err == nil {
		_, err = pack.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = measure(pack, size, subject, limits)
	}
	if err == nil {
		_, err = pack.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	return packfile.UpdateObjectStorage(o.Storage, pack)
}

// measure refuses a pack of size bytes whose objects are too large. It puts none together.
func measure(pack io.Reader, size int64, subject string, limits extract.Limits) error {
	s := packfile.NewScanner(bufio.NewReader(pack))
	_, n, err := s.Header()
	if err != nil {
		return err
	}
	left := max(size*unfoldLimit, packLimit(limits.Bytes))
	for range n {
		h, err := s.NextObjectHeader()
		if err != nil {
			return err
		}
		w := &measured{left: left}
		if _, _, err := s.NextObject(w); errors.Is(err, errUnfolds) {
			return extract.Bomb(subject, unfoldLimit)
		} else if err != nil {
			return err
		}
		left = w.left
		if h.Type != plumbing.OFSDeltaObject && h.Type != plumbing.REFDeltaObject {
			continue
		}
		target := w.target()
		if target > deltaLimit {
			return extract.Limits{Bytes: deltaLimit, Files: limits.Files}.TooManyBytes("an object of " + subject)
		}
		if left -= int64(target); left < 0 {
			return extract.Bomb(subject, unfoldLimit)
		}
	}
	return nil
}

var errUnfolds = errors.New("more than it may unfold to")

// measured counts what is written, up to a limit, and keeps the beginning.
type measured struct {
	left  int64
	begin bytes.Buffer
}

func (m *measured) Write(p []byte) (int, error) {
	if m.left -= int64(len(p)); m.left < 0 {
		return 0, errUnfolds
	}
	m.begin.Write(p[:min(len(p), max(0, 2*binary.MaxVarintLen64-m.begin.Len()))])
	return len(p), nil
}

// target is the size of what a difference makes, the second number of it (gitformat-pack(5)); what cannot be read is for those who
// unfold it.
func (m *measured) target() uint64 {
	if _, err := binary.ReadUvarint(&m.begin); err != nil {
		return 0
	}
	target, err := binary.ReadUvarint(&m.begin)
	if err != nil {
		return 0
	}
	return target
}
