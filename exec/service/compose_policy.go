package service

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/report"
)

// refused is the error for something that a package may not do.
func refused(spec Spec, file, why string, err error) error {
	return &report.Error{
		Kind:  report.Policy,
		What:  fmt.Sprintf("service %s asks for more than a package may have", spec.Name),
		Where: file,
		Why:   why,
		Next:  fmt.Sprintf("if you trust it, use a copy of your own: [replace] \"%s\" = \"file:…\" in conduit.toml", spec.Source),
		Err:   err,
	}
}

// inside returns an error unless path, links followed, lies in the package. Folders of the user's own are trusted.
func inside(spec Spec, path string) error {
	if spec.trusted() {
		return nil
	}
	root, err := filepath.EvalSymlinks(spec.Dir)
	if err != nil {
		return err
	}
	// A path that does not exist yet lies where its closest existing parent leads.
	real, rest := path, ""
	for {
		followed, err := filepath.EvalSymlinks(real)
		if err == nil {
			real = filepath.Join(followed, rest)
			break
		}
		parent := filepath.Dir(real)
		if parent == real {
			return err
		}
		real, rest = parent, filepath.Join(filepath.Base(real), rest)
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("%s is not in %s", path, spec.Dir)
	}
	return nil
}

// bridgeOptions are the settings of a bridge network that concern its own containers only, and the name of its interface,
// which is dropped like all other fixed names.
var bridgeOptions = []string{
	"com.docker.network.bridge.enable_icc", "com.docker.network.bridge.enable_ip_masquerade", "com.docker.network.container_iface_prefix",
	"com.docker.network.driver.mtu", "com.docker.network.enable_ipv4", "com.docker.network.enable_ipv6", bridgeName,
}

// bridgeName is the option that names a network's interface on the host.
const bridgeName = "com.docker.network.bridge.name"

// permitted refuses what would give a package's containers the user's machine, see the package comment. It reads the
// project as the compose file has it, before any rewriting.
func permitted(spec Spec, p *types.Project) error {
	if spec.trusted() {
		return nil
	}
	file := composeFile(spec)
	names := p.ServiceNames()
	for _, name := range names {
		if why := forbidden(spec, p.Services[name]); why != "" {
			return refused(spec, file, "services."+name+": "+why, nil)
		}
	}
	for _, key := range sortedKeys(p.Volumes) {
		v := p.Volumes[key]
		if v.Driver != "" && v.Driver != "local" {
			return refused(spec, file, fmt.Sprintf("volumes.%s: driver %s may reach other machines or folders", key, v.Driver), nil)
		}
		if device := v.DriverOpts["device"]; device != "" && v.DriverOpts["type"] != "tmpfs" {
			return refused(spec, file, fmt.Sprintf("volumes.%s: driver_opts mounts %s of the host", key, device), nil)
		}
	}
	for _, key := range sortedKeys(p.Networks) {
		if d := p.Networks[key].Driver; d != "" && d != "bridge" && d != "default" {
			return refused(spec, file, fmt.Sprintf("networks.%s: driver %s reaches the host's own network", key, d), nil)
		}
		for _, opt := range sortedKeys(p.Networks[key].DriverOpts) {
			if !slices.Contains(bridgeOptions, opt) {
				return refused(spec, file, fmt.Sprintf("networks.%s: driver_opts: %s changes how the host's own network works", key, opt), nil)
			}
		}
	}
	if len(p.Models) > 0 {
		return refused(spec, file, "models."+sortedKeys(p.Models)[0]+": models are downloaded and run by a program on the host, and no lock covers them", nil)
	}
	for _, key := range sortedKeys(p.Secrets) {
		if f := p.Secrets[key].File; f != "" && inside(spec, f) != nil {
			return refused(spec, file, fmt.Sprintf("secrets.%s: file %s lies outside of the package", key, f), nil)
		}
	}
	for _, key := range sortedKeys(p.Configs) {
		if f := p.Configs[key].File; f != "" && inside(spec, f) != nil {
			return refused(spec, file, fmt.Sprintf("configs.%s: file %s lies outside of the package", key, f), nil)
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
