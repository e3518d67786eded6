package plugin

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/MediaConduit/conduit/report"
)

// counter makes names of folders that are unique in a process.
type counter struct{ atomic.Int64 }

func (c *counter) next() string { return strconv.FormatInt(c.Add(1), 10) }

// staged are the files of one call on their way between a caller and a process that reaches neither what the one has nor where the
// other wants it.
type staged struct {
	reach *reach
	name  string // of this call's folders
	dest  string // where the caller wants what is made; "" for the provider's own folder
}

// stage lets the process read the inputs: one that it could not is linked into a folder that it reads, or copied where that is another
// file system. The result is the request to send.
func (r *reach) stage(request Request) (*staged, Request, error) {
	s := &staged{reach: r, name: r.count.next(), dest: request.OutputDir}
	if s.dest != "" {
		request.OutputDir = filepath.Join(r.out, s.name)
	}
	copied := false
	for i, input := range request.Inputs {
		if input.Path == "" || !filepath.IsAbs(input.Path) {
			continue
		}
		if real, err := filepath.EvalSymlinks(input.Path); err != nil || r.reads(real) { // what is not there is for the provider to say
			continue
		}
		f, err := os.Open(input.Path)
		if err != nil {
			return s, request, err
		}
		path, err := place(f, filepath.Join(r.in, s.name, strconv.Itoa(i)), filepath.Base(input.Path))
		if err = errors.Join(err, f.Close()); err != nil {
			return s, request, err
		}
		if !copied {
			request.Inputs, copied = append([]Media(nil), request.Inputs...), true
		}
		request.Inputs[i].Path = path
	}
	return s, request, nil
}

// collect brings the files that were made to where the caller wants them. One that the process could not have read itself is refused: it
// would be conduit that reads it.
func (s *staged) collect(outputs []Media) error {
	for i := range outputs {
		if outputs[i].Path == "" {
			continue
		}
		path, err := s.take(outputs[i].Path)
		if err != nil {
			return err
		}
		outputs[i].Path = path
	}
	return nil
}

// errNotIts is the refusal of an output.
var errNotIts = errors.New("the provider itself may not read this file")

// take opens a file before it looks where that is, so that what was looked at is what is linked, whatever the process does meanwhile.
func (s *staged) take(path string) (string, error) {
	f, err := openFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return path, nil // whoever wants to read it will say so
	}
	if err != nil {
		return "", &report.Error{What: "its output cannot be read", Where: path, Err: err}
	}
	defer f.Close()
	real, err := placeOf(f)
	if err != nil {
		return "", &report.Error{What: "its output cannot be read", Where: path, Err: err}
	}
	if !s.reach.reads(real) {
		return "", &report.Error{Kind: report.Provider, What: "it names a file as its output that it may not read", Where: path, Err: errNotIts,
			Next: "let it write what it makes to its working folder or to the folder for temporary files (TMPDIR)"}
	}
	dest := s.dest
	passing := holds(filepath.Dir(s.reach.temp), real) || holds(s.reach.calls, real)
	if dest == "" && passing { // its temporary files go with the process
		dest = s.reach.dir
	}
	if dest == "" || holds(dest, real) {
		return real, nil
	}
	placed, err := place(f, dest, filepath.Base(real))
	if err == nil && passing {
		s.reach.drop(real)
	}
	return placed, err
}

// drop removes a file that is where it was wanted; links that the process made meanwhile lead nowhere else.
func (r *reach) drop(path string) {
	for _, dir := range []string{filepath.Dir(r.temp), r.out} {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if root, err := os.OpenRoot(dir); err == nil {
			_ = root.Remove(rel)
			_ = root.Close()
		}
	}
}

// release removes what is left of the call.
func (s *staged) release() {
	_ = os.RemoveAll(filepath.Join(s.reach.in, s.name))
	if s.dest == "" {
		return
	}
	if root, err := os.OpenRoot(s.reach.out); err == nil {
		_ = root.RemoveAll(s.name)
		_ = root.Close()
	}
}

// place puts an open file into a folder under a name, or under one like it that is free.
func place(f *os.File, dir, name string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for attempt := 0; ; attempt++ {
		path := filepath.Join(dir, name)
		if attempt > 0 {
			path = filepath.Join(dir, strconv.Itoa(attempt)+"-"+name)
		}
		err := link(f, path)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err == nil {
			return path, nil
		}
		if err = duplicate(f, path); !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
}

// duplicate copies an open file; file systems that can share the bytes do.
func duplicate(f *os.File, path string) (err error) {
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, f)
	if err = errors.Join(err, to.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}
