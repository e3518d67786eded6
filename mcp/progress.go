package mcp

import (
	"context"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// notifier tells the client of a call's progress where it has asked for that; nil where it has not. A piece of a text comes
// as the message of a notification.
func notifier(ctx context.Context, req *sdk.CallToolRequest) func(plugin.Progress) {
	token := req.Params.GetProgressToken()
	if token == nil {
		return nil
	}
	var c counter
	return func(p plugin.Progress) {
		done, total := c.next(p.Fraction)
		message := p.Message
		if p.Partial != "" {
			message = p.Partial
		}
		// A client that is gone is seen by the call itself.
		_ = req.Session.NotifyProgress(ctx, &sdk.ProgressNotificationParams{ProgressToken: token, Progress: done, Total: total, Message: message})
	}
}

// counter makes numbers of fractions that grow with every notification, as the protocol wants them to.
type counter struct {
	last    float64
	total   float64 // 0 as long as no fraction is known
	started bool
}

// tiny is how far a notification goes that tells of no progress.
const tiny = 1e-6

// next is the number for a fraction, which is negative where it is not known, and the number for the end.
func (c *counter) next(fraction float64) (done, total float64) {
	if fraction >= 0 {
		c.total = 100
	}
	done = 100 * fraction
	if fraction < 0 || c.started && done <= c.last {
		done = c.last + tiny
	}
	c.last, c.started = done, true
	return c.last, c.total
}
