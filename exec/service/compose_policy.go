package service

import (
	"fmt"
	"path/filepath"
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
		if device := v.DriverOpts["device"]; device != "" {
			return refused(spec, file, fmt.Sprintf("volumes.%s: driver_opts mounts %s of the host", key, device), nil)
		}
	}
	for _, key := range sortedKeys(p.Networks) {
		if d := p.Networks[key].Driver; d != "" && d != "bridge" && d != "default" {
			return refused(spec, file, fmt.Sprintf("networks.%s: driver %s reaches the host's own network", key, d), nil)
		}
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

// forbidden says what a compose service may not do, or "".
func forbidden(spec Spec, s types.ServiceConfig) string {
	switch {
	case s.Privileged:
		return "privileged: true gives it the whole machine"
	case s.Provider != nil:
		return fmt.Sprintf("provider: %s runs a program on the host", s.Provider.Type)
	case s.UseAPISocket:
		return "use_api_socket gives it the Docker engine"
	case len(s.Devices) > 0:
		return "devices: " + s.Devices[0].Source + " is a device of the host"
	case len(s.DeviceCgroupRules) > 0:
		return "device_cgroup_rules opens devices of the host"
	case len(s.ExternalLinks) > 0:
		return "external_links reaches containers that are not its own"
	}
	for _, n := range []struct{ key, value string }{{"network_mode", s.NetworkMode}, {"pid", s.Pid}, {"ipc", s.Ipc}, {"uts", s.Uts}, {"userns_mode", s.UserNSMode}, {"cgroup", s.Cgroup}} {
		if n.value == "host" || strings.HasPrefix(n.value, "container:") {
			return fmt.Sprintf("%s: %s shares what is not its own", n.key, n.value)
		}
	}
	for _, c := range s.CapAdd {
		switch strings.TrimPrefix(strings.ToUpper(c), "CAP_") {
		case "ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "NET_ADMIN":
			return "cap_add: " + c + " gives it powers over the machine"
		}
	}
	for _, opt := range s.SecurityOpt {
		if strings.HasSuffix(opt, "unconfined") || strings.HasPrefix(opt, "label:disable") || strings.HasPrefix(opt, "label=disable") {
			return "security_opt: " + opt + " switches protection off"
		}
	}
	for _, from := range s.VolumesFrom {
		if strings.HasPrefix(from, "container:") {
			return "volumes_from: " + from + " reads a container that is not its own"
		}
	}
	for _, v := range s.Volumes {
		if (v.Type == types.VolumeTypeBind || v.Type == types.VolumeTypeNamedPipe) && inside(spec, v.Source) != nil {
			return "volumes: " + v.Source + " lies outside of the package"
		}
	}
	for _, f := range s.EnvFiles {
		if inside(spec, f.Path) != nil {
			return "env_file: " + f.Path + " lies outside of the package"
		}
	}
	for _, f := range s.LabelFiles {
		if inside(spec, f) != nil {
			return "label_file: " + f + " lies outside of the package"
		}
	}
	for _, hooks := range [][]types.ServiceHook{s.PreStart, s.PostStart, s.PreStop} {
		for _, h := range hooks {
			if h.Privileged {
				return "a privileged hook gives it the whole machine"
			}
		}
	}
	return forbiddenBuild(spec, s.Build)
}

// forbiddenBuild says what a build may not do, or "".
func forbiddenBuild(spec Spec, b *types.BuildConfig) string {
	if b == nil {
		return ""
	}
	switch {
	case b.Privileged || len(b.Entitlements) > 0:
		return "build: privileged gives it the whole machine"
	case b.Network == "host":
		return "build: network: host shares what is not its own"
	case len(b.SSH) > 0:
		return "build: ssh hands it your keys"
	}
	contexts := []string{b.Context}
	for _, key := range sortedKeys(b.AdditionalContexts) {
		if c := b.AdditionalContexts[key]; !strings.HasPrefix(c, types.ServicePrefix) {
			contexts = append(contexts, c)
		}
	}
	for _, c := range contexts {
		if inside(spec, absolute(spec.Dir, c)) != nil || remote(c) {
			return "build: context " + c + " lies outside of the package, where no lock covers it"
		}
	}
	if b.Dockerfile != "" && inside(spec, absolute(b.Context, b.Dockerfile)) != nil {
		return "build: dockerfile " + b.Dockerfile + " lies outside of the package"
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
