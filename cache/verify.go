package cache

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// Verify hashes entries anew, all of them if no key is given, and compares them with their records. The error joins one
// of kind Integrity for each damaged entry and names it; keys that are not in the cache are passed over.
func (c *Cache) Verify(ctx context.Context, keys ...Key) error {
	entries, err := c.verifiable(ctx, keys)
	if err != nil {
		return err
	}
	var bad []error
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := verifyEntry(e); err != nil {
			bad = append(bad, err)
			continue
		}
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "verify", Subject: e.Key.String(), Message: "ok", Done: e.Bytes})
	}
	return errors.Join(bad...)
}

// verifiable lists the entries of keys that have content.
func (c *Cache) verifiable(ctx context.Context, keys []Key) ([]Entry, error) {
	if len(keys) == 0 {
		return c.Entries(ctx)
	}
	var entries []Entry
	for _, key := range keys {
		if path, rec, ok := c.Lookup(key); ok {
			entries = append(entries, Entry{Key: key, Record: rec, Path: path})
		}
	}
	return entries, nil
}

func verifyEntry(e Entry) error {
	if e.Path == "" {
		return nil
	}
	want := e.Record.Sum
	if e.Key.Kind == Artifact {
		want = e.Key.ID // the record could be as damaged as the content
	}
	var got string
	var err error
	switch {
	case strings.HasPrefix(want, "sha256:"):
		got, err = verify.ArtifactDigest(e.Path)
	case strings.HasPrefix(want, "h1:"):
		got, err = verify.DirSum(e.Path)
	default:
		if promised, ok := wanted(e.Key); ok {
			want = promised.String()
		}
		got, err = fileIntegrity(e.Path, want)
	}
	if err != nil {
		return &report.Error{Kind: report.Integrity, What: "the cached " + e.Key.String() + " cannot be read back", Where: e.Path,
			Err: err, Next: "run 'conduit cache prune --all', then 'conduit sync': that fetches it again"}
	}
	if got == want {
		return nil
	}
	damaged := verify.Mismatch("the cached "+e.Key.String(), "content", want, got)
	damaged.Where = e.Path
	return damaged
}

// fileIntegrity is the integrity of the file at path, with the algorithm of want.
func fileIntegrity(path, want string) (string, error) {
	i, err := verify.ParseWeakIntegrity(want)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := i.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return verify.Integrity{Algorithm: i.Algorithm, Sum: string(h.Sum(nil))}.String(), nil
}
