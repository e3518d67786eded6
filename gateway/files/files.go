package files

import (
	"cmp"
	"context"
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// Store is a folder of files.
type Store struct {
	dir  string
	keep time.Duration
	most int64 // bytes

	mu   sync.Mutex // held by what adds and removes
	used int64      // bytes
}

// Open opens the store in dir, which is made where it is missing. Files go after keep, and sooner where all have more than
// most bytes.
func Open(dir string, keep time.Duration, most int64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, storeError(err)
	}
	s := &Store{dir: dir, keep: keep, most: most}
	return s, s.Prune(time.Now())
}

// name is what the store calls its files: 26 letters and digits in base32, 130 bits.
var name = lazyregexp.New(`^[A-Z2-7]{26}\.[a-z0-9]{1,8}$`)

// Add puts the content of m into the store and returns the name under which it is fetched. A file in dir is moved, any other is
// copied: it is the provider's own.
func (s *Store) Add(m plugin.Media, dir string) (string, error) {
	id := rand.Text() + media.Extension(m.MIME)
	path := filepath.Join(s.dir, id)
	var err error
	if m.Path != "" {
		err = Take(m.Path, path, dir)
	} else {
		data := m.Data
		if data == nil {
			data = []byte(m.Text)
		}
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return "", storeError(err)
	}
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil { // it is kept from now on, whenever it was made
		return "", storeError(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", storeError(err)
	}
	s.mu.Lock()
	s.used += info.Size()
	full := s.used > s.most
	s.mu.Unlock()
	if full {
		return id, s.Prune(now)
	}
	return id, nil
}

// Open opens a file. The caller closes it.
func (s *Store) Open(id string) (*os.File, error) {
	gone := failure.NotFound("there is no such file", "files are kept for "+s.keep.String()+"; make the request again")
	if !name.MatchString(id) {
		return nil, gone
	}
	f, err := os.Open(filepath.Join(s.dir, id))
	if err != nil {
		return nil, gone
	}
	if info, err := f.Stat(); err != nil || time.Since(info.ModTime()) > s.keep {
		_ = f.Close() // it was only read
		return nil, gone
	}
	return f, nil
}

// Prune removes what has been kept long enough, and of the rest the oldest, until all has room.
func (s *Store) Prune(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return storeError(err)
	}
	var infos []fs.FileInfo
	s.used = 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !name.MatchString(e.Name()) {
			continue
		}
		infos = append(infos, info)
		s.used += info.Size()
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range infos {
		if now.Sub(info.ModTime()) <= s.keep && s.used <= s.most {
			break
		}
		if err := os.Remove(filepath.Join(s.dir, info.Name())); err != nil {
			return storeError(err)
		}
		s.used -= info.Size()
	}
	return nil
}

// Run prunes from time to time until ctx ends.
func (s *Store) Run(ctx context.Context) {
	ticker := time.NewTicker(max(s.keep/10, time.Second))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if err := s.Prune(now); err != nil {
				report.Warn(ctx, "files", s.dir, err.Error())
			}
		}
	}
}

func storeError(err error) error {
	return &report.Error{Kind: report.Failure, What: "the gateway cannot store a file", Err: err, Next: "have room made in its folder, or name another with conduit serve --data"}
}
