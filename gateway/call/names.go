package call

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/project"
)

// fresh is how long a list of models counts as the present one. Providers discover models while they run.
const fresh = time.Minute

// Catalogue knows the models of a host's providers, and which of them a name means.
type Catalogue struct {
	host Host
	now  func() time.Time

	asking sync.Mutex // held while the providers are asked, so that many callers ask once
	mu     sync.Mutex
	models []project.Model
	asked  time.Time
}

// NewCatalogue returns a catalogue of what host runs.
func NewCatalogue(host Host) *Catalogue { return &Catalogue{host: host, now: time.Now} }

// Models lists all models with a capability, "" for all, at most a minute old.
func (c *Catalogue) Models(ctx context.Context, capability string) ([]project.Model, error) {
	models, ok := c.known()
	if !ok {
		c.asking.Lock()
		defer c.asking.Unlock()
		if models, ok = c.known(); !ok {
			var err error
			if models, err = c.host.Models(ctx, ""); err != nil {
				return nil, err
			}
			c.mu.Lock()
			c.models, c.asked = models, c.now()
			c.mu.Unlock()
		}
	}
	if capability == "" {
		return slices.Clone(models), nil
	}
	return slices.DeleteFunc(slices.Clone(models), func(m project.Model) bool { return !slices.Contains(m.Capabilities, capability) }), nil
}

func (c *Catalogue) known() ([]project.Model, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.models, !c.asked.IsZero() && c.now().Sub(c.asked) < fresh
}

// Find tells which provider and model a name means: NAME/MODEL and NAME by the providers' names, else the MODEL that only one
// provider has. The model is "" where the provider's inputs are to tell it.
func (c *Catalogue) Find(ctx context.Context, name string) (provider, model string, err error) {
	providers := c.host.Providers()
	if name == "" {
		return "", "", failure.Usage("no model is named", `give it "model": "NAME/MODEL", one of GET /api/v1/models`)
	}
	if first, rest, _ := strings.Cut(name, "/"); slices.Contains(providers, first) {
		return first, rest, nil
	}
	models, err := c.Models(ctx, "")
	if err != nil {
		return "", "", err
	}
	var found []string
	for _, m := range models {
		if m.ID == name {
			found = append(found, m.Provider)
		}
	}
	switch len(found) {
	case 0:
		return "", "", failure.NotFound("there is no model "+name, "name one of GET /api/v1/models; the providers are "+strings.Join(providers, ", "))
	case 1:
		return found[0], name, nil
	}
	for i, each := range found {
		found[i] = each + "/" + name
	}
	return "", "", failure.Usage("several providers have the model "+name, "name one of "+strings.Join(found, ", "))
}
