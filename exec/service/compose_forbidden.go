package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// ownCapabilities are those that reach nothing beyond the container: what engines give every container, and locking memory,
// which counts against the container's own limit.
var ownCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYS_CHROOT", "IPC_LOCK",
}

// ownLogging are the log drivers whose logs stay with the engine.
var ownLogging = []string{"", "json-file", "local", "none"}

// forbidden says what a compose service may not do, beginning with the key, or "".
func forbidden(spec Spec, s types.ServiceConfig) string {
	for _, rule := range []func(Spec, types.ServiceConfig) string{forbiddenPower, forbiddenSharing, forbiddenResources, forbiddenFiles, forbiddenHooks} {
		if why := rule(spec, s); why != "" {
			return why
		}
	}
	return forbiddenBuild(spec, s.Build)
}

// forbiddenPower says what would give a service more rights than containers have.
func forbiddenPower(_ Spec, s types.ServiceConfig) string {
	switch {
	case s.Privileged:
		return "privileged: true gives it the whole machine"
	case s.Provider != nil:
		return fmt.Sprintf("provider: %s runs a program on the host", s.Provider.Type)
	case s.UseAPISocket:
		return "use_api_socket: true gives it the Docker engine"
	case len(s.Models) > 0:
		return "models: they are downloaded and run by a program on the host, and no lock covers them"
	case len(s.Devices) > 0:
		return "devices: " + s.Devices[0].Source + " is a device of the host"
	case len(s.DeviceCgroupRules) > 0:
		return "device_cgroup_rules: " + s.DeviceCgroupRules[0] + " opens devices of the host"
	case s.Runtime != "":
		return "runtime: " + s.Runtime + " is a program of the host that runs containers its own way"
	case len(s.Annotations) > 0:
		return "annotations: " + sortedKeys(s.Annotations)[0] + " changes how the host's container runtime works"
	}
	for _, c := range s.CapAdd {
		if !slices.Contains(ownCapabilities, strings.TrimPrefix(strings.ToUpper(c), "CAP_")) {
			return "cap_add: " + c + " gives it powers over the machine"
		}
	}
	for _, opt := range s.SecurityOpt {
		name, value, _ := strings.Cut(strings.Replace(opt, ":", "=", 1), "=")
		if name != "no-new-privileges" && (name != "seccomp" || value != "builtin") {
			return "security_opt: " + opt + " replaces the protection that containers have"
		}
	}
	return ""
}

// forbiddenSharing says what would let a service into namespaces, groups or containers that are not its own.
func forbiddenSharing(_ Spec, s types.ServiceConfig) string {
	for _, n := range []struct {
		key, value string
		own        []string
	}{
		// Any other word names a network of the engine, such as another project's.
		{"network_mode", s.NetworkMode, []string{"none", "bridge", "default"}},
		{"pid", s.Pid, nil},
		{"ipc", s.Ipc, []string{"none", "private", "shareable"}},
		{"uts", s.Uts, nil},
		{"userns_mode", s.UserNSMode, []string{"private"}},
		{"cgroup", s.Cgroup, []string{"private"}},
	} {
		if n.value != "" && !slices.Contains(n.own, n.value) && !strings.HasPrefix(n.value, types.ServicePrefix) {
			return fmt.Sprintf("%s: %s shares what is not its own", n.key, n.value)
		}
	}
	if s.CgroupParent != "" {
		return "cgroup_parent: " + s.CgroupParent + " puts it among processes of the host"
	}
	if len(s.ExternalLinks) > 0 {
		return "external_links: " + s.ExternalLinks[0] + " is a container that is not its own"
	}
	for _, from := range s.VolumesFrom {
		if strings.HasPrefix(from, "container:") {
			return "volumes_from: " + from + " reads a container that is not its own"
		}
	}
	if s.Logging != nil && !slices.Contains(ownLogging, s.Logging.Driver) {
		return "logging: driver " + s.Logging.Driver + " sends what it writes to the host's log or to other machines"
	}
	return ""
}

// forbiddenResources says what would let a service take the machine from others, or a device that is no GPU.
func forbiddenResources(_ Spec, s types.ServiceConfig) string {
	switch {
	case s.OomKillDisable:
		return "oom_kill_disable: true lets it take all memory of the machine"
	case s.OomScoreAdj < 0:
		return fmt.Sprintf("oom_score_adj: %d has the kernel end other programs before it", s.OomScoreAdj)
	case s.CPURTRuntime != 0 || s.CPURTPeriod != 0:
		return "cpu_rt_runtime: real-time scheduling lets it take a processor from the machine"
	}
	for _, d := range s.Gpus {
		if !isGPU(d, true) {
			return "gpus: " + d.Driver + " " + strings.Join(d.IDs, " ") + " may be another device of the host"
		}
	}
	if s.Deploy != nil && s.Deploy.Resources.Reservations != nil {
		for _, d := range s.Deploy.Resources.Reservations.Devices {
			if !isGPU(d, false) {
				return "deploy: resources.reservations.devices: [" + strings.Join(d.Capabilities, " ") + "] " + strings.Join(d.IDs, " ") + " is a device of the host and no GPU"
			}
		}
	}
	return ""
}

// isGPU tells whether a request can be answered with a GPU only. The driver "cdi" hands out any device by its name, which
// has the kind of device before "=".
func isGPU(d types.DeviceRequest, implied bool) bool {
	if d.Driver == "cdi" {
		return len(d.IDs) > 0 && !slices.ContainsFunc(d.IDs, func(id string) bool {
			kind, _, _ := strings.Cut(id, "=")
			return !strings.HasSuffix(kind, "/gpu")
		})
	}
	return implied || slices.Contains(d.Capabilities, "gpu")
}

// forbiddenFiles says which files of the host a service would see.
func forbiddenFiles(spec Spec, s types.ServiceConfig) string {
	for _, v := range s.Volumes {
		switch v.Type {
		case types.VolumeTypeBind, types.VolumeTypeNamedPipe:
			if inside(spec, v.Source) != nil {
				return "volumes: " + v.Source + " lies outside of the package"
			}
		case types.VolumeTypeImage:
			return "volumes: type image: " + v.Source + " is an image that no lock covers"
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
	return ""
}

func forbiddenHooks(_ Spec, s types.ServiceConfig) string {
	for _, hooks := range []struct {
		key  string
		list []types.ServiceHook
	}{{"pre_start", s.PreStart}, {"post_start", s.PostStart}, {"pre_stop", s.PreStop}} {
		for _, h := range hooks.list {
			if h.Privileged {
				return hooks.key + ": a privileged hook gives it the whole machine"
			}
		}
	}
	return ""
}

// forbiddenBuild says what a build may not do, or "".
func forbiddenBuild(spec Spec, b *types.BuildConfig) string {
	if b == nil {
		return ""
	}
	switch {
	case b.Privileged:
		return "build: privileged gives it the whole machine"
	case len(b.Entitlements) > 0:
		return "build: entitlements: " + b.Entitlements[0] + " gives it powers over the machine"
	case b.Network != "" && b.Network != "default" && b.Network != "none":
		return "build: network: " + b.Network + " shares what is not its own"
	case len(b.SSH) > 0:
		return "build: ssh hands it your keys"
	}
	contexts := []string{b.Context}
	for _, key := range sortedKeys(b.AdditionalContexts) {
		if c := b.AdditionalContexts[key]; !strings.HasPrefix(c, types.ServicePrefix) && !strings.HasPrefix(c, dockerImage) {
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
