package extract

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Writer writes one archive into one folder.
type Writer struct {
	subject string
	limits  Limits
	names   *Names
	root    *os.Root
	files   map[string]bool // names written, and whether they are executable
	links   map[string]string
	bytes   int64
}

// NewWriter returns a Writer into the existing folder dir; subject names the package in errors. Limits that are zero are
// the default ones.
func NewWriter(subject, dir string, limits Limits) (*Writer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Writer{
		subject: subject,
		limits:  limits.orDefault(),
		names:   NewNames(subject),
		root:    root,
		files:   map[string]bool{},
		links:   map[string]string{},
	}, nil
}

// File writes the regular file called name. A name that comes twice keeps the later content.
func (w *Writer) File(name string, executable bool, content io.Reader) error {
	clean, ok, err := w.names.Check(name)
	if err != nil || !ok {
		return err
	}
	delete(w.links, clean)
	return w.write(clean, executable, content)
}

// Link notes a symbolic link; [Writer.Close] replaces it by what it names.
func (w *Writer) Link(name, target string) error {
	clean, ok, err := w.names.Check(name)
	if err != nil || !ok {
		return err
	}
	if _, isFile := w.files[clean]; isFile {
		return refuse(w.subject, name, "is both a file and a link")
	}
	if len(w.links) >= w.limits.Files {
		return w.limits.TooManyFiles(w.subject)
	}
	w.links[clean] = target
	return nil
}

// Refuse is the error for an entry that is neither file, folder nor link; what says what it is: "a device".
func (w *Writer) Refuse(name, what string) error { return refuse(w.subject, name, "is %s", what) }

// Close replaces the links and ends the work. A Writer that met an error needs [Writer.Abort] in its place.
func (w *Writer) Close() error {
	defer w.root.Close()
	names := make([]string, 0, len(w.files))
	for name := range w.files {
		names = append(names, name)
	}
	copies, err := Links(w.subject, names, w.links, w.limits)
	if err != nil {
		return err
	}
	order := make([]string, 0, len(copies))
	for name := range copies {
		order = append(order, name)
	}
	slices.Sort(order)
	for _, name := range order {
		if err := w.duplicate(name, copies[name]); err != nil {
			return err
		}
	}
	return nil
}

// Abort releases the folder; what was written stays.
func (w *Writer) Abort() { _ = w.root.Close() }

func (w *Writer) duplicate(name, from string) error {
	if err := w.names.Unfolded(name); err != nil {
		return err
	}
	f, err := w.root.Open(filepath.FromSlash(from))
	if err != nil {
		return err
	}
	defer f.Close()
	return w.write(name, w.files[from], f)
}

func (w *Writer) write(name string, executable bool, content io.Reader) error {
	if _, again := w.files[name]; !again && len(w.files) >= w.limits.Files {
		return w.limits.TooManyFiles(w.subject)
	}
	local := filepath.FromSlash(name)
	if folder := path.Dir(name); folder != "." {
		if err := w.root.MkdirAll(filepath.FromSlash(folder), 0o777); err != nil {
			return err
		}
	}
	mode := os.FileMode(0o666)
	if executable {
		mode = 0o777
	}
	f, err := w.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(content, w.limits.Bytes-w.bytes+1))
	if closed := f.Close(); err == nil {
		err = closed
	}
	w.bytes += n
	w.files[name] = executable
	if err == nil && w.bytes > w.limits.Bytes {
		err = w.limits.TooManyBytes(w.subject)
	}
	return err
}
