package project

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// nodeTime is what the executable's modification time is set to, npm's own for all files. Another one means that somebody
// has written to the file, or copied the cache.
var nodeTime = time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC)

// sizeKey is under which the record of a runtime keeps the size of its executable in bytes.
const sizeKey = "size"

// nodeFiles are the files that are unpacked: headers and documents are of no use here.
func nodeFiles() []string { return []string{here().nodeFile(), "LICENSE"} }

// nodeKey names a Node.js in the cache. Half of the integrity is enough to tell any two apart, and keeps the path of the
// executable short, which stands in every list of processes.
func nodeKey(t lockfile.Tool) cache.Key {
	id := t.Integrity
	if integrity, err := verify.ParseIntegrity(id); err == nil {
		id = integrity.Hex()[:32]
	}
	return cache.Key{Kind: cache.Toolchain, ID: t.Package + "@" + t.Version + "-" + id}
}

// installNode has the locked Node.js of this machine in the cache afterwards: fetched, verified, and of its thousands of
// files the executable and its licence unpacked. Nothing of it is run.
func (p *Project) installNode(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) error {
	if m.Node == "" {
		return nil
	}
	t, err := p.nodeHere(ctx, m, lock)
	if err != nil {
		return err
	}
	if _, ok, err := p.installedNode(t); ok || err != nil {
		return err
	}
	_, _, err = p.cache.Tree(ctx, nodeKey(t), func(ctx context.Context, dir string) (cache.Record, error) { return p.unpackNode(ctx, t, dir) })
	return err
}

func (p *Project) unpackNode(ctx context.Context, t lockfile.Tool, dir string) (cache.Record, error) {
	want, err := verify.ParseIntegrity(t.Integrity)
	if err != nil {
		return cache.Record{}, &report.Error{Kind: report.Lock, What: "the integrity of Node.js in " + lockfile.Name + " proves nothing", Where: lockfile.Name, Err: err,
			Next: "restore " + lockfile.Name + " from version control, or delete it and type: conduit lock"}
	}
	file, err := p.npm.Tarball(ctx, t.Package, t.Version, t.Integrity)
	if err != nil {
		return cache.Record{}, err
	}
	subject := t.Package + "@" + t.Version
	report.Emit(ctx, report.Event{Type: report.Start, Step: "unpack", Subject: subject})
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o777); err != nil {
		return cache.Record{}, err
	}
	err = tarball.Scan(subject, file, want, tarball.Limits{}, func(name string, content io.Reader) error {
		if !slices.Contains(nodeFiles(), name) {
			return nil
		}
		return writeNodeFile(filepath.Join(dir, filepath.FromSlash(name)), content)
	})
	if err != nil {
		return cache.Record{}, err
	}
	path := filepath.Join(dir, filepath.FromSlash(here().nodeFile()))
	info, err := os.Stat(path)
	if err != nil {
		return cache.Record{}, &report.Error{Kind: report.Policy, What: subject + " holds no Node.js", Why: "it has no " + here().nodeFile(), Err: err,
			Next: "write another node under [toolchain] in " + lockfile.ManifestName + ", then type: conduit lock"}
	}
	if err := fitsMachine(t, path); err != nil {
		return cache.Record{}, err
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "unpack", Subject: subject})
	return cache.Record{Meta: map[string]string{sizeKey: strconv.FormatInt(info.Size(), 10)}}, nil
}

// writeNodeFile writes one of the files of Node.js. The registry's packages state no other mode than this for it.
func writeNodeFile(path string, content io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o777)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Chtimes(path, nodeTime, nodeTime)
}

// installedNode is the executable of a locked Node.js, if the cache has it. To hash a hundred megabytes before every start
// would take longer than the start: as long as size and time are those that conduit left, the file counts as untouched.
func (p *Project) installedNode(t lockfile.Tool) (path string, ok bool, err error) {
	dir, rec, ok := p.cache.Lookup(nodeKey(t))
	if !ok {
		return "", false, nil
	}
	path = filepath.Join(dir, filepath.FromSlash(here().nodeFile()))
	info, err := os.Stat(path)
	if err != nil || strconv.FormatInt(info.Size(), 10) != rec.Meta[sizeKey] || !info.ModTime().Equal(nodeTime) {
		err = checkNodeFolder(t, dir, rec)
	}
	return path, err == nil, err
}

// checkNodeFolder hashes what was unpacked.
func checkNodeFolder(t lockfile.Tool, dir string, rec cache.Record) error {
	got, err := verify.DirSum(dir)
	if err != nil {
		return err
	}
	return verify.Check(t.Package+"@"+t.Version, rec.Sum, got)
}

// verifyNode compares the tarball of the locked Node.js with the lock and what was unpacked with the tarball; where that
// is not in the cache any more, with its record. It reports whether the cache has any of it.
func (p *Project) verifyNode(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (bool, error) {
	if m.Node == "" {
		return false, nil
	}
	t, err := p.nodeHere(ctx, m, lock)
	if err != nil {
		return false, err
	}
	dir, rec, ok := p.cache.Lookup(nodeKey(t))
	if !ok {
		return false, nil
	}
	want, err := verify.ParseIntegrity(t.Integrity)
	if err != nil {
		return false, err
	}
	file, _, kept := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: want.String()})
	if !kept {
		return true, checkNodeFolder(t, dir, rec)
	}
	subject := t.Package + "@" + t.Version
	err = tarball.Scan(subject, file, want, tarball.Limits{}, func(name string, content io.Reader) error {
		if !slices.Contains(nodeFiles(), name) {
			return nil
		}
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		defer f.Close()
		packed, unpacked := sha256.New(), sha256.New()
		if _, err := io.Copy(packed, content); err != nil {
			return err
		}
		if _, err := io.Copy(unpacked, f); err != nil {
			return err
		}
		return verify.Check(subject+", "+name, fmt.Sprintf("sha256:%x", packed.Sum(nil)), fmt.Sprintf("sha256:%x", unpacked.Sum(nil)))
	})
	return true, err
}
