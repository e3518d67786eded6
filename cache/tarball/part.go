package tarball

import (
	"os"
	"sync"

	"github.com/MediaConduit/conduit/verify"
)

// Part is an opened tarball of which some contents are in memory. It is safe for concurrent use; the bytes it returns must
// not be changed.
type Part struct{ archive *Archive }

// Names lists all files, sorted, without the first path component.
func (p *Part) Names() []string { return p.archive.names }

// File is the content of the file called name, if it was kept.
func (p *Part) File(name string) (content []byte, ok bool) { return p.archive.File(name) }

// CheckIdentity is [Archive.CheckIdentity]; package.json must have been kept.
func (p *Part) CheckIdentity(name, version string) error {
	return p.archive.CheckIdentity(name, version)
}

// OpenPart is [OpenVerified] for those who need few of the files: the contents of others than keep names do not stay in
// memory.
func OpenPart(subject, path string, integrity verify.Integrity, limits Limits, keep func(name string) bool) (*Part, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := integrity.CheckBytes(subject, data); err != nil {
		return nil, err
	}
	room := rooms.Get().(*[]byte)
	raw, err := unpack(*room, subject, data, limits)
	if err != nil {
		return nil, err
	}
	a, err := read(subject, raw, limits)
	if err != nil {
		return nil, err
	}
	a.keep(keep)
	if cap(raw) <= largestRoom {
		*room = raw
	}
	rooms.Put(room)
	return &Part{a}, nil
}

// rooms are buffers to uncompress into. New memory has to be cleared by the kernel, page by page.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// largestRoom is the capacity of the largest buffer that waits to be used again, in bytes. Few packages are larger.
const largestRoom = 8 << 20

// keep copies the contents of the named files out of the uncompressed archive, and forgets the others.
func (a *Archive) keep(named func(name string) bool) {
	size := 0
	for name, f := range a.files {
		if named(name) {
			size += len(f.data)
		} else {
			delete(a.files, name)
		}
	}
	kept := make([]byte, 0, size)
	for name, f := range a.files {
		start := len(kept)
		kept = append(kept, f.data...)
		f.data = kept[start:len(kept):len(kept)]
		a.files[name] = f
	}
}
