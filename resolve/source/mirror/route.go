package mirror

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

// The variables that make a route.
const (
	EnvProxy   = "CONDUIT_PROXY"   // mirrors in the order in which they are asked, see [New]
	EnvNoProxy = "CONDUIT_NOPROXY" // patterns of sources that no mirror is asked for, between commas; EnvPrivate without it
	EnvPrivate = "CONDUIT_PRIVATE" // patterns of sources that nobody but where they are published is to hear of
)

// Options are what a route needs of its surroundings.
type Options struct {
	Env    func(name string) string
	Client func() (*http.Client, error)                       // which proxies and certificates to use; its CheckRedirect is replaced
	Login  func(host string) (user, password string, ok bool) // for a mirror whose address holds no login
}

// Route says who is asked for what. The nil Route asks nobody but where things are published.
type Route struct {
	opts    Options
	steps   []step
	private []policy.Pattern
}

// step is one entry of the list.
type step struct {
	mirror *url.URL // nil for direct and off
	off    bool
	text   string // without a login
	onAny  bool   // the next one is asked after every failure, not only where this one does not have it
}

// New reads a route from the variable that EnvProxy names: addresses of mirrors (https, file, or http on a loopback address), "direct"
// for where things are published, and "off" for nobody. After a comma the next one is asked where this one does not have what
// is asked for (status 404 or 410), after "|" whatever went wrong. What stands after direct or off is not reached. It is
// nil where there is nothing but direct. Errors are of kind Usage.
func New(opts Options) (*Route, error) {
	r := &Route{opts: opts}
	for rest := opts.Env(EnvProxy); rest != ""; {
		word := rest
		at := strings.IndexAny(rest, ",|")
		s := step{}
		if rest = ""; at >= 0 {
			word, s.onAny, rest = word[:at], word[at] == '|', word[at+1:]
		}
		word = strings.TrimSpace(word)
		switch s.text = word; word {
		case "":
			continue
		case "direct", "off":
			s.off = word == "off"
			rest = ""
		default:
			var err error
			if s.mirror, err = parseMirror(word); err != nil {
				return nil, err
			}
			shown := *s.mirror
			shown.User = nil
			s.text = shown.String()
		}
		r.steps = append(r.steps, s)
	}
	if len(r.steps) == 0 || r.steps[0].mirror == nil && !r.steps[0].off {
		return nil, nil
	}
	var err error
	r.private, err = Private(opts.Env, EnvNoProxy)
	return r, err
}

// Private are the patterns of the variable name, or of EnvPrivate where that is not set.
func Private(env func(string) string, name string) (out []policy.Pattern, err error) {
	text := env(name)
	if text == "" {
		name, text = EnvPrivate, env(EnvPrivate)
	}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		pattern, err := policy.ParsePattern(word)
		if err != nil {
			return nil, &report.Error{Kind: report.Usage, What: name + " names " + word + ", which is no pattern of sources", Why: err.Error(),
				Next: "write it as " + name + "=github:OWNER/*,npm:@SCOPE/*"}
		}
		out = append(out, pattern)
	}
	return out, nil
}

func parseMirror(word string) (*url.URL, error) {
	u, err := url.Parse(word)
	usage := func(why string) error {
		return &report.Error{Kind: report.Usage, What: EnvProxy + " holds what is no address of a mirror", Why: why,
			Next: "write it as " + EnvProxy + "=https://mirror.example.com,direct    (file:///FOLDER is a mirror too)"}
	}
	switch {
	case err != nil:
		return nil, usage("an entry cannot be read as an address")
	case u.Scheme == "file" && (u.Host != "" || u.Path == ""):
		return nil, usage("an entry with file: names no folder")
	case u.Scheme == "file", u.Scheme == "https" && u.Host != "":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, usage("http://" + u.Host + " has no TLS, and is not on this machine")
	default:
		return nil, usage("one of its entries is neither an address nor direct or off")
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// String is the list without logins, as it may be shown.
func (r *Route) String() string {
	if r == nil {
		return "direct"
	}
	var b strings.Builder
	for i, s := range r.steps {
		b.WriteString(s.text)
		if i+1 < len(r.steps) {
			b.WriteString(map[bool]string{true: "|", false: ","}[s.onAny])
		}
	}
	return b.String()
}

// Mirrored reports whether mirrors are asked for source.
func (r *Route) Mirrored(source string) bool {
	if r == nil {
		return false
	}
	for _, p := range r.private {
		if p.Matches(source) {
			return false
		}
	}
	return true
}

// Fetch has consume read the file called name, which belongs to source, from the first mirror that has it, or calls direct. most
// bounds it in bytes. consume may be called again after an error in the middle. An error of kind Integrity ends the search: what was tampered
// with is not looked for elsewhere.
func (r *Route) Fetch(ctx context.Context, source, name string, most int64, consume func(io.Reader) error, direct func() error) error {
	if !r.Mirrored(source) {
		return direct()
	}
	var failed error
	for _, s := range r.steps {
		var err error
		switch {
		case s.off:
			err = offError(source)
		case s.mirror == nil:
			err = direct()
		default:
			if err = r.get(ctx, s, source, name, most, consume); err == nil {
				tellOrigin(ctx, s.mirror.String()+"/"+name)
			}
		}
		if err == nil || ctx.Err() != nil || report.KindOf(err) == report.Integrity || report.KindOf(err) == report.Policy {
			return err
		}
		missing := errors.Is(err, fs.ErrNotExist)
		if failed == nil || errors.Is(failed, fs.ErrNotExist) {
			failed = err
		}
		if !missing && !s.onAny {
			return failed
		}
	}
	return failed
}

// Direct is nil where it is allowed to ask for source where it is published.
func (r *Route) Direct(source string) error {
	if !r.Mirrored(source) {
		return nil
	}
	last := r.steps[len(r.steps)-1]
	if last.mirror == nil && !last.off {
		return nil
	}
	return offError(source)
}

func offError(source string) error {
	return &report.Error{Kind: report.Network, What: "no mirror has what is needed of " + source, Why: EnvProxy + " does not allow to ask where it is published",
		Next: "have it added to the mirror (conduit mirror), or put ,direct at the end of " + EnvProxy}
}

// folder is the path of a mirror that is a folder.
func folder(u *url.URL) string {
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///C:/mirror
		path = path[1:]
	}
	return filepath.FromSlash(path)
}
