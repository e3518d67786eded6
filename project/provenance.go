package project

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify"
	"github.com/MediaConduit/conduit/verify/policy"
	"github.com/MediaConduit/conduit/verify/provenance"
	"github.com/MediaConduit/conduit/verify/signature"
)

// EnvSigstoreRoot names a trusted_root.json that counts in place of the public Sigstore instance's.
const EnvSigstoreRoot = "CONDUIT_SIGSTORE_ROOT"

// sigstoreRoot is who vouches for builds where no rule says otherwise.
func sigstoreRoot() (*provenance.Root, error) {
	file := os.Getenv(EnvSigstoreRoot)
	if file == "" {
		return provenance.PublicGood()
	}
	return readRoot(file, EnvSigstoreRoot, "name a trusted_root.json with "+EnvSigstoreRoot+", or unset it for the public Sigstore instance")
}

func readRoot(file, place, next string) (*provenance.Root, error) {
	data, err := os.ReadFile(file)
	if err == nil {
		var root *provenance.Root
		if root, err = provenance.ParseRoot(data); err == nil {
			return root, nil
		}
	}
	return nil, &report.Error{Kind: report.Policy, What: "the trusted root of Sigstore cannot be read: " + file, Where: place, Err: err, Next: next}
}

// roots are those that a demand names, else the one that counts without rules. demand may be nil.
func (p *Project) roots(demand *policy.Demand) ([]*provenance.Root, error) {
	if demand == nil || len(demand.Signers) == 0 {
		root, err := sigstoreRoot()
		return []*provenance.Root{root}, err
	}
	var out []*provenance.Root
	for _, file := range demand.Signers {
		root, err := readRoot(p.beside(demand, file), demand.Refuse("", "", "").Where(), "make the file, or correct signers under [[policy.signed]]")
		if err != nil {
			return nil, err
		}
		out = append(out, root)
	}
	return out, nil
}

// builtBy tells whether the lock says which build made a module.
func builtBy(m *lockfile.Module) bool {
	return slices.ContainsFunc(strings.Split(m.Signer, betweenSigners), func(who string) bool {
		s, ok := signature.ParseSigner(who)
		_, _, built := s.Built()
		return ok && built
	})
}

// mayBuild tells whether a signer of the lock is a build that a demand allows.
func mayBuild(d *policy.Demand, s signature.Signer) bool {
	repository, _, ok := s.Built()
	if !ok {
		return false
	}
	src, _, err := resolve.ParseSource(repository)
	return err == nil && d.BuiltBy(src.String())
}

// attested is what was found out about the provenance of a release: who built it, as locks name it, and what states that.
type attested struct {
	signer string // "" where the registry attests nothing, and nobody demands it
	said   npm.Statement
}

// judgeProvenance verifies who built a release, for each of the demands; without any, as far as the registry attests it.
func (p *Project) judgeProvenance(ctx context.Context, client *npm.Client, r npmRelease, demands []policy.Demand, anew bool) (out attested, refused *policy.Refusal, err error) {
	if len(demands) == 0 && !r.attested {
		return out, nil, nil
	}
	report.Emit(ctx, report.Event{Type: report.Detail, Step: "verify", Subject: r.subject, Message: "checking the provenance"})
	if out.said, err = client.Attestations(ctx, r.name, r.version, anew); err != nil {
		return out, nil, err
	}
	if out.said.Data == nil && len(demands) == 0 {
		report.Warn(ctx, r.subject, "", "its registry states attestations and does not have them: "+client.Registry(r.name))
		return out, nil, nil
	}
	release := provenance.Release{Name: r.name, Version: r.version, Integrity: r.integrity}
	if out.said.Data != nil {
		file, err := r.manifest(ctx)
		if err != nil {
			return out, nil, err
		}
		release.Repository = provenance.Repository(file)
	}
	if len(demands) == 0 {
		build, err := p.checkBuild(release, out.said, nil)
		if failure := new(signature.Failure); errors.As(err, &failure) {
			return out, nil, &report.Error{Kind: report.Integrity, What: "the provenance of " + r.subject + " does not hold", Where: client.Registry(r.name), Why: failure.Detail, Next: mendProvenance(nil, r, failure.Fault)}
		}
		out.signer = build.Signer().String()
		return out, nil, err
	}
	for i := range demands {
		d := &demands[i]
		build, err := p.checkBuild(release, out.said, d)
		failure := new(signature.Failure)
		if err == nil && !mayBuild(d, build.Signer()) {
			err = &signature.Failure{Fault: signature.NotAllowed, Detail: "it was built from " + build.Repository + ", which may not"}
		}
		if errors.As(err, &failure) {
			return out, d.Refuse("npm:"+r.name, failure.Detail, mendProvenance(d, r, failure.Fault)), nil
		}
		if err != nil {
			return out, nil, err
		}
		out.signer = build.Signer().String()
	}
	return out, nil, nil
}

// checkBuild verifies attestations by one of the roots of a demand.
func (p *Project) checkBuild(release provenance.Release, said npm.Statement, demand *policy.Demand) (build provenance.Build, err error) {
	if said.Data == nil {
		return build, &signature.Failure{Fault: signature.Unsigned, Detail: "it has no provenance"}
	}
	roots, err := p.roots(demand)
	if err != nil {
		return build, err
	}
	for _, root := range roots {
		if build, err = root.Check(release, said.Data); err == nil {
			break
		}
	}
	return build, err
}

// mendProvenance is what to do about a release's provenance. d is nil where no rule demands it.
func mendProvenance(d *policy.Demand, r npmRelease, fault signature.Fault) string {
	other := r.other()
	switch {
	case fault == signature.Unsigned:
		return "ask its publisher to publish with provenance (npm publish --provenance), or " + other
	case fault == signature.UnknownKey && d != nil && len(d.Signers) > 0:
		return "if another Sigstore instance vouches for it, add that one's trusted_root.json to signers; else " + other
	case fault == signature.UnknownKey:
		return "name the trusted root of the Sigstore instance that vouches for it, or a newer one: " + EnvSigstoreRoot + "=FILE; else " + other
	case fault == signature.NotAllowed:
		return "ask its publisher; or " + other
	}
	return "ask its publisher: somebody else may have changed it; nothing of it was used; or " + other
}

// moduleManifest reads the package.json of a locked module.
func (p *Project) moduleManifest(m *lockfile.Module, from resolve.Origin) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		dir, err := tree(ctx, from, m)
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err != nil {
			return nil, &report.Error{What: "the package.json of " + subject(m) + " cannot be read", Err: err, Next: "conduit cache verify"}
		}
		return data, nil
	}
}

// libraryManifest reads the package.json of a library or tool.
func libraryManifest(client *npm.Client, name, version, integrity string) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		want, err := verify.ParseIntegrity(integrity)
		if err != nil {
			return nil, err
		}
		file, err := client.Tarball(ctx, name, version, integrity)
		if err != nil {
			return nil, err
		}
		archive, err := tarball.OpenVerified(name+"@"+version, file, want, tarball.Limits{})
		if err != nil {
			return nil, err
		}
		data, _ := archive.File("package.json")
		return data, nil
	}
}
