package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify/policy"
	"github.com/MediaConduit/conduit/verify/signature"
)

// demanded tells whether a rule says who has to sign what comes from a source.
func (p *Project) demanded(source string) bool { return len(p.ruled().sources.Demands(source)) > 0 }

// keysName is under which the keys of a demand are kept.
func keysName(file string, signers []string) string { return file + "\n" + strings.Join(signers, "\n") }

// keyFiles are the keys that the rules name. A file is read when the first version is compared with it.
func (p *Project) keyFiles(sources policy.Set) map[string]func() (*signature.Signers, error) {
	out := map[string]func() (*signature.Signers, error){}
	for _, rules := range sources {
		for _, rule := range rules.Signed {
			if rule.Provenance { // those are roots
				continue
			}
			d := policy.Demand{Signed: rule, File: rules.File, Project: rules.Project}
			out[keysName(d.File, d.Signers)] = sync.OnceValues(func() (*signature.Signers, error) { return p.readKeys(&d) })
		}
	}
	return out
}

// readKeys reads the files of a demand.
func (p *Project) readKeys(d *policy.Demand) (*signature.Signers, error) {
	keys := &signature.Signers{}
	for _, file := range d.Signers {
		data, err := os.ReadFile(p.beside(d, file))
		if err != nil {
			return nil, &report.Error{Kind: report.Policy, What: "the keys of those who may sign cannot be read", Where: d.Refuse("", "", "").Where(), Err: err,
				Next: "make the file, or correct signers under [[policy.signed]]"}
		}
		if err := keys.Add(data); err != nil {
			e := &report.Error{Kind: report.Policy, What: "the keys of those who may sign cannot be read", Where: file, Err: err,
				Next: "mend the file: a line PRINCIPAL KEYTYPE KEY for each SSH key, or what 'gpg --export --armor KEY' prints"}
			var line *signature.LineError
			if errors.As(err, &line) {
				e.Where = fmt.Sprintf("%s:%d", file, line.Line)
			}
			return nil, e
		}
	}
	return keys, nil
}

// beside is where a file lies that a demand names: it is relative to the file of the rule.
func (p *Project) beside(d *policy.Demand, file string) string {
	switch {
	case filepath.IsAbs(file):
		return file
	case d.Project:
		return filepath.Join(p.dir, filepath.FromSlash(file))
	}
	return filepath.Join(filepath.Dir(d.File), filepath.FromSlash(file))
}

// lockSigners finds out who signed the modules of a lock where a rule asks for it, and who built those of npm that are attested. What the
// previous lock says of the same commit stands, as long as whoever signed may do so.
//
// What the registry is known not to attest is not looked at: graph is what the lock was made from.
func (p *Project) lockSigners(ctx context.Context, lock, previous *lockfile.Lock, graph *resolve.Graph) error {
	var earlier earlier
	if previous != nil {
		earlier = bySource(previous)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range lock.Modules {
		m := &lock.Modules[i]
		held := false
		m.Signer, held = earlier.signer(m)
		demands := p.ruled().sources.Demands(m.Source)
		if len(demands) == 0 && (held || graph.Modules[i].Unattested || !strings.HasPrefix(m.Source, "npm:")) {
			continue
		}
		group.Go(func() error {
			refused, err := p.unmet(m, demands)
			if err != nil || refused == nil && held {
				return err
			}
			m.Signer, err = p.signerOf(ctx, m, demands)
			return err
		})
	}
	return group.Wait()
}

// unmet is the refusal of a locked module that nobody signed who may, as far as the lock tells; nil if somebody did.
func (p *Project) unmet(m *lockfile.Module, demands []policy.Demand) (*policy.Refusal, error) {
	for i := range demands {
		d := &demands[i]
		var keys *signature.Signers
		if !d.Provenance {
			var err error
			if keys, err = p.keys(d); err != nil {
				return nil, err
			}
		}
		known := func(who string) bool {
			s, ok := signature.ParseSigner(who)
			switch {
			case d.Provenance:
				return ok && mayBuild(d, s)
			case len(d.Signers) == 0:
				return ok && s.ByRegistry()
			}
			return ok && keys.Know(s, d.By, time.Now())
		}
		switch {
		case m.Signer == "":
			return d.Refuse(m.Source, lockfile.Name+" does not say who signed it", "conduit lock    finds out"), nil
		case d.Provenance && !slices.ContainsFunc(strings.Split(m.Signer, betweenSigners), known):
			return d.Refuse(m.Source, lockfile.Name+" names no build that may have made it: "+m.Signer, "conduit lock    finds out who built it"), nil
		case !slices.ContainsFunc(strings.Split(m.Signer, betweenSigners), known):
			return d.Refuse(m.Source, "its signer may not sign any more: "+m.Signer, "conduit lock    looks for another signature of it;\nelse "+trust(d)), nil
		}
	}
	return nil, nil
}

// betweenSigners stands between the names of one signer by several rules.
const betweenSigners = ", "

// keys are those of a demand.
func (p *Project) keys(d *policy.Demand) (*signature.Signers, error) {
	return p.ruled().keys[keysName(d.File, d.Signers)]()
}

// undersigned is what of the lock has no signer who may sign.
func (p *Project) undersigned(lock *lockfile.Lock) ([]Forbidden, error) {
	var out []Forbidden
	for i := range lock.Modules {
		m := &lock.Modules[i]
		refused, err := p.unmet(m, p.ruled().sources.Demands(m.Source))
		if err != nil {
			return nil, err
		}
		if refused != nil {
			out = append(out, forbid(subject(m), m.Kind, refused))
		}
	}
	return out, nil
}

// signerOf finds out who signed a module.
func (p *Project) signerOf(ctx context.Context, m *lockfile.Module, demands []policy.Demand) (string, error) {
	if !strings.HasPrefix(m.Source, "npm:") {
		return p.signer(ctx, subject(m), m.Source, resolve.Revision{Version: m.Version, Commit: m.Commit}, demands)
	}
	r := p.release(m, p.origin)
	attested, err := p.npm.Attested(ctx, r.name, r.version)
	if err != nil {
		return "", err
	}
	r.attested = attested
	return p.releaseSigner(ctx, r, demands)
}

// signer verifies the signature of a revision, whose commit is known, for each of the demands, and returns who made it.
func (p *Project) signer(ctx context.Context, subject, source string, rev resolve.Revision, demands []policy.Demand) (string, error) {
	src, _, err := resolve.ParseSource(source)
	if err != nil {
		return "", err
	}
	report.Emit(ctx, report.Event{Type: report.Detail, Step: "verify", Subject: subject, Message: "checking the signature"})
	who, refused, err := p.judge(ctx, p.origin, src, rev, demands, false, time.Now())
	if refused != nil && !p.offline { // it may have been signed since
		who, refused, err = p.judge(ctx, p.origin, src, rev, demands, true, time.Now())
	}
	if refused != nil {
		return "", refused.Error(subject)
	}
	return who, err
}

// judge compares the signature of a revision with each of the demands, as of now; the zero time is when it was made.
func (p *Project) judge(ctx context.Context, origin resolve.Origin, src resolve.Source, rev resolve.Revision, demands []policy.Demand, anew bool, now time.Time) (string, *policy.Refusal, error) {
	signed, err := signedOf(ctx, origin, src, rev, anew)
	if err != nil {
		return "", nil, err
	}
	var names []string
	for i := range demands {
		d := &demands[i]
		keys, err := p.keys(d)
		if err != nil {
			return "", nil, err
		}
		who, failure := check(keys, d, signed, rev, now)
		if failure != nil {
			return "", d.Refuse(src.String(), failure.Detail, mend(d, src, failure.Fault)), nil
		}
		if name := who.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, betweenSigners), nil, nil
}

func signedOf(ctx context.Context, origin resolve.Origin, src resolve.Source, rev resolve.Revision, anew bool) (resolve.Signed, error) {
	signatures, ok := origin.(resolve.Signatures)
	if !ok {
		return resolve.Signed{}, &report.Error{Kind: report.Policy, What: "nobody can tell who signed " + src.String() + "@" + rev.Version}
	}
	return signatures.Signed(ctx, src, rev, anew)
}

// check finds who signed: the tag where that is signed, else the commit.
func check(keys *signature.Signers, d *policy.Demand, signed resolve.Signed, rev resolve.Revision, now time.Time) (signature.Signer, *signature.Failure) {
	judged := func(o *signature.Object) (signature.Signer, *signature.Failure) {
		who, err := keys.Check(o, d.By, now)
		var f *signature.Failure
		if errors.As(err, &f) {
			return who, f
		}
		return who, nil
	}
	if signed.Tag != nil {
		tag, err := signature.ParseTag(signed.Tag)
		switch {
		case err != nil:
			return signature.Signer{}, &signature.Failure{Fault: signature.Malformed, Detail: "its tag cannot be read: " + err.Error()}
		case tag.Signature != nil && (tag.Target != rev.Commit || tag.Type != signature.Commit):
			return signature.Signer{}, &signature.Failure{Fault: signature.Mismatch, Detail: "its tag is over " + tag.Type + " " + tag.Target + ", not over the commit"}
		case tag.Signature != nil && tag.Tag != signed.Ref: // as for a version that is passed off as a later one
			return signature.Signer{}, &signature.Failure{Fault: signature.Mismatch, Detail: "what is published as tag " + signed.Ref + " was signed as " + tag.Tag}
		case tag.Signature != nil:
			return judged(tag)
		}
	}
	if d.Tags {
		return signature.Signer{}, &signature.Failure{Fault: signature.Unsigned, Detail: "it has no signed tag"}
	}
	commit, err := signature.ParseCommit(signed.Commit)
	if err != nil {
		return signature.Signer{}, &signature.Failure{Fault: signature.Malformed, Detail: "its commit cannot be read: " + err.Error()}
	}
	if commit.Signature == nil {
		return signature.Signer{}, &signature.Failure{Fault: signature.Unsigned, Detail: "neither its tag nor its commit is signed"}
	}
	return judged(commit)
}

// mend is what to do about a signature.
func mend(d *policy.Demand, src resolve.Source, fault signature.Fault) string {
	other := "choose a version that is signed: conduit get " + src.String() + "@VERSION"
	switch fault {
	case signature.Unsigned:
		return "ask its publisher to sign the tag (git tag -s), or " + other
	case signature.UnknownKey:
		return trust(d) + ";\nelse " + other
	case signature.Expired, signature.Revoked, signature.NotAllowed:
		return "ask its publisher to sign with a key that may, or " + other + ";\nthe keys stand in " + strings.Join(d.Signers, ", ")
	}
	return "ask its publisher: somebody else may have changed it; nothing of it was used; or " + other
}

// trust is how a key comes to count.
func trust(d *policy.Demand) string {
	if d.Project {
		return "if you trust the key, add it to " + d.Signers[0]
	}
	return "ask whoever keeps " + d.File + " to add the key to " + d.Signers[0]
}

// checkLibrarySigners refuses libraries and tools that have to be signed and are not: releases of npm, and commits of repositories.
func (p *Project) checkLibrarySigners(ctx context.Context, lock *lockfile.Lock) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4 * parallel) // small requests
	check := func(r npmRelease) {
		if demands := p.ruled().sources.Demands("npm:" + r.name); len(demands) > 0 {
			group.Go(func() error {
				_, err := p.releaseSigner(ctx, r, demands)
				return err
			})
		}
	}
	for _, l := range lock.Libraries {
		id := l.Name + "@" + l.Version
		if l.Source == "" {
			check(npmRelease{subject: id, name: l.Name, version: l.Version, integrity: l.Integrity, manifest: libraryManifest(p.npm, l.Name, l.Version, l.Integrity)})
			continue
		}
		a, err := library.ParseLocked(l)
		if err != nil || a.URL != "" {
			continue // no repository: nobody signs there
		}
		if demands := p.ruled().sources.Demands(a.Git.String()); len(demands) > 0 {
			group.Go(func() error {
				_, err := p.signer(ctx, id, a.Git.String(), resolve.Revision{Commit: a.Ref}, demands)
				return err
			})
		}
	}
	for _, t := range lock.Toolchain {
		if t.Integrity != "" {
			check(npmRelease{subject: t.Package + "@" + t.Version, name: t.Package, version: t.Version, integrity: t.Integrity, manifest: libraryManifest(p.npm, t.Package, t.Version, t.Integrity)})
		}
	}
	return group.Wait()
}
