package project

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify/policy"
)

// agree refuses versions that somebody else signed than the ones before, or nobody, unless a person has accepted that. What is
// accepted is a warning.
func agree(ctx context.Context, previous, lock *lockfile.Lock, accepted bool) error {
	earlier := earlierOf(previous)
	var errs []error
	for i := range lock.Modules {
		now := &lock.Modules[i]
		before := earlier.predecessor(now)
		if before == nil || stillSigned(before, now) {
			continue
		}
		why := before.Version + " was signed by " + before.Signer + "\n" + now.Version + " by " + cmp.Or(now.Signer, "nobody, as far as the rules ask")
		if accepted {
			report.Warn(ctx, subject(now), "", "has another signer: "+strings.ReplaceAll(why, "\n", ", "))
			continue
		}
		errs = append(errs, &report.Error{Kind: report.Policy, What: "the signer of " + now.Source + " has changed; nothing was written", Where: lockfile.Name, Why: why,
			Next: "ask its publisher. If that is right, type the same command with --accept; instead of sync: conduit lock --accept"})
	}
	if len(errs) == 0 {
		return nil
	}
	return first(errs, errors.Join(errs...))
}

// stillSigned tells whether all who signed what was before signed what comes in its place. Others may have too.
func stillSigned(before, now *lockfile.Module) bool {
	names := strings.Split(now.Signer, betweenSigners)
	for who := range strings.SplitSeq(before.Signer, betweenSigners) {
		if who != "" && !slices.Contains(names, who) {
			return false
		}
	}
	return true
}

// earlier are the modules of the previous lock by source, for those who compare what comes in their place.
type earlier map[string][]*lockfile.Module

// earlierOf is empty where nobody signed anything, and where a merge has torn the lock: both of its sides were agreed to.
func earlierOf(previous *lockfile.Lock) earlier {
	if previous == nil || previous.Torn != nil || !slices.ContainsFunc(previous.Modules, func(m lockfile.Module) bool { return m.Signer != "" }) {
		return nil
	}
	return bySource(previous)
}

// bySource has the modules of a lock by source; of none where a merge has torn it.
func bySource(previous *lockfile.Lock) earlier {
	if previous.Torn != nil {
		return nil
	}
	out := make(earlier, len(previous.Modules))
	for i := range previous.Modules {
		m := &previous.Modules[i]
		out[m.Source] = append(out[m.Source], m)
	}
	return out
}

// signer is who signed the same bytes of the same version, "" for nobody, and whether the lock held them.
func (e earlier) signer(now *lockfile.Module) (who string, held bool) {
	for _, m := range e[now.Source] {
		if m.Version == now.Version && m.Commit == now.Commit && m.Sum == now.Sum {
			return m.Signer, true
		}
	}
	return "", false
}

// predecessor is the locked version of a module that the new one comes in place of: the same, else the highest on its line,
// else the highest.
func (e earlier) predecessor(now *lockfile.Module) *lockfile.Module {
	var best *lockfile.Module
	rank := func(m *lockfile.Module) int {
		switch {
		case m.Version == now.Version:
			return 2
		case resolve.Line(m.Version) == resolve.Line(now.Version):
			return 1
		}
		return 0
	}
	for _, m := range e[now.Source] {
		if best == nil || cmp.Or(cmp.Compare(rank(m), rank(best)), semver.Compare(m.Version, best.Version)) > 0 {
			best = m
		}
	}
	return best
}

// verifySigners checks the signatures again of which the cache has the tags and commits, as of when they were made, and counts
// them. A signer that the lock does not name is an error of kind Policy.
func (p *Project) verifySigners(ctx context.Context, lock *lockfile.Lock) (count int, errs []error) {
	for i := range lock.Modules {
		m := &lock.Modules[i]
		demands := p.ruled().sources.Demands(m.Source)
		src, _, err := resolve.ParseSource(m.Source)
		if err != nil || len(demands) == 0 && !builtBy(m) {
			continue
		}
		var who string
		var refused *policy.Refusal
		if src.Kind == resolve.NPM {
			r := p.release(m, p.local)
			r.attested = builtBy(m)
			who, refused, err = p.judgeRelease(ctx, p.npmLocal, r, demands, false)
		} else {
			who, refused, err = p.judge(ctx, p.local, src, resolve.Revision{Version: m.Version, Commit: m.Commit}, demands, false, time.Time{})
		}
		switch {
		case err != nil && report.KindOf(err) == report.Network: // fetched by somebody whom no rule told to keep it
		case err != nil:
			errs = append(errs, err)
		case refused != nil:
			errs = append(errs, refused.Error(subject(m)))
		case who != m.Signer:
			errs = append(errs, &report.Error{Kind: report.Policy, What: subject(m) + " is not signed by whom " + lockfile.Name + " names", Where: lockfile.Name,
				Why: cmp.Or(m.Signer, "nobody") + "\nit is signed by " + who, Next: "restore conduit.lock from version control, or type: conduit lock"})
		default:
			count++
		}
	}
	return count, errs
}
