package project

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify"
	"github.com/MediaConduit/conduit/verify/policy"
)

// oldestNode is the lowest version that the provider host runs on.
const oldestNode = "20.0.0"

// nodeReleases is what is published of Node.js: a package document for each platform, nil for one without a package.
type nodeReleases []*library.Packument

// publishedNodes asks the registry for the documents of all platforms.
func (p *Project) publishedNodes(ctx context.Context) (nodeReleases, error) {
	out := make(nodeReleases, len(platforms))
	group, ctx := errgroup.WithContext(ctx)
	for i, on := range platforms {
		group.Go(func() error {
			if refused := p.ruled().sources.Check("npm:" + on.node); refused != nil {
				return refused.Error("npm:" + on.node)
			}
			dated := p.ruled().sources.Age("npm:"+on.node).Least > 0 // times are in full documents alone
			doc, err := p.npm.Packument(ctx, on.node, dated)
			if errors.Is(err, library.ErrNoSuchPackage) {
				return nil
			}
			out[i] = doc
			return err
		})
	}
	return out, group.Wait()
}

// versions lists every version that a platform has and allowed permits, highest first.
func (r nodeReleases) versions(allowed func(string) bool) []string {
	seen := map[string]bool{}
	var out []string
	for _, doc := range r {
		if doc == nil {
			continue
		}
		for _, v := range doc.Versions() {
			if !seen[v] && library.Valid(v) && library.Compare(v, oldestNode) >= 0 && allowed(v) {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return library.Compare(b, a) })
	return out
}

// best is, of what is allowed, the version to lock: in the newest major version the one that the most platforms have, the
// highest of several. A release that was not packaged for everybody yet must not shut out the others. It is "" for none.
func (r nodeReleases) best(allowed func(string) bool) string {
	best, most := "", 0
	for _, v := range r.versions(allowed) {
		if best != "" && major(v) != major(best) {
			break
		}
		platforms := 0
		for _, doc := range r {
			if doc != nil && doc.Has(v) {
				platforms++
			}
		}
		if platforms > most {
			best, most = v, platforms
		}
	}
	return best
}

// bestNode is best of what was published long enough ago. current, which the lock holds, and what conduit.toml names exactly is
// old enough.
func (p *Project) bestNode(ctx context.Context, r nodeReleases, m *lockfile.Manifest, current string, allowed func(string) bool) (string, error) {
	now := time.Now()
	young := func(v string) (rule policy.Age, pkg string, published time.Time) {
		for i, doc := range r {
			if doc == nil || !doc.Has(v) || v == current || v == library.Clean(m.Node) {
				continue
			}
			pkg, published = platforms[i].node, doc.Time[v]
			if rule = p.ruled().sources.Age("npm:" + pkg); !published.IsZero() && now.Sub(published) < rule.Least {
				return rule, pkg, published
			}
		}
		return policy.Age{}, "", time.Time{}
	}
	newest := r.best(allowed)
	if newest == "" {
		return "", nil
	}
	best := r.best(func(v string) bool {
		_, pkg, _ := young(v)
		return allowed(v) && pkg == ""
	})
	if best == newest {
		return best, nil
	}
	rule, pkg, published := young(newest)
	switch {
	case best != "":
		report.Warn(ctx, "node@"+newest, rule.Where(), "is passed over for "+best+": it was published "+policy.Since(published, now)+
			", and minimum-release-age is "+policy.FormatAge(rule.Least)+"; node = \""+newest+"\" under [toolchain] takes it now")
		return best, nil
	case rule.Strict():
		return "", rule.TooYoung("node@"+newest, "npm:"+pkg, "node = \""+newest+"\" under [toolchain]", published, now)
	}
	return newest, nil
}

// release is not a prerelease.
func release(version string) bool { return !strings.Contains(version, "-") }

// major is the first number of a version.
func major(version string) string {
	number, _, _ := strings.Cut(version, ".")
	return number
}

// tools are the lock's entries for a version.
func (r nodeReleases) tools(ctx context.Context, version string) ([]lockfile.Tool, error) {
	var out []lockfile.Tool
	for i, on := range platforms {
		t := lockfile.Tool{Name: nodeTool, Version: version, Platform: on.name, Package: on.node}
		if r[i] != nil && r[i].Has(version) {
			about, err := r[i].Version(version)
			if err != nil {
				return nil, err
			}
			if integrity, err := verify.ParseIntegrity(about.Integrity); err == nil {
				t.Integrity = integrity.String()
			}
		}
		if t.Integrity == "" {
			report.Warn(ctx, "node", "", "Node.js "+version+" is not published for "+on.name+": providers cannot run there with this lock")
		}
		out = append(out, t)
	}
	return out, nil
}

// newestNode is the highest version of a platform's package that the range allows, else the highest release; "" for none.
func newestNode(doc *library.Packument, rng string) string {
	only := nodeReleases{doc}
	if allowed, err := library.ParseRange(rng); err == nil {
		if v := only.versions(allowed.Allows); len(v) > 0 {
			return v[0]
		}
	}
	if v := only.versions(release); len(v) > 0 {
		return v[0]
	}
	return ""
}

// nodeRange reads [toolchain] node.
func nodeRange(m *lockfile.Manifest) (*library.Range, error) {
	allowed, err := library.ParseRange(m.Node)
	if err != nil {
		return nil, &report.Error{What: "malformed range of node: " + m.Node, Where: nodeLine(m), Err: err,
			Why: "npm's ranges are meant: ^22, 22.x, >=20 <23, 22.11.0", Next: "node = \"^22\"    under [toolchain]"}
	}
	return allowed, nil
}

// nodeLine is where conduit.toml says which Node.js it wants.
func nodeLine(m *lockfile.Manifest) string {
	if line := m.Line["toolchain.node"]; line > 0 {
		return fmt.Sprintf("%s:%d", lockfile.ManifestName, line)
	}
	return lockfile.ManifestName
}

// noSuchNode is the error for a range that nothing satisfies. It names the newest releases of each major version.
func (r nodeReleases) noSuchNode(m *lockfile.Manifest) error {
	e := &report.Error{What: "no Node.js that can run providers is in the range " + m.Node, Where: nodeLine(m),
		Next: "take [toolchain] node out of " + lockfile.ManifestName + " and have a Node.js in PATH"}
	var newest []string
	for _, v := range r.versions(release) {
		if len(newest) == 0 || major(newest[len(newest)-1]) != major(v) {
			newest = append(newest, v)
		}
	}
	if len(newest) == 0 {
		e.Why = "the npm registry has no package of it for any platform"
		return e
	}
	slices.Reverse(newest)
	e.Why = "providers need " + oldestNode + " or newer; the newest releases are " + strings.Join(newest, ", ")
	e.Next = "node = \"^" + major(nearest(m.Node, newest)) + "\"    under [toolchain]"
	return e
}

// nearest is the version whose major number is nearest to the first number of a range.
func nearest(rng string, versions []string) string {
	digits := strings.TrimLeft(rng, "^~>=<v ")
	end := strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(digits)
	}
	wanted, _ := strconv.Atoi(digits[:end]) // a range without a number is near to all
	distance := func(v string) int {
		n, _ := strconv.Atoi(major(v)) // versions are valid
		return max(n-wanted, wanted-n)
	}
	return slices.MinFunc(versions, func(a, b string) int { return distance(a) - distance(b) })
}
