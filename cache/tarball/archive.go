package tarball

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/verify"
)

// Limits bound what an archive may hold; zero fields have the default values of package extract.
type Limits = extract.Limits

// Archive is an opened tarball. It is safe for concurrent use; the bytes it returns must not be changed.
type Archive struct {
	subject string
	limits  Limits
	files   map[string]file
	names   []string
}

type file struct {
	data       []byte
	executable bool
}

// Open reads the tarball at path into memory. It does not know what its digest should be: see [OpenVerified].
func Open(path string, limits Limits) (*Archive, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return New(filepath.Base(path), data, limits)
}

// OpenVerified is [Open] for a tarball that must have the given integrity, checked on the bytes that are then unpacked.
// subject names the package in errors: "axios@1.6.0".
func OpenVerified(subject, path string, integrity verify.Integrity, limits Limits) (*Archive, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := integrity.CheckBytes(subject, data); err != nil {
		return nil, err
	}
	return New(subject, data, limits)
}

// New reads a tarball that is in memory already.
func New(subject string, data []byte, limits Limits) (*Archive, error) {
	raw, err := unpack(nil, subject, data, limits)
	if err != nil {
		return nil, err
	}
	return read(subject, raw, limits)
}

// read finds the files in the uncompressed archive, where their contents stay.
func read(subject string, raw []byte, limits Limits) (*Archive, error) {
	a := &Archive{subject: subject, limits: limits, files: map[string]file{}}
	if err := a.index(raw); err != nil {
		return nil, err
	}
	for name := range a.files {
		a.names = append(a.names, name)
	}
	slices.Sort(a.names)
	return a, nil
}

// Names lists the files, sorted, without the first path component.
func (a *Archive) Names() []string { return a.names }

// File is the content of the file called name.
func (a *Archive) File(name string) (content []byte, ok bool) {
	f, ok := a.files[name]
	return f.data, ok
}

// Sum is the h1 sum over the files, the same as package verify gives for the folder that Extract fills.
func (a *Archive) Sum() (string, error) {
	return verify.FilesSum(a.names, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(a.files[name].data)), nil
	})
}

// Extract writes the files into the existing folder dir.
func (a *Archive) Extract(dir string) error {
	w, err := extract.NewWriter(a.subject, dir, a.limits)
	if err != nil {
		return err
	}
	for _, name := range a.names {
		f := a.files[name]
		if err := w.File(name, f.executable, bytes.NewReader(f.data)); err != nil {
			w.Abort()
			return err
		}
	}
	return w.Close()
}
