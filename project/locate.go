package project

import (
	"context"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// subject is how messages call a locked module: "github:a/b@v1.2.3".
func subject(m *lockfile.Module) string {
	if m.Version == "" {
		return m.Source
	}
	return m.Source + "@" + m.Version
}

// revision is what the lock knows of a module's published state.
func revision(m *lockfile.Module) resolve.Revision {
	return resolve.Revision{Version: m.Version, Commit: m.Commit, Integrity: m.Integrity}
}

// fetch returns the files of a locked module, from the cache or else from its source, and checks that they are the
// locked ones.
func (p *Project) fetch(ctx context.Context, m *lockfile.Module) (string, error) {
	return tree(ctx, p.origin, m)
}

// locate is fetch without the network, for what must be in place already.
func (p *Project) locate(ctx context.Context, m *lockfile.Module) (string, error) {
	dir, err := tree(ctx, p.local, m)
	if err != nil && report.KindOf(err) == report.Network {
		return "", notSynced(subject(m))
	}
	return dir, err
}

func tree(ctx context.Context, from resolve.Origin, m *lockfile.Module) (string, error) {
	src, _, err := resolve.ParseSource(m.Source)
	if err != nil {
		return "", err
	}
	t, err := from.Fetch(ctx, src, revision(m))
	if err != nil {
		return "", err
	}
	if t.Sum == m.Sum {
		return t.Path, nil
	}
	if src.Kind == resolve.File {
		return "", &report.Error{Kind: report.Lock, What: "the folder " + src.Path + " has changed since " + lockfile.Name + " was made",
			Where: t.Path, Why: "its sum is " + t.Sum + ", the lock says " + m.Sum, Next: "conduit lock    to take the change in"}
	}
	return "", verify.Mismatch(subject(m), "sum", m.Sum, t.Sum)
}

// rehash reads the files of a locked module's folder again: what is about to run must be what was locked, also when
// somebody changed the cache behind our back. Folders of the user's own were hashed when they were located.
func rehash(ctx context.Context, m *lockfile.Module, dir string) error {
	if m.Version == "" {
		return nil
	}
	got, err := verify.DirSum(dir)
	if err != nil {
		return err
	}
	if err := verify.Check(subject(m), m.Sum, got); err != nil {
		return err
	}
	report.Record(ctx, report.Action{Act: report.Verified, Subject: subject(m), Digest: m.Sum})
	return nil
}

// recheck is rehash for a sync, which starts nothing: what it found right, and nobody has touched since, is not read again.
func (p *Project) recheck(ctx context.Context, m *lockfile.Module, dir string) error {
	if m.Version == "" {
		return nil
	}
	return p.witness.Check(dir, m.Sum, func() error { return rehash(ctx, m, dir) })
}

// recheckHost is [build.Builder.CheckHost] for a sync, see recheck.
func (p *Project) recheckHost() error {
	host, ok := p.builder.HostArtifact()
	if !ok {
		return nil
	}
	return p.witness.Check(host.Dir, host.Digest, p.builder.CheckHost)
}

// readProvider reads what a locked provider says about itself in its files in dir.
func readProvider(ctx context.Context, m *lockfile.Module, dir string) (*manifest.Provider, error) {
	about, err := manifest.ReadProvider(ctx, dir, subject(m))
	return about, blame(ctx, m, dir, err)
}

// readService is readProvider for a service.
func readService(ctx context.Context, m *lockfile.Module, dir string) (*manifest.Service, error) {
	about, err := manifest.ReadService(ctx, dir, subject(m))
	return about, blame(ctx, m, dir, err)
}

// blame returns err, which says that a file of a locked module's folder cannot be understood; where the files are not the locked ones, it says
// that instead: its publisher wrote nothing wrong.
func blame(ctx context.Context, m *lockfile.Module, dir string, err error) error {
	if err == nil {
		return nil
	}
	if damage := rehash(ctx, m, dir); damage != nil {
		return damage
	}
	return err
}

// notSynced is the error for something that a sync would have put in place.
func notSynced(what string) error {
	return &report.Error{Kind: report.Lock, What: what + " is not in the cache yet", Next: "conduit sync"}
}
