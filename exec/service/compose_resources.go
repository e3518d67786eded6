package service

import (
	"crypto/sha256"
	"fmt"
	"maps"

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
