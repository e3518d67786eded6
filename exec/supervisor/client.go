package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gofrs/flock"

	"github.com/MediaConduit/conduit/report"
)

// Client speaks to the supervisor of a project in another process.
type Client struct{ presence }

// Find returns the supervisor of the project, or nil where there is none.
func Find(state, project string) *Client {
	path := presenceFile(state, project)
	p, err := readPresence(path)
	if err != nil {
		return nil
	}
	lock := flock.New(path + ".lock")
	if free, err := lock.TryRLock(); free || err != nil { // it was killed, or cannot be asked
		_ = lock.Unlock()
		return nil
	}
	return &Client{p}
}

// PID is the supervisor's process.
func (c *Client) PID() int { return c.presence.PID }

// States are the services as the supervisor sees them.
func (c *Client) States(ctx context.Context) ([]State, error) {
	r, err := c.ask(ctx, http.MethodGet, "states", nil)
	return r.States, err
}

// Start has the named services run as they are declared now, all when names is empty, and returns when they are healthy.
func (c *Client) Start(ctx context.Context, names []string) error {
	return c.order(ctx, verbStart, names)
}

// Stop has them stopped and kept stopped. When all are, the supervisor ends.
func (c *Client) Stop(ctx context.Context, names []string) error {
	return c.order(ctx, verbStop, names)
}

// Restart has them started anew; requests to held addresses wait meanwhile.
func (c *Client) Restart(ctx context.Context, names []string) error {
	return c.order(ctx, verbRestart, names)
}

func (c *Client) order(ctx context.Context, verb string, names []string) error {
	r, err := c.ask(ctx, http.MethodPost, verb, request{Names: names})
	if err == nil {
		err = r.Error.err()
	}
	return err
}

// direct uses no proxy, because a proxy cannot reach this machine's loopback.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (c *Client) ask(ctx context.Context, method, path string, body any) (reply, error) {
	fail := func(err error) error {
		return &report.Error{Kind: report.Service, What: "the supervisor does not answer", Where: fmt.Sprintf("process %d", c.presence.PID), Err: err,
			Next: fmt.Sprintf("kill %d    ends it; conduit up starts another", c.presence.PID)}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return reply{}, fail(err)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.Address+"/"+path, bytes.NewReader(data))
	if err != nil {
		return reply{}, fail(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := direct.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return reply{}, ctx.Err()
		}
		return reply{}, fail(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return reply{}, fail(fmt.Errorf("%s", resp.Status))
	}
	var r reply
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		return reply{}, fail(err)
	}
	return r, nil
}
