package service

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Why keys of a compose service have no effect.
const (
	onlyCluster = "only a cluster does something with it"
	onlyWindows = "only containers of Windows know it"
	onlySync    = "conduit sync fetches what conduit.lock names, and nothing else fetches"
	onlyEngine  = "the image has conduit's name for it, and is built with the engine's own cache"
)

// unused are the keys of a compose service that have no effect under conduit, and why.
var unused = []struct{ key, why string }{
	{"build.cache_from", onlyEngine},
	{"build.cache_to", onlyEngine},
	{"build.pull", onlySync},
	{"build.tags", onlyEngine},
	{"cpu_count", onlyWindows},
	{"cpu_percent", onlyWindows},
	{"deploy.endpoint_mode", onlyCluster},
	{"deploy.labels", onlyCluster},
	{"deploy.mode", onlyCluster},
	{"deploy.placement", onlyCluster},
	{"deploy.resources.reservations.cpus", onlyCluster},
	{"deploy.resources.reservations.generic_resources", onlyCluster},
	{"deploy.restart_policy.delay", onlyCluster},
	{"deploy.restart_policy.window", onlyCluster},
	{"deploy.rollback_config", onlyCluster},
	{"deploy.update_config", onlyCluster},
	{"develop", "conduit watches no files"},
	{"pull_policy", onlySync},
	{"pull_refresh_after", onlySync},
}

// unused lists the keys of a compose service that have no effect.
func (c *changed) unused(about *yaml.Node) {
	for _, u := range unused {
		at, value := (*yaml.Node)(nil), about
		for _, key := range strings.Split(u.key, ".") {
			var found *yaml.Node
			each(value, func(k, v *yaml.Node) {
				if k.Value == key {
					at, found = k, v
				}
			})
			if value = found; found == nil {
				break
			}
		}
		if value != nil {
			c.add(at, false, "", u.key+" has no effect: "+u.why, "delete it")
		}
	}
}
