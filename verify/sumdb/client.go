package sumdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"

	"github.com/MediaConduit/conduit/report"
)

// Env is the variable that names the log: its verifier key, and its address where that is not https and the key's name.
const Env = "CONDUIT_SUMDB"

// Log is a log that a user trusts.
type Log struct {
	Name string   // of the key
	Key  string   // the verifier key, NAME+HASH+KEY
	URL  *url.URL // without a slash at the end
}

// Parse reads the value of [Env], nil for none ("" or "off"). Errors are of kind Usage.
func Parse(text string) (*Log, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 || text == "off" {
		return nil, nil
	}
	bad := func(why string) error {
		return &report.Error{Kind: report.Usage, What: Env + " names no checksum log", Why: why,
			Next: "write it as " + Env + "=\"NAME+HASH+KEY https://sums.example.com\", with the key that conduit sumdb key has printed"}
	}
	verifier, err := note.NewVerifier(fields[0])
	if err != nil {
		return nil, bad("the key cannot be read: " + err.Error())
	}
	address := "https://" + verifier.Name()
	if len(fields) > 2 {
		return nil, bad("it has more than a key and an address")
	}
	if len(fields) == 2 {
		address = fields[1]
	}
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."))) {
		return nil, bad("its address is not one of https, nor one of this machine")
	}
	return &Log{Name: verifier.Name(), Key: fields[0], URL: u}, nil
}

// Keep is what a client remembers between commands: records, pieces of the tree, and the last head of it that it saw.
type Keep interface {
	Read(name string) ([]byte, bool)
	Write(name string, data []byte) error
	// Lock keeps other processes from changing what is called name until release is called.
	Lock(ctx context.Context, name string) (release func(), err error)
}

// Get asks a log for a path below its address; whatever is not an answer of status 200 is an error.
type Get func(ctx context.Context, path string) ([]byte, error)

// Client asks one log. It is safe for concurrent use.
type Client struct {
	log    *Log
	client *sumdb.Client
	ops    *ops
}

// NewClient returns a client of log. ctx is for all that it asks.
func NewClient(ctx context.Context, log *Log, keep Keep, get Get) *Client {
	o := &ops{ctx: ctx, log: log, keep: keep, get: get}
	return &Client{log: log, client: sumdb.NewClient(o), ops: o}
}

// Check compares the sum of a version with what the log has. Errors are of kind Integrity where they differ, and where the log contradicts
// what it said before or what its key has signed; Network where it cannot be asked or does not have the version.
func (c *Client) Check(source, version, sum string) error {
	path, err := modulePath(source)
	if err != nil {
		return err
	}
	subject := source + "@" + version
	lines, err := c.client.Lookup(path, version)
	if c.ops.ctx.Err() != nil {
		return context.Cause(c.ops.ctx)
	}
	if err != nil {
		lie, unreachable := c.ops.why(err)
		switch {
		case lie != "":
			return &report.Error{Kind: report.Integrity, What: "the checksum log " + c.log.Name + " contradicts itself", Where: c.log.URL.Redacted(), Why: strings.TrimSpace(lie),
				Next: "keep this message, which proves it, and ask whoever runs the log; do not use " + subject + " until then"}
		case unreachable != nil:
			return &report.Error{Kind: report.Network, What: "the checksum log " + c.log.Name + " cannot say what " + subject + " is", Where: c.log.URL.Redacted(), Err: unreachable,
				Next: "check " + Env + "; for a source that the log does not see: CONDUIT_NOSUMDB=" + source}
		}
		return &report.Error{Kind: report.Integrity, What: "what the checksum log " + c.log.Name + " says of " + subject + " is not proved", Where: c.log.URL.Redacted(), Err: err,
			Next: "check that the key in " + Env + " is the log's; else ask whoever runs it, and do not use " + subject + " until then"}
	}
	for _, line := range lines {
		logged, ok := strings.CutPrefix(line, path+" "+version+" ")
		switch {
		case !ok || !strings.HasPrefix(logged, "h1:"):
		case logged == sum:
			return nil
		default:
			return &report.Error{Kind: report.Integrity, What: subject + " is not what everybody else gets", Where: c.log.URL.Redacted(),
				Why:  fmt.Sprintf("the checksum log has %s\nits source gave    %s", logged, sum),
				Next: "ask its publisher whether the version was published anew, and use another one until you know: conduit get " + source + "@VERSION"}
		}
	}
	return &report.Error{Kind: report.Integrity, What: "the checksum log " + c.log.Name + " has no sum of " + subject, Where: c.log.URL.Redacted(),
		Next: "ask whoever runs the log"}
}

// ops is what the protocol's client needs of its surroundings.
type ops struct {
	ctx  context.Context
	log  *Log
	keep Keep
	get  Get

	mu     sync.Mutex
	lie    string
	failed []error
}

// why is what is behind an error: the first contradiction, or the failure to reach the log that the error quotes.
func (o *ops) why(err error) (lie string, unreachable error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, failed := range o.failed {
		if strings.Contains(err.Error(), failed.Error()) {
			unreachable = failed
		}
	}
	return o.lie, unreachable
}

func keepName(file string) string { return "sumdb " + file }

// ReadRemote implements sumdb.ClientOps.
func (o *ops) ReadRemote(path string) ([]byte, error) {
	data, err := o.get(o.ctx, path)
	if err != nil {
		o.mu.Lock()
		o.failed = append(o.failed, err)
		o.mu.Unlock()
	}
	return data, err
}

// ReadConfig implements sumdb.ClientOps.
func (o *ops) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.log.Key), nil
	}
	data, _ := o.keep.Read(keepName(o.own(file))) // none is an empty tree
	return data, nil
}

// WriteConfig implements sumdb.ClientOps.
func (o *ops) WriteConfig(file string, old, new []byte) error {
	name := keepName(o.own(file))
	release, err := o.keep.Lock(o.ctx, name)
	if err != nil {
		return err
	}
	defer release()
	if now, _ := o.keep.Read(name); string(now) != string(old) {
		return sumdb.ErrWriteConflict
	}
	return o.keep.Write(name, new)
}

// ReadCache implements sumdb.ClientOps.
func (o *ops) ReadCache(file string) ([]byte, error) {
	data, ok := o.keep.Read(keepName(o.own(file)))
	if !ok {
		return nil, errors.New("not kept")
	}
	return data, nil
}

// WriteCache implements sumdb.ClientOps. What cannot be kept is asked for again.
func (o *ops) WriteCache(file string, data []byte) { _ = o.keep.Write(keepName(o.own(file)), data) }

// own names a file by the whole key: two logs of one name are two.
func (o *ops) own(file string) string {
	return strings.Replace(file, o.log.Name, o.log.Key, 1)
}

// Log implements sumdb.ClientOps.
func (o *ops) Log(string) {}

// SecurityError implements sumdb.ClientOps.
func (o *ops) SecurityError(msg string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lie == "" {
		o.lie = msg
	}
}
