package jobs

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

var (
	jobsBucket = []byte("jobs") // a job's ID: its record as JSON
	keysBucket = []byte("keys") // an Idempotency-Key: the ID of its job
)

const (
	lockTime  = time.Second          // for another gateway to give the folder free
	batchTime = 2 * time.Millisecond // that a record waits for others to be synced with it
)

// store is the part of a queue that is on disk.
type store struct {
	dir string
	db  *bbolt.DB
}

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, diskError(err)
	}
	db, err := bbolt.Open(filepath.Join(dir, "jobs.db"), 0o600, &bbolt.Options{Timeout: lockTime})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, &report.Error{Kind: report.Usage, What: "another gateway of this project runs", Where: dir, Next: "stop it, or name another folder for this one with --data"}
	}
	if err != nil {
		return nil, &report.Error{What: "the jobs cannot be read", Where: filepath.Join(dir, "jobs.db"), Err: err, Next: "restore the file, or remove it and lose the jobs"}
	}
	db.MaxBatchDelay = batchTime
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(jobsBucket)
		if err == nil {
			_, err = tx.CreateBucketIfNotExists(keysBucket)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(diskError(err), db.Close())
	}
	return &store{dir: dir, db: db}, nil
}

// folder is where the files of a job are.
func (s *store) folder(id string) string { return filepath.Join(s.dir, id) }

// update writes records in one transaction that is synced when it returns.
func (s *store) update(change func(tx *bbolt.Tx) error) error {
	err := s.db.Batch(change)
	var told *report.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	return diskError(err)
}

func put(tx *bbolt.Tx, r *record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.Bucket(jobsBucket).Put([]byte(r.ID), data)
}

// read returns the record of a job.
func (s *store) read(id string) (*record, error) {
	var r *record
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		r, err = get(tx, id)
		return err
	})
	return r, err
}

func get(tx *bbolt.Tx, id string) (*record, error) {
	data := tx.Bucket(jobsBucket).Get([]byte(id))
	if data == nil {
		return nil, failure.NotFound("there is no job "+id, "see GET /api/v1/jobs for those that are kept")
	}
	return decode(data)
}

func decode(data []byte) (*record, error) {
	r := &record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, &report.Error{What: "the record of a job cannot be read", Err: err, Next: "remove the job, or go back to the conduit that wrote it"}
	}
	return r, nil
}

// each calls see with all records, the oldest first, until it returns false.
func (s *store) each(see func(*record) bool) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(jobsBucket).Cursor()
		_, data := cursor.First()
		return walk(data, cursor.Next, see)
	})
}

// list calls see with records older than the job before, "" for all, the newest first, until it returns false.
func (s *store) list(before string, see func(*record) bool) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(jobsBucket).Cursor()
		_, data := cursor.Last()
		if before != "" {
			if key, _ := cursor.Seek([]byte(before)); key != nil {
				_, data = cursor.Prev()
			} else {
				_, data = cursor.Last()
			}
		}
		return walk(data, cursor.Prev, see)
	})
}

// walk calls see with records from data on; no record is empty, so that nil is the end.
func walk(data []byte, next func() (key, value []byte), see func(*record) bool) error {
	for ; data != nil; _, data = next() {
		r, err := decode(data)
		if err != nil {
			return err
		}
		if !see(r) {
			break
		}
	}
	return nil
}

// remove forgets jobs and their files.
func (s *store) remove(all ...*record) error {
	err := s.update(func(tx *bbolt.Tx) error {
		for _, r := range all {
			if err := tx.Bucket(jobsBucket).Delete([]byte(r.ID)); err != nil {
				return err
			}
			if r.Key == "" {
				continue
			}
			if err := tx.Bucket(keysBucket).Delete([]byte(r.Key)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, r := range all {
		if err == nil {
			err = os.RemoveAll(s.folder(r.ID))
		}
	}
	return err
}

// sweep removes folders of jobs that were never accepted: the process ended before their record was written.
func (s *store) sweep() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return diskError(err)
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), "job_") {
			continue
		}
		if _, err := s.read(e.Name()); report.KindOf(err) == report.Usage {
			if err := os.RemoveAll(s.folder(e.Name())); err != nil {
				return diskError(err)
			}
		}
	}
	return nil
}

// syncTree syncs a folder with all its files, and the folder that it is in.
func syncTree(dir string) error {
	return errors.Join(filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(path)
	}), syncPath(filepath.Dir(dir)))
}

func diskError(err error) error {
	return &report.Error{What: "the gateway cannot store a job", Err: err, Next: "have room made in its folder, or name another with conduit serve --data"}
}
