package report

import (
	"context"
	"errors"
	"net/url"
)

// Act is what was done with a package.
type Act string

// The acts.
const (
	Fetched  Act = "fetch"  // its bytes came, and are those that were promised
	Verified Act = "verify" // bytes that were here already are the promised ones
	Built    Act = "build"  // an artifact or an image was made
	Ran      Act = "script" // an install script of it was run
	Loaded   Act = "load"   // a provider's process was started from it
	Started  Act = "start"  // a service was started from it
	Stopped  Act = "stop"   // a service was stopped
	Refused  Act = "refuse" // it is not what was promised, a rule forbids it, or it may not reach what it wanted
)

// Action is one thing that was done, or refused. It marshals to members of a line of the audit log.
type Action struct {
	Act     Act    `json:"action"`
	Subject string `json:"subject,omitempty"` // as the lock calls it: "github:a/b@v1.2.3", "axios@1.6.0"
	Name    string `json:"name,omitempty"`    // what the project calls it, where that is another name
	Digest  string `json:"digest,omitempty"`  // of the bytes, in the lock's spelling: "h1:…", "sha512-…", "sha256:…"
	Commit  string `json:"commit,omitempty"`  // of a repository
	Origin  string `json:"origin,omitempty"`  // where they came from: an address without credentials and query
	Kind    string `json:"kind,omitempty"`    // of a refusal: "integrity", "policy", or "permission" where the kernel refused something to a provider
	Exit    int    `json:"exit,omitempty"`    // of a refusal by conduit: the exit code of its kind
	What    string `json:"what,omitempty"`    // of a refusal: the error's text, by its parts
	Where   string `json:"where,omitempty"`
	Why     string `json:"why,omitempty"`
}

// Recorder keeps actions. It may be called from several goroutines.
type Recorder interface {
	// Record keeps an action. It returns an error once.
	Record(Action) error
	// Require fails where actions cannot be kept, and has the recorder remember that they must be.
	Require() error
}

type recorderKey struct{}

// Recording returns a context under which actions go to r. Unlike events they are kept where progress is not shown.
func Recording(ctx context.Context, r Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// RecorderOf is the context's recorder, nil without one.
func RecorderOf(ctx context.Context) Recorder {
	r, _ := ctx.Value(recorderKey{}).(Recorder)
	return r
}

// Record hands a to the context's recorder, if there is one.
func Record(ctx context.Context, a Action) {
	if r := RecorderOf(ctx); r != nil {
		a.Origin = place(a.Origin)
		if err := r.Record(a); err != nil {
			Warn(ctx, "", "", err.Error())
		}
	}
}

// place is an address without what may be secret in it.
func place(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// RecordRefusals records each error of kind Integrity or Policy that err holds.
func RecordRefusals(ctx context.Context, err error) {
	if RecorderOf(ctx) == nil {
		return
	}
	seen := map[string]bool{}
	refusals(err, func(e *Error) {
		if text := e.Error(); !seen[text] {
			seen[text] = true
			why := e.Why
			if why == "" && e.Err != nil {
				why = e.Err.Error()
			}
			Record(ctx, Action{Act: Refused, Kind: e.Kind.String(), Exit: e.Kind.ExitCode(), What: e.What, Where: e.Where, Why: why})
		}
	})
}

// refusals hands on the refusals in err, where several errors are joined below one each of these; found reports whether there was
// one.
func refusals(err error, use func(*Error)) (found bool) {
	switch x := err.(type) {
	case interface{ Unwrap() []error }:
		for _, each := range x.Unwrap() {
			found = refusals(each, use) || found
		}
		return found
	case *Error:
		if x.Kind != Failure && x.Kind != Integrity && x.Kind != Policy {
			return false
		}
		if KindOf(x) == Failure && x.Kind != Failure { // it could not be read
			return false
		}
		if (x.Kind == Failure || joins(x.Err)) && refusals(x.Err, use) {
			return true
		}
		if x.Kind == Failure {
			return false
		}
		use(x)
		return true
	case interface{ Unwrap() error }:
		return refusals(x.Unwrap(), use)
	}
	return false
}

// joins reports whether several errors are joined in err.
func joins(err error) bool {
	for err != nil {
		if _, ok := err.(interface{ Unwrap() []error }); ok {
			return true
		}
		err = errors.Unwrap(err)
	}
	return false
}
