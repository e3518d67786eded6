package service

import (
	"context"
	"net/netip"
	"runtime"
	"strings"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/network"
)

// observation is how one or more keys of compose files show: what is in the text that got finds.
type observation struct {
	keys string
	want string
	got  func(w *world) any
}

func file(service, path string) func(*world) any {
	return func(w *world) any { return w.inside[service].text(path) }
}

func variable(service, name string) func(*world) any {
	return func(w *world) any { return w.inside[service].env(name) }
}

func mounted(service, path string) func(*world) any {
	return func(w *world) any { return w.inside[service].mounted(path) }
}

// group reads a control group's file, by its names in version 1 and 2.
func group(service, old, modern string) func(*world) any {
	return func(w *world) any { return w.inside[service].cgroup(old, modern) }
}

var observations = slicesOf(topLevel, processes, resources, files, networking, lifecycle, builds)

func slicesOf(lists ...[]observation) (all []observation) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var topLevel = []observation{
	{"name", "conduit-", func(w *world) any { return w.one("app").Config.Labels[api.ProjectLabel] }},
	{"include include.path", "yes", variable("included", "INLINE")},
	{"services", "/inside serve --flag", func(w *world) any { return strings.Join(w.inside["app"].Args, " ") }},
	{"networks.name networks.external networks.external.name", "true", func(w *world) any {
		return strings.Contains(w.network("front"), `"Name":"`+w.plan.project.Name+"_front") && strings.Contains(w.network("elsewhere"), `"Name":"`+w.plan.project.Name+"_elsewhere")
	}},
	{"networks networks.driver_opts", "eth0 mtu 1400", func(w *world) any { return w.inside["app"].Interfaces }},
	{"networks.driver", `"Driver":"bridge"`, func(w *world) any { return w.network("front") }},
	{"networks.ipam networks.ipam.config", "false", func(w *world) any { return strings.Contains(w.network("front"), "10.99.0.") }},
	{"networks.internal", `"Internal":true`, func(w *world) any { return w.network("back") }},
	{"networks.enable_ipv6", "addr fd", func(w *world) any { return w.inside["app"].Interfaces }},
	{"networks.labels", `"parity.network":"yes"`, func(w *world) any { return w.network("front") }},
	{"volumes volumes.driver_opts", "size=1024k", mounted("app", "/memory")},
	{"volumes.name volumes.external volumes.external.name", "true", func(w *world) any {
		return strings.Contains(w.volume("data"), w.plan.project.Name+"_data") && strings.Contains(w.volume("outside"), w.plan.project.Name+"_outside")
	}},
	{"volumes.driver", `"Driver":"local"`, func(w *world) any { return w.volume("memory") }},
	{"volumes.labels", `"parity.volume":"yes"`, func(w *world) any { return w.volume("data") }},
	{"configs configs.content", "inline for all", file("app", "/inline.conf")},
	{"configs.file", "a config", file("app", "/plain.conf")},
	{"configs.environment", "a value", file("app", "/valued")},
	{"secrets secrets.file", "a secret", file("app", "/run/secrets/plain")},
	{"secrets.environment", "a value", file("app", "/run/secrets/renamed")},
}

var processes = []observation{
	// Bits 10 and 14.
	{"services.cap_add services.cap_drop", "0000000000004400", func(w *world) any { return w.inside["app"].status("CapBnd") }},
	{"services.command services.entrypoint", "/inside serve --flag", func(w *world) any { return strings.Join(w.inside["app"].Args, " ") }},
	{"services.hostname", "parity-host", func(w *world) any { return w.inside["app"].Hostname }},
	{"services.domainname", "parity.example", func(w *world) any { return w.inside["app"].Domain + w.inside["app"].text("/etc/hosts") }},
	{"services.env_file services.env_file.path services.env_file.required", "read", variable("app", "FROM_FILE")},
	{"services.env_file.format", `"$quoted"`, variable("app", "RAW")},
	{"services.environment", "value", variable("app", "PLAIN")},
	{"services.extends services.extends.file services.extends.service", "extended", variable("app", "FROM_BASE")},
	{"services.group_add", "3456", func(w *world) any { return w.inside["app"].Groups }},
	{"services.user", "1234 2345", func(w *world) any { return []int{w.inside["app"].UID, w.inside["app"].GID} }},
	{"services.working_dir", "/work", func(w *world) any { return w.inside["app"].Cwd }},
	{"services.init", "docker-init inside", func(w *world) any { return []string{w.inside["app"].First, w.inside["helper"].First} }},
	{"services.security_opt", "1", func(w *world) any { return w.inside["app"].status("NoNewPrivs") }},
	{"services.oom_score_adj", "500", file("app", "/proc/1/oom_score_adj")},
	{"services.sysctls", "512", file("app", "/proc/sys/net/core/somaxconn")},
	{"services.ulimits services.ulimits.soft services.ulimits.hard", "open files 1000 2000", func(w *world) any {
		return strings.Join(strings.Fields(w.inside["app"].text("/proc/1/limits")), " ")
	}},
	{"services.ulimits", "processes 3000 3000", func(w *world) any {
		return strings.Join(strings.Fields(w.inside["app"].text("/proc/1/limits")), " ")
	}},
	{"services.tty", "/dev/pts/0", func(w *world) any { return w.inside["alone"].Stdin }},
	{"services.stdin_open", "pipe:", func(w *world) any { return w.inside["limited"].Stdin }},
	{"services.ipc", "true true", func(w *world) any {
		a, b, c := w.inside["closed"].Namespaces["ipc"], w.inside["helper"].Namespaces["ipc"], w.inside["app"].Namespaces["ipc"]
		return []bool{a == b, a != c}
	}},
	{"services.pid", "true true", func(w *world) any {
		a, b, c := w.inside["closed"].Namespaces["pid"], w.inside["helper"].Namespaces["pid"], w.inside["app"].Namespaces["pid"]
		return []bool{a == b, a != c}
	}},
	{"services.cgroup", "private", func(w *world) any { return w.one("app").HostConfig.CgroupnsMode }},
}

var resources = []observation{
	{"services.blkio_config services.blkio_config.device_read_bps", "10485760", group("app", "blkio/blkio.throttle.read_bps_device", "io.max")},
	{"services.blkio_config.device_read_iops", "1000", group("app", "blkio/blkio.throttle.read_iops_device", "io.max")},
	{"services.blkio_config.device_write_bps", "20971520", group("app", "blkio/blkio.throttle.write_bps_device", "io.max")},
	{"services.blkio_config.device_write_iops", "2000", group("app", "blkio/blkio.throttle.write_iops_device", "io.max")},
	{"services.cpus", "50000", group("app", "cpu/cpu.cfs_quota_us", "cpu.max")},
	{"services.cpu_period", "50000", group("helper", "cpu/cpu.cfs_period_us", "cpu.max")},
	{"services.cpu_quota", "20000", group("helper", "cpu/cpu.cfs_quota_us", "cpu.max")},
	{"services.cpu_shares", "true", func(w *world) any {
		return w.inside["app"].cgroup("cpu/cpu.shares", "cpu.weight") != w.inside["helper"].cgroup("cpu/cpu.shares", "cpu.weight")
	}},
	{"services.cpuset", "true", func(w *world) any { return w.inside["app"].cgroup("cpuset/cpuset.cpus", "cpuset.cpus") == "0" }},
	{"services.mem_limit", "268435456", group("app", "memory/memory.limit_in_bytes", "memory.max")},
	{"services.mem_reservation", "134217728", group("app", "memory/memory.soft_limit_in_bytes", "memory.low")},
	// Version 2 counts what is swapped alone.
	{"services.memswap_limit", "true", func(w *world) any {
		return w.inside["app"].cgroup("memory/memory.memsw.limit_in_bytes", "memory.swap.max") == w.modern("314572800", "46137344")
	}},
	{"services.mem_swappiness", "true", func(w *world) any {
		return w.info.CgroupVersion == "2" || w.inside["app"].cgroup("memory/memory.swappiness") == "10"
	}},
	{"services.pids_limit", "100", group("app", "pids/pids.max", "pids.max")},
	{"services.shm_size", "33554432", func(w *world) any { return w.inside["app"].Shm }},
	{"services.deploy services.deploy.resources services.deploy.resources.limits services.deploy.resources.limits.memory", "67108864", group("limited", "memory/memory.limit_in_bytes", "memory.max")},
	{"services.deploy.resources.limits.cpus", "25000", group("limited", "cpu/cpu.cfs_quota_us", "cpu.max")},
	{"services.deploy.resources.limits.pids", "50", group("limited", "pids/pids.max", "pids.max")},
	{"services.deploy.resources.reservations services.deploy.resources.reservations.memory", "33554432", group("limited", "memory/memory.soft_limit_in_bytes", "memory.low")},
}

var files = []observation{
	{"services.configs services.configs.source services.configs.target", "inline for all", file("app", "/inline.conf")},
	{"services.configs.uid services.configs.gid services.configs.mode", "-r-------- 1234 2345 a config", func(w *world) any { return w.inside["app"].owned("/owned.conf") }},
	{"services.configs.mode", "-r--r----- 1234 2345 a value", func(w *world) any { return w.inside["app"].owned("/valued") }},
	{"services.secrets services.secrets.source services.secrets.target", "a value", file("app", "/run/secrets/renamed")},
	{"services.secrets", "a secret", file("closed", "/run/secrets/plain")},
	{"services.secrets.uid services.secrets.gid services.secrets.mode", "-r-------- 1234 2345 a secret", func(w *world) any { return w.inside["app"].owned("/run/secrets/owned") }},
	{"services.read_only", "false true", func(w *world) any { return []bool{w.inside["closed"].Writable, w.inside["helper"].Writable} }},
	{"services.tmpfs", "size=8192k", mounted("app", "/scratch")},
	{"services.volumes services.volumes.source services.volumes.target", "a config", file("app", "/package/config.txt")},
	{"services.volumes", "_data /data rw", mounted("app", "/data")},
	{"services.volumes", "/anonymous rw", mounted("app", "/anonymous")},
	{"services.volumes.type services.volumes.tmpfs services.volumes.tmpfs.size", "size=4096k", mounted("limited", "/ram")},
	{"services.volumes.tmpfs.mode", "drwx------", func(w *world) any { return w.inside["limited"].Files["/ram"].Mode }},
	{"services.volumes.read_only", " /image ro", mounted("app", "/image")},
	{"services.volumes.bind services.volumes.bind.create_host_path", "/files /bound ro", mounted("app", "/bound")},
	{"services.volumes.bind.propagation", "false true", func(w *world) any {
		return []bool{strings.Contains(w.inside["app"].mounted("/bound"), "master:"), strings.Contains(w.inside["app"].mounted("/anonymous"), " - ")}
	}},
	{"services.volumes.volume services.volumes.volume.nocopy", "[] [a config]", func(w *world) any {
		var app, helper []string
		if text := w.inside["app"].text("/image/config.txt"); text != "" {
			app = append(app, text)
		}
		if text := w.inside["helper"].text("/image/config.txt"); text != "" {
			helper = append(helper, text)
		}
		return [][]string{app, helper}
	}},
	{"services.volumes_from", "_shared/_data /data ro", mounted("closed", "/data")},
}

var networking = []observation{
	{"services.dns", "nameserver 192.0.2.53", file("alone", "/etc/resolv.conf")},
	{"services.dns_search", "search search.example", file("app", "/etc/resolv.conf")},
	{"services.dns_opt", "ndots:3", file("app", "/etc/resolv.conf")},
	{"services.extra_hosts", "192.0.2.8\tother.example", file("app", "/etc/hosts")},
	{"services.links", "true", func(w *world) any {
		a := w.inside["app"].Addresses
		return len(a["linked"]) == 1 && a["linked"][0] == a["helper"][0]
	}},
	{"services.networks.aliases", "true", func(w *world) any {
		a := w.inside["app"].Addresses
		return len(a["alias.example"]) == 1 && a["alias.example"][0] == a["helper"][0]
	}},
	{"services.networks", "true", func(w *world) any {
		return has(w.inside["app"].Interfaces, "eth0") && has(w.inside["app"].Interfaces, "eth1")
	}},
	{"services.networks.priority", "eth0 mtu 1400", func(w *world) any { return w.inside["app"].Interfaces }},
	{"services.networks.ipv4_address services.networks.ipv6_address", "false", func(w *world) any { return has(w.inside["app"].Interfaces, "10.99.0.5") }},
	{"services.networks.mac_address services.mac_address", "false", func(w *world) any {
		all := words(w.one("app").NetworkSettings.Networks, nil) + words(w.one("helper").NetworkSettings.Networks, nil)
		return strings.Contains(all, "02:42:ac:11:65:4")
	}},
	{"services.network_mode", "[true lo mtu", func(w *world) any {
		return []any{w.inside["closed"].Namespaces["net"] == w.inside["helper"].Namespaces["net"], w.inside["alone"].Interfaces[0]}
	}},
	{"services.expose", "true", func(w *world) any {
		_, ok := w.one("app").Config.ExposedPorts[network.MustParsePort("7070/tcp")]
		return ok
	}},
	{"services.ports services.ports.target services.ports.published services.ports.host_ip services.ports.protocol", "127.0.0.1 127.0.0.1 true", func(w *world) any {
		ports := w.one("app").NetworkSettings.Ports
		tcp, udp := ports[network.MustParsePort("8080/tcp")], ports[network.MustParsePort("9090/udp")]
		if len(tcp) != 1 || len(udp) != 1 {
			return ports
		}
		return []any{tcp[0].HostIP, udp[0].HostIP, tcp[0].HostPort != "80" && udp[0].HostPort != "9090" && tcp[0].HostIP == netip.MustParseAddr("127.0.0.1")}
	}},
}

var lifecycle = []observation{
	{"services.attach", "true false", func(w *world) any { return []bool{has(w.log, "app | listening"), has(w.log, "alone |")} }},
	{"services.container_name", "false", func(w *world) any { return strings.Contains(w.one("app").Name, "parity-fixed") }},
	{"services.depends_on services.depends_on.condition", "true true true 0", func(w *world) any {
		app, job, helper := w.one("app").State, w.one("job").State, w.one("helper").State
		return []any{earlier(w.one("limited").State.StartedAt, app.StartedAt), earlier(job.FinishedAt, app.StartedAt), helper.Health != nil && earlier(helper.StartedAt, app.StartedAt), job.ExitCode}
	}},
	{"services.depends_on.restart", "limited:service_started:true", func(w *world) any { return dependencies(w) }},
	{"services.depends_on.required", "true 0", func(w *world) any { return []any{w.one("app").State.Running, len(w.outside["disabled"])} }},
	{"services.deploy.replicas", "2", func(w *world) any { return len(w.outside["limited"]) }},
	{"services.scale", "2", func(w *world) any { return len(w.inside["app"].Addresses["scaled"]) }},
	{"services.profiles", "2 0", func(w *world) any { return []int{len(w.outside["scaled"]), len(w.outside["disabled"])} }},
	{"services.deploy.restart_policy services.deploy.restart_policy.condition services.deploy.restart_policy.max_attempts", "on-failure 2", func(w *world) any {
		p := w.one("limited").HostConfig.RestartPolicy
		return []any{p.Name, p.MaximumRetryCount}
	}},
	{"services.restart", "on-failure 3", func(w *world) any {
		p := w.one("app").HostConfig.RestartPolicy
		return []any{p.Name, p.MaximumRetryCount}
	}},
	{"services.healthcheck services.healthcheck.test services.healthcheck.interval services.healthcheck.timeout services.healthcheck.retries services.healthcheck.start_period", "[CMD /inside check] 200ms 2s 5 1s healthy", func(w *world) any {
		h := w.one("helper").Config.Healthcheck
		return []any{h.Test, h.Interval, h.Timeout, h.Retries, h.StartPeriod, w.one("helper").State.Health.Status}
	}},
	{"services.healthcheck.disable", "[NONE]", func(w *world) any { return w.one("alone").Config.Healthcheck.Test }},
	{"services.image", "conduit-parity-test:plain", func(w *world) any { return w.one("helper").Config.Image }},
	{"services.labels", "on app", func(w *world) any { return w.one("app").Config.Labels["parity.label"] }},
	{"services.label_file", "labelled", func(w *world) any { return w.one("app").Config.Labels["parity.file"] }},
	{"services.logging services.logging.driver services.logging.options", "json-file map[max-size:1m]", func(w *world) any {
		l := w.one("app").HostConfig.LogConfig
		return []any{l.Type, l.Config}
	}},
	{"services.platform", `"Architecture":"` + runtime.GOARCH, func(w *world) any { return w.image("app") }},
	{"services.stop_grace_period", "7", func(w *world) any { return *w.one("app").Config.StopTimeout }},
	{"services.pre_start services.pre_start.command services.pre_start.environment", "HOOK=before", file("app", "/data/pre-start")},
	{"services.pre_start.user services.pre_start.working_dir", "cwd=/data\nuid=0", file("app", "/data/pre-start")},
	{"services.pre_start.image", "true false", func(w *world) any {
		text := w.inside["app"].text("/data/pre-start-image")
		return []bool{strings.Contains(text, "PLAIN=value"), strings.Contains(text, "STAGE=told")}
	}},
	{"services.post_start services.post_start.command services.post_start.environment", "HOOK=after", file("app", "/scratch/post-start")},
	{"services.post_start.user services.post_start.working_dir", "cwd=/data\nuid=0", file("app", "/scratch/post-start")},
}

var builds = []observation{
	{"services.build services.build.context services.build.dockerfile services.build.target", "told", variable("app", "STAGE")},
	{"services.build.args", "hello", variable("app", "GREETING")},
	{"services.build.dockerfile_inline", "yes", variable("included", "INLINE")},
	{"services.build.network", "[lo ", func(w *world) any { return w.built().Interfaces }},
	{"services.build.extra_hosts", "192.0.2.7\tbuild.example", func(w *world) any { return w.built().text("/etc/hosts") }},
	{"services.build.labels", `"parity.build":"yes"`, func(w *world) any { return w.image("app") }},
	{"services.build.tags services.build.cache_from services.build.cache_to", "o such image", func(w *world) any {
		_, err := w.engine.ImageInspect(context.Background(), "parity-other-name:latest")
		return err
	}},
}
