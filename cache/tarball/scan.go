package tarball

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/verify"
)

// Scan reads the gzipped tarball at path once from its start to its end and hands each regular file to use, under its
// name without the first path component. It holds none of it in memory: a runtime has a hundred megabytes and thousands of
// files of which few are needed. The integrity is that of the bytes which were handed on; what was made of them is worth
// nothing until Scan returns nil. use need not read content. Names may come more than once, and are not checked.
func Scan(subject, path string, integrity verify.Integrity, limits Limits, use func(name string, content io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	verified := verify.NewReader(file, subject, integrity)
	err = scan(subject, verified, limits, use)
	// The end has to be read even after an error: wrong bytes explain every other one.
	if _, bad := io.Copy(io.Discard, verified); bad != nil {
		return bad
	}
	return err
}

func scan(subject string, from io.Reader, limits Limits, use func(string, io.Reader) error) error {
	unzipped, err := gzip.NewReader(bufio.NewReaderSize(from, 256<<10))
	if err != nil {
		return damaged(subject, err)
	}
	most := limits.Bytes
	if most == 0 {
		most = extract.DefaultLimits.Bytes
	}
	raw := &io.LimitedReader{R: unzipped, N: most}
	archive := tar.NewReader(raw)
	for entries := 0; ; entries++ {
		h, err := archive.Next()
		switch {
		case raw.N <= 0:
			return limits.TooManyBytes(subject)
		case err == io.EOF:
			return nil
		case err != nil:
			return damaged(subject, err)
		case entries >= limit(limits):
			return limits.TooManyFiles(subject)
		case h.Typeflag != tar.TypeReg:
			continue
		case sparse(h):
			return damaged(subject, errors.New("entry "+h.Name+" is sparse"))
		}
		if err := use(strip(h.Name), archive); err != nil {
			if raw.N <= 0 {
				return limits.TooManyBytes(subject)
			}
			return err
		}
	}
}
