package project

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify"
	"github.com/MediaConduit/conduit/verify/policy"
	"github.com/MediaConduit/conduit/verify/signature"
)

// npmRelease is a locked version of an npm package, whose registry has to have signed it.
type npmRelease struct {
	subject, name, version string
	integrity              string
	published              string                                // RFC 3339; "" where the lock does not tell
	attested               bool                                  // there are attestations, or there have to be
	manifest               func(context.Context) ([]byte, error) // its package.json
}

// release is the release that a locked module is.
func (p *Project) release(m *lockfile.Module, from resolve.Origin) npmRelease {
	return npmRelease{subject: subject(m), name: strings.TrimPrefix(m.Source, "npm:"), version: strings.TrimPrefix(m.Version, "v"), integrity: m.Integrity, published: m.Time,
		manifest: p.moduleManifest(m, from)}
}

// releaseSigner verifies the signature of a release for each of the demands, and returns who made it.
func (p *Project) releaseSigner(ctx context.Context, r npmRelease, demands []policy.Demand) (string, error) {
	who, refused, err := p.judgeRelease(ctx, p.npm, r, demands, false)
	kind := report.KindOf(err)
	if (refused != nil || err != nil && (kind == report.Integrity || kind == report.Policy)) && !p.offline { // the registry may say otherwise by now
		who, refused, err = p.judgeRelease(ctx, p.npm, r, demands, true)
	}
	if refused != nil {
		return "", refused.Error(r.subject)
	}
	return who, err
}

// judgeRelease compares who signed and who built a release with each of the demands.
func (p *Project) judgeRelease(ctx context.Context, client *npm.Client, r npmRelease, demands []policy.Demand, anew bool) (string, *policy.Refusal, error) {
	var registry, built []policy.Demand
	for _, d := range demands {
		if d.Provenance {
			built = append(built, d)
		} else {
			registry = append(registry, d)
		}
	}
	var names []string
	var statements []npm.Statement
	if len(registry) > 0 {
		var refused *policy.Refusal
		var err error
		if names, statements, refused, err = p.judgeRegistry(ctx, client, r, registry, anew); refused != nil || err != nil {
			return "", refused, err
		}
	}
	found, refused, err := p.judgeProvenance(ctx, client, r, built, anew)
	if refused != nil || err != nil {
		return "", refused, err
	}
	if found.signer != "" {
		names = append(names, found.signer)
	}
	for _, each := range append(statements, found.said) { // they hold: what does not, the next one is not to find
		if err := each.Keep(); err != nil {
			return "", nil, err
		}
	}
	return strings.Join(names, betweenSigners), nil, nil
}

// judgeRegistry compares what the registry has signed of a release with each of the demands.
func (p *Project) judgeRegistry(ctx context.Context, client *npm.Client, r npmRelease, demands []policy.Demand, anew bool) (names []string, statements []npm.Statement, refused *policy.Refusal, err error) {
	said, err := client.Signatures(ctx, r.name, r.version, anew)
	if err != nil {
		return nil, nil, nil, err
	}
	source := "npm:" + r.name
	if i, err := verify.ParseIntegrity(said.Integrity); len(said.Signatures) > 0 && (err != nil || i.String() != r.integrity) {
		return nil, nil, nil, verify.Mismatch(r.subject, "integrity", r.integrity, said.Integrity)
	}
	signed := signature.Release{Name: r.name, Version: r.version, Integrity: said.Integrity, Signatures: said.Signatures, Published: func() (time.Time, error) {
		return p.publishedAt(ctx, client, r)
	}}
	statements = append(statements, said.Statement)
	for i := range demands {
		d := &demands[i]
		keys, stated, err := p.releaseKeys(ctx, client, r.name, d, anew)
		if err != nil {
			return nil, nil, nil, err
		}
		who, err := keys.CheckRelease(&signed)
		var f *signature.Failure
		switch {
		case errors.As(err, &f):
			return nil, nil, d.Refuse(source, f.Detail, mendRelease(d, r, f.Fault)), nil
		case err != nil:
			return nil, nil, nil, err
		}
		if name := who.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
		statements = append(statements, stated)
	}
	return names, statements, nil, nil
}

// releaseKeys are the keys of a demand, or those that the package's registry states where the demand has none, with that statement.
func (p *Project) releaseKeys(ctx context.Context, client *npm.Client, name string, d *policy.Demand, anew bool) (*signature.Signers, npm.Statement, error) {
	if len(d.Signers) > 0 {
		keys, err := p.keys(d)
		return keys, npm.Statement{}, err
	}
	said, err := client.SigningKeys(ctx, name, anew)
	if err != nil {
		return nil, said, err
	}
	keys := &signature.Signers{}
	if said.Data == nil {
		return keys, said, nil // what it signs all the same is by an unknown key
	}
	if err := keys.Add(said.Data); err != nil {
		return nil, said, &report.Error{Kind: report.Policy, What: "the signing keys of the npm registry cannot be read", Where: client.Registry(name), Err: err,
			Next: "check the registry in .npmrc, or name a file with its keys: signers = \"FILE\" under [[policy.signed]]"}
	}
	return keys, said, nil
}

// publishedAt is when a release was published: by the lock, else by the registry's document.
func (p *Project) publishedAt(ctx context.Context, client *npm.Client, r npmRelease) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, r.published); err == nil {
		return at, nil
	}
	doc, err := client.Packument(ctx, r.name, true)
	if err != nil {
		return time.Time{}, err
	}
	return doc.Time[r.version], nil
}

// other is how to do without a release.
func (r *npmRelease) other() string {
	if strings.HasPrefix(r.subject, "npm:") {
		return "choose another version: conduit get npm:" + r.name + "@VERSION"
	}
	return "choose another version:\n[replace]\n\"npm:" + r.name + "\" = \"VERSION\""
}

// mendRelease is what to do about a release's signature.
func mendRelease(d *policy.Demand, r npmRelease, fault signature.Fault) string {
	other := r.other()
	switch {
	case fault == signature.Unsigned:
		return "take it from a registry that signs (registry in .npmrc), or " + other
	case fault == signature.UnknownKey && len(d.Signers) > 0:
		return trust(d) + ";\nelse " + other
	}
	return "ask the operator of the registry: somebody else may have changed it; nothing of it was used; or " + other
}
