package service

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// rewriteNetworks drops addresses: they were fixed for one copy.
func rewriteNetworks(s *types.ServiceConfig) {
	s.MacAddress = ""
	for _, n := range s.Networks {
		if n != nil {
			n.Ipv4Address, n.Ipv6Address, n.MacAddress = "", "", ""
		}
	}
}

// rewriteVolumesFrom spells out the volumes that a service takes over read-only: compose's SDK forgets ":ro". Anonymous
// volumes have no name to take them over by, and are left out.
func rewriteVolumesFrom(p *types.Project, s *types.ServiceConfig) {
	var kept []string
	for _, from := range s.VolumesFrom {
		name, readonly := strings.CutSuffix(from, ":ro")
		if !readonly || strings.HasPrefix(from, types.ContainerPrefix) {
			kept = append(kept, from)
			continue
		}
		for _, v := range volumesOf(p, name, map[string]bool{}) {
			if v.Source != "" && !slices.ContainsFunc(s.Volumes, func(own types.ServiceVolumeConfig) bool { return own.Target == v.Target }) {
				v.ReadOnly = true
				s.Volumes = append(s.Volumes, v)
			}
		}
	}
	s.VolumesFrom = kept
}

// volumesOf are the volumes of a compose service and of those that it takes volumes over from.
func volumesOf(p *types.Project, service string, seen map[string]bool) []types.ServiceVolumeConfig {
	if seen[service] {
		return nil
	}
	seen[service] = true
	out := slices.Clone(p.Services[service].Volumes)
	for _, from := range p.Services[service].VolumesFrom {
		name, _, _ := strings.Cut(from, ":")
		out = append(out, volumesOf(p, name, seen)...)
	}
	return out
}

// rewriteResources gives networks and volumes names of the instance's own. A volume keeps its name, and so its data, from
// one version of the service to the next.
func (pl *plan) rewriteResources(spec Spec) {
	p := pl.project
	for key, n := range p.Networks {
		n.Name, n.External, n.Ipam = p.Name+"_"+key, false, types.IPAMConfig{}
		if n.EnableIPv6 != nil && *n.EnableIPv6 {
			// Engines before 27 choose no addresses of this kind by themselves.
			n.Ipam.Config = []*types.IPAMPool{{Subnet: localSubnet(n.Name)}}
		}
		n.DriverOpts = maps.Clone(n.DriverOpts)
		delete(n.DriverOpts, bridgeName)
		n.Labels = own(spec, n.Labels)
		p.Networks[key] = n
	}
	for key, v := range p.Volumes {
		v.Name, v.External = p.Name+"_"+key, false
		v.Labels = own(spec, v.Labels)
		p.Volumes[key] = v
	}
}

// localSubnet is an IPv6 network out of the range for local use (RFC 4193), the same for equal names.
func localSubnet(name string) string {
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("fd%02x:%02x%02x:%02x%02x:%02x%02x::/64", sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6])
}
