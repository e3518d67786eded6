package service

import (
	"context"
	"strings"
	"testing"
)

// told is a compose file with everything that conduit changes or leaves out, line by line with the keys.
const told = `version: "3.8" # version
name: fixed # name
services:
  app:
    image: acme/app:1
    container_name: fixed # services.container_name
    mac_address: "02:42:ac:11:65:43" # services.mac_address
    ports:
      - {target: 80, published: "80", host_ip: 0.0.0.0, protocol: tcp} # services.ports services.ports.target services.ports.published services.ports.host_ip services.ports.protocol
    networks:
      n:
        ipv4_address: 10.9.0.5 # services.networks.ipv4_address
        ipv6_address: "fd00::5" # services.networks.ipv6_address
        mac_address: "02:42:ac:11:65:44" # services.networks.mac_address
    cpu_count: 2 # services.cpu_count
    cpu_percent: 50 # services.cpu_percent
    pull_policy: refresh # services.pull_policy
    pull_refresh_after: 1h # services.pull_refresh_after
    develop: {watch: []} # services.develop
    deploy:
      mode: global # services.deploy.mode
      endpoint_mode: vip # services.deploy.endpoint_mode
      labels: {a: b} # services.deploy.labels
      placement: {} # services.deploy.placement
      update_config: {} # services.deploy.update_config
      rollback_config: {} # services.deploy.rollback_config
      restart_policy:
        delay: 1s # services.deploy.restart_policy.delay
        window: 1m # services.deploy.restart_policy.window
      resources:
        reservations:
          cpus: "1" # services.deploy.resources.reservations.cpus
          generic_resources: [] # services.deploy.resources.reservations.generic_resources
    build:
      context: .
      pull: true # services.build.pull
      tags: [other] # services.build.tags
      cache_from: [other] # services.build.cache_from
      cache_to: [other] # services.build.cache_to
networks:
  n:
    name: fixed # networks.name
    ipam: {config: []} # networks.ipam networks.ipam.config
  m:
    external: {name: x} # networks.external networks.external.name
volumes:
  v:
    name: fixed # volumes.name
  w:
    external: {name: x} # volumes.external volumes.external.name
`

// TestCheckTellsChanges wants a finding for each line with a comment, and none for others.
func TestCheckTellsChanges(t *testing.T) {
	spec := sketch(t, map[string]string{"docker-compose.yml": told})
	found := map[string]Finding{}
	for _, f := range Check(context.Background(), spec) {
		found[f.Where] = f
	}
	for i, line := range strings.Split(told, "\n") {
		where := place(spec, composeFile(spec), i+1)
		f, ok := found[where]
		if wanted := strings.Contains(line, " # "); ok != wanted || ok && (f.Level != LevelWarning || f.Next == "") {
			t.Errorf("%s: %q: %+v", where, line, f)
		}
	}
}
