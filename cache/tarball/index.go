package tarball

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
)

// index finds the files in the uncompressed archive. Their contents stay where they are.
func (a *Archive) index(raw []byte) error {
	names := extract.NewNames(a.subject)
	links := map[string]string{}
	in := bytes.NewReader(raw)
	archive := tar.NewReader(in)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return a.resolve(names, links)
		}
		if err != nil {
			return a.damaged(err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader || h.Typeflag == tar.TypeDir {
			continue
		}
		if err := names.Inside(h.Name); err != nil {
			return err // before the first component is dropped: it could be ".."
		}
		name, ok, err := names.Check(strip(h.Name))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		switch h.Typeflag {
		case tar.TypeReg:
			start := len(raw) - in.Len()
			if sparse(h) || h.Size < 0 || h.Size > int64(len(raw)-start) {
				return a.damaged(errors.New("entry " + h.Name + " is sparse or cut short"))
			}
			if len(a.files) >= limit(a.limits) {
				return a.limits.TooManyFiles(a.subject)
			}
			delete(links, name)
			a.files[name] = file{data: raw[start : start+int(h.Size) : start+int(h.Size)], executable: h.Mode&0o111 != 0}
		case tar.TypeSymlink, tar.TypeLink:
			if len(links) >= limit(a.limits) {
				return a.limits.TooManyFiles(a.subject)
			}
			delete(a.files, name)
			links[name] = target(h, name)
		default:
			return a.special(h.Name)
		}
	}
}

// target is where a link points, relative to its own folder. Hard links name an entry by its full name.
func target(h *tar.Header, name string) string {
	if h.Typeflag == tar.TypeSymlink || strings.HasPrefix(h.Linkname, "/") {
		return h.Linkname
	}
	up := strings.Repeat("../", strings.Count(name, "/"))
	return up + strip(h.Linkname)
}

// resolve enters the files that links name under the links' names.
func (a *Archive) resolve(names *extract.Names, links map[string]string) error {
	files := make([]string, 0, len(a.files))
	for name := range a.files {
		files = append(files, name)
	}
	copies, err := extract.Links(a.subject, files, links, a.limits)
	if err != nil {
		return err
	}
	for name := range copies {
		if err := names.Unfolded(name); err != nil {
			return err
		}
	}
	for name, from := range copies {
		a.files[name] = a.files[from]
	}
	if len(a.files) > limit(a.limits) {
		return a.limits.TooManyFiles(a.subject)
	}
	return nil
}

// strip drops the first path component; what has only one vanishes.
func strip(name string) string {
	_, rest, _ := strings.Cut(path.Clean(name), "/")
	return rest
}

// sparse tells whether the content of an entry is not stored as it is.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

func limit(l Limits) int {
	if l.Files == 0 {
		return extract.DefaultLimits.Files
	}
	return l.Files
}

func (a *Archive) special(name string) error {
	return &report.Error{Kind: report.Policy, What: "cannot unpack " + a.subject,
		Why:  "entry \"" + name + "\" is a device or another special file",
		Next: "nothing of it was kept; use another version of it, and tell its publisher"}
}

func (a *Archive) damaged(err error) error { return damaged(a.subject, err) }

func damaged(subject string, err error) error {
	return &report.Error{Kind: report.Integrity, What: "the tarball of " + subject + " is damaged", Err: err,
		Next: "run 'conduit cache prune --all', then 'conduit sync': that fetches it again; if it stays, tell its publisher"}
}
