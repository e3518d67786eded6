package sumdb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/singleflight"

	"github.com/MediaConduit/conduit/report"
)

// Sum finds out what a version is: it fetches the files of source ("github:acme/talk") and returns their h1: sum. An error with
// [fs.ErrNotExist] in its chain says that there is no such version, or that nobody may ask for it here.
type Sum func(ctx context.Context, source, version string) (string, error)

// Server is a log on disk. It is safe for concurrent use.
type Server struct {
	db     *bolt.DB
	signer note.Signer
	sum    Sum
	flight singleflight.Group
}

// The buckets of the database.
var (
	records = []byte("records") // number to record; its sequence is how many there are
	numbers = []byte("numbers") // PATH@VERSION to number
	hashes  = []byte("hashes")  // index, as tlog counts them, to hash
)

// lockWait is how long another server may hold the file.
const lockWait = 5 * time.Second

// Open opens the log in file, or begins one. key is what [NewKey] made.
func Open(file, key string, sum Sum) (*Server, error) {
	signer, err := note.NewSigner(key)
	if err != nil {
		return nil, &report.Error{Kind: report.Usage, What: "the log's key cannot be read", Err: err, Next: "make one: conduit sumdb key NAME FILE"}
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: lockWait})
	if err == nil {
		err = db.Update(func(tx *bolt.Tx) error {
			for _, name := range [][]byte{records, numbers, hashes} {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, &report.Error{What: "cannot open the log", Where: file, Err: err, Next: "stop what has it open, or name another folder with --data"}
	}
	return &Server{db: db, signer: signer, sum: sum}, nil
}

// Close closes the log.
func (s *Server) Close() error { return s.db.Close() }

// Handler serves the log by the protocol of Go's checksum database.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	h := sumdb.NewServer(s)
	for _, path := range sumdb.ServerPaths {
		mux.Handle(path, h)
	}
	return mux
}

func key(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// reader reads hashes in a transaction.
type reader struct{ tx *bolt.Tx }

// ReadHashes implements tlog.HashReader.
func (r reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		data := r.tx.Bucket(hashes).Get(key(index))
		if len(data) != tlog.HashSize {
			return nil, fmt.Errorf("the log lacks hash %d", index)
		}
		copy(out[i][:], data)
	}
	return out, nil
}

// Signed implements sumdb.ServerOps: the head of the tree.
func (s *Server) Signed(context.Context) (signed []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		n := int64(tx.Bucket(records).Sequence())
		root, err := tlog.TreeHash(n, reader{tx})
		if err != nil {
			return err
		}
		signed, err = note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: n, Hash: root}))}, s.signer)
		return err
	})
	return signed, err
}

// ReadRecords implements sumdb.ServerOps.
func (s *Server) ReadRecords(_ context.Context, id, n int64) (out [][]byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		for i := range n {
			data := tx.Bucket(records).Get(key(id + i))
			if data == nil {
				return fs.ErrNotExist
			}
			out = append(out, append([]byte(nil), data...))
		}
		return nil
	})
	return out, err
}

// ReadTileData implements sumdb.ServerOps.
func (s *Server) ReadTileData(_ context.Context, t tlog.Tile) (data []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		data, err = tlog.ReadTileData(t, reader{tx})
		return err
	})
	return data, err
}

// Lookup implements sumdb.ServerOps: the number of a version's record, which is made at the first question.
func (s *Server) Lookup(ctx context.Context, m module.Version) (int64, error) {
	if id, ok := s.number(m.String()); ok {
		return id, nil
	}
	id, err, _ := s.flight.Do(m.String(), func() (any, error) { return s.add(context.WithoutCancel(ctx), m) })
	switch {
	case errors.Is(err, fs.ErrNotExist): // in the form that makes it status 404
		return 0, &fs.PathError{Op: "lookup", Path: m.String(), Err: fs.ErrNotExist}
	case err != nil: // details are for the server's own log
		return 0, errors.New("what " + m.String() + " is cannot be found out now")
	}
	return id.(int64), nil
}

func (s *Server) number(name string) (id int64, ok bool) {
	_ = s.db.View(func(tx *bolt.Tx) error { // nothing in it fails
		id, ok = decode(tx.Bucket(numbers).Get([]byte(name)))
		return nil
	})
	return id, ok
}

func decode(data []byte) (int64, bool) {
	if len(data) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(data)), true
}

// add finds out what a version is and appends it. What was appended stays, whatever the source says later.
func (s *Server) add(ctx context.Context, m module.Version) (id int64, err error) {
	source, err := sourceOf(m.Path)
	if err != nil {
		return 0, errors.Join(fs.ErrNotExist, err)
	}
	sum, err := s.sum(ctx, source, m.Version)
	if err != nil {
		return 0, err
	}
	record := []byte(m.Path + " " + m.Version + " " + sum + "\n")
	if _, err := tlog.FormatRecord(0, record); err != nil {
		return 0, err
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		var known bool
		if id, known = decode(tx.Bucket(numbers).Get([]byte(m.String()))); known {
			return nil
		}
		id = int64(tx.Bucket(records).Sequence())
		stored, err := tlog.StoredHashesForRecordHash(id, tlog.RecordHash(record), reader{tx})
		if err != nil {
			return err
		}
		at := tlog.StoredHashIndex(0, id)
		for i, h := range stored {
			if err := tx.Bucket(hashes).Put(key(at+int64(i)), h[:]); err != nil {
				return err
			}
		}
		return errors.Join(tx.Bucket(records).Put(key(id), record), tx.Bucket(numbers).Put([]byte(m.String()), key(id)), tx.Bucket(records).SetSequence(uint64(id)+1))
	})
	return id, err
}
