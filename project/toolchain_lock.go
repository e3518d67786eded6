package project

import (
	"context"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// lockNode is what the lock holds of Node.js: what the previous lock holds as long as conduit.toml allows it, without a
// request; else the best that is published. previous may be nil.
func (p *Project) lockNode(ctx context.Context, m *lockfile.Manifest, previous *lockfile.Lock) ([]lockfile.Tool, error) {
	if m.Node == "" {
		return nil, nil
	}
	allowed, err := nodeRange(m)
	if err != nil {
		return nil, err
	}
	version, before := lockedNode(previous, allowed)
	if len(before) == len(platforms) && previous.Torn == nil {
		return before, nil
	}
	published, err := p.publishedNodes(ctx)
	if err != nil {
		return nil, err
	}
	if version == "" {
		if version, err = p.bestNode(ctx, published, m, "", allowed.Allows); err != nil {
			return nil, err
		}
	}
	if version == "" {
		return nil, published.noSuchNode(m)
	}
	tools, err := published.tools(ctx, version)
	if err != nil {
		return nil, err
	}
	return tools, steadyTools(previous, before, tools)
}

// lockedNode is the highest version of Node.js that a lock holds and the range allows, with its entries. A lock that was
// merged may hold several, and some of them for few platforms.
func lockedNode(lock *lockfile.Lock, allowed *library.Range) (version string, entries []lockfile.Tool) {
	if lock == nil {
		return "", nil
	}
	for _, t := range lock.Tools(nodeTool) {
		if !library.Valid(t.Version) || !allowed.Allows(t.Version) || library.Compare(t.Version, oldestNode) < 0 {
			continue
		}
		if version == "" || library.Compare(t.Version, version) > 0 {
			version, entries = t.Version, nil
		}
		if t.Version == version {
			entries = append(entries, t)
		}
	}
	return version, entries
}

// steadyTools is [steady] and [untorn] for tools: a version that was locked is still the same bytes.
func steadyTools(previous *lockfile.Lock, before, now []lockfile.Tool) error {
	for _, t := range now {
		for _, old := range before {
			if old.Platform != t.Platform || old.Integrity == "" || previous.Torn[t.Integrity] {
				continue
			}
			if previous.Torn != nil {
				return changedInMerge(t.Package+"@"+t.Version, t.Integrity)
			}
			if old.Integrity != t.Integrity {
				return replaced(t.Package+"@"+t.Version, "integrity", old.Integrity, t.Integrity, "delete its [[tool]] entries from "+lockfile.Name+", then conduit lock")
			}
		}
	}
	return nil
}

// updateNode moves the locked Node.js as far as the level and the range allow, and has every platform for which the
// version was published since.
func (u *update) updateNode(ctx context.Context) error {
	if !u.movesNode() {
		return nil
	}
	published, err := u.publishedNodes(ctx)
	if err != nil {
		return err
	}
	if u.opts.Level == Major && u.named[nodeTool] {
		if err := u.rewriteNode(published); err != nil {
			return err
		}
	}
	allowed, err := nodeRange(u.manifest)
	if err != nil {
		return err
	}
	version, before := lockedNode(u.previous, allowed)
	to, err := u.bestNode(ctx, published, u.manifest, version, func(v string) bool {
		return allowed.Allows(v) && (version == "" || library.Compare(v, version) >= 0 && u.opts.Level.within("v"+version, "v"+v))
	})
	if err != nil {
		return err
	}
	if to == "" {
		if version == "" {
			return published.noSuchNode(u.manifest)
		}
		to = version // it has gone from the registry
	}
	if to == version && u.named[nodeTool] {
		u.out.Notes = append(u.out.Notes, nodeStays(u.manifest, version, published))
	}
	tools, err := published.tools(ctx, to)
	if err != nil {
		return err
	}
	if to == version {
		for i := range tools { // what is locked stays; another platform may have come
			for _, old := range before {
				if old.Platform == tools[i].Platform && tools[i].Integrity == "" {
					tools[i] = old
				}
			}
		}
		if err := steadyTools(u.previous, before, tools); err != nil {
			return err
		}
	}
	u.tools = tools
	return nil
}

// nameTools takes the tools out of the names that the user gave. A module that bears a tool's name goes first.
func (u *update) nameTools() (modules []string, err error) {
	u.named = map[string]bool{}
	for _, name := range u.opts.Names {
		if name != nodeTool || len(called(u.manifest, u.previous, name)) > 0 {
			modules = append(modules, name)
			continue
		}
		if u.manifest.Node == "" {
			return nil, &report.Error{Kind: report.Usage, What: lockfile.ManifestName + " asks for no Node.js", Where: lockfile.ManifestName,
				Why: "the one in PATH runs, which conduit does not move", Next: "write node = \"^22\" under [toolchain], then type: conduit lock"}
		}
		u.named[nodeTool] = true
	}
	return modules, nil
}

// movesNode is true where the update concerns Node.js: it is named, or everything is updated.
func (u *update) movesNode() bool {
	if u.manifest.Node == "" {
		return false
	}
	if len(u.opts.Names) > 0 {
		return u.named[nodeTool]
	}
	return !u.opts.Libraries || u.opts.Level != Highest
}

// rewriteNode lets the range of conduit.toml begin at the newest release if it does not allow that.
func (u *update) rewriteNode(published nodeReleases) error {
	allowed, err := nodeRange(u.manifest)
	if err != nil {
		return err
	}
	newest := published.best(release)
	if newest == "" || allowed.Allows(newest) || library.Valid(u.manifest.Node) {
		return nil
	}
	editor := lockfile.Edit(u.edited)
	editor.SetNode("^" + newest)
	if err := editor.Err(); err != nil {
		return err
	}
	edited, err := lockfile.ParseManifest(lockfile.ManifestName, editor.Bytes())
	if err != nil {
		return err
	}
	edited.Replace = withLocal(edited.Replace, u.manifest.Replace)
	edited.Policy = u.manifest.Policy
	u.manifest, u.edited = edited, editor.Bytes()
	u.out.Ranges = append(u.out.Ranges, Got{Name: nodeTool, Kind: toolKind, Source: nodeSource, Range: "^" + newest, Version: newest})
	return nil
}

// nodeStays says why a named Node.js does not move.
func nodeStays(m *lockfile.Manifest, version string, published nodeReleases) string {
	note := "node stays at " + version
	if newest := published.best(release); newest != "" && library.Compare(newest, version) > 0 {
		note += ": " + nodeLine(m) + " says " + m.Node + "; conduit update node --major goes to " + newest
		if library.Valid(m.Node) {
			note = "node stays at " + version + ": " + nodeLine(m) + " pins it; write node = \"^" + newest + "\" there to move it"
		}
	}
	return note
}

// outdatedNode is Node.js in the list of what is outdated, nil if it is not.
func (p *Project) outdatedNode(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (*Outdated, error) {
	if m.Node == "" {
		return nil, nil
	}
	allowed, err := nodeRange(m)
	if err != nil {
		return nil, err
	}
	published, err := p.publishedNodes(ctx)
	if err != nil {
		return nil, err
	}
	version, _ := lockedNode(lock, allowed)
	out := &Outdated{Name: nodeTool, Kind: toolKind, Source: nodeSource, Locked: version, Allowed: version, Newest: published.best(release), Pinned: library.Valid(m.Node)}
	if v := published.best(allowed.Allows); v != "" && library.Compare(v, version) > 0 {
		out.Allowed = v
	}
	if out.Allowed == version && semver.Compare("v"+out.Newest, "v"+version) <= 0 {
		return nil, nil
	}
	if library.Compare(out.Newest, out.Allowed) < 0 {
		out.Newest = out.Allowed
	}
	return out, nil
}

// checkNode refuses a lock that holds another Node.js than conduit.toml allows, or several: both come from editing it by
// hand.
func checkNode(m *lockfile.Manifest, lock *lockfile.Lock) error {
	if m.Node == "" {
		return nil
	}
	allowed, err := nodeRange(m)
	if err != nil {
		return err
	}
	version, _ := lockedNode(lock, allowed)
	for _, t := range lock.Tools(nodeTool) {
		if t.Version != version {
			return &report.Error{Kind: report.Lock, What: "Node.js " + t.Version + " is locked for " + t.Platform, Where: lockfile.Name,
				Why: nodeLine(m) + " asks for " + m.Node + ", and for one version on all platforms", Next: "conduit lock"}
		}
	}
	return nil
}

// warnUnpublished warns of the platforms on which no provider can run.
func warnUnpublished(ctx context.Context, lock *lockfile.Lock) {
	for _, t := range lock.Tools(nodeTool) {
		if t.Integrity == "" {
			report.Warn(ctx, "node", "", "Node.js "+t.Version+" is not published for "+t.Platform+": providers cannot run there with this lock")
		}
	}
}
