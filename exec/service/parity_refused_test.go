package service

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// denial is a compose file with something that is refused: what the message says, and where it points.
type denial struct {
	keys string
	text string // of the service, or a whole file where it begins with a key of the top level
	want string
}

// byPolicy is what packages from elsewhere may not have. OUTSIDE is a file that is not theirs.
var byPolicy = []denial{
	{"include include.path", "include: [OUTSIDE]\nservices: {app: {image: a}}", "include"},
	{"include.env_file", "include: [{path: ok.yml, env_file: OUTSIDE}]\nservices: {app: {image: a}}", "include"},
	{"include.project_directory", "include: [{path: ok.yml, project_directory: /etc}]\nservices: {app: {image: a}}", "include"},
	{"networks.driver", "networks: {n: {driver: macvlan}}\nservices: {app: {image: a, networks: [n]}}", "networks.n: driver macvlan"},
	{"networks.driver_opts", "networks: {n: {driver_opts: {com.docker.network.bridge.gateway_mode_ipv4: routed}}}\nservices: {app: {image: a, networks: [n]}}", "gateway_mode_ipv4"},
	{"volumes.driver", "volumes: {v: {driver: nfs}}\nservices: {app: {image: a, volumes: ['v:/v']}}", "volumes.v: driver nfs"},
	{"volumes.driver_opts", "volumes: {v: {driver_opts: {type: none, o: bind, device: /etc}}}\nservices: {app: {image: a, volumes: ['v:/v']}}", "mounts /etc of the host"},
	{"configs.file", "configs: {c: {file: OUTSIDE}}\nservices: {app: {image: a, configs: [c]}}", "configs.c: file"},
	{"secrets.file", "secrets: {s: {file: OUTSIDE}}\nservices: {app: {image: a, secrets: [s]}}", "secrets.s: file"},
	{"models", "models: {m: {model: ai/small}}\nservices: {app: {image: a, models: [m]}}", "models"},
	{"services.models", "models: {m: {model: ai/small}}\nservices: {app: {image: a, models: {m: {endpoint_var: E}}}}", "services.app: models: "},
	{"services.annotations", "annotations: {org.systemd.property.Slice: 'system.slice'}", "annotations: org.systemd"},
	{"services.build services.build.context", "build: ..", "build: context"},
	{"services.build.context", "build: https://github.com/a/b.git", "build: context"},
	{"services.build.dockerfile", "build: {context: ., dockerfile: ../Dockerfile}", "build: dockerfile"},
	{"services.build.additional_contexts", "build: {context: ., additional_contexts: {other: /etc}}", "build: context /etc"},
	{"services.build.network", "build: {context: ., network: host}", "build: network: host"},
	{"services.build.network", "build: {context: ., network: other_default}", "build: network: other_default"},
	{"services.build.privileged", "build: {context: ., privileged: true}", "build: privileged"},
	{"services.build.entitlements", "build: {context: ., entitlements: [security.insecure]}", "build: entitlements: security.insecure"},
	{"services.build.ssh", "build: {context: ., ssh: [default]}", "build: ssh"},
	{"services.cap_add", "cap_add: [SYS_ADMIN]", "cap_add: SYS_ADMIN"},
	{"services.cap_add", "cap_add: [cap_sys_time]", "cap_add: cap_sys_time"},
	{"services.cap_add", "cap_add: [ALL]", "cap_add: ALL"},
	{"services.cgroup", "cgroup: host", "cgroup: host"},
	{"services.cgroup_parent", "cgroup_parent: /system.slice", "cgroup_parent: /system.slice"},
	{"services.cpu_rt_period services.cpu_rt_runtime", "cpu_rt_runtime: 95000", "cpu_rt_runtime"},
	{"services.cpu_rt_period", "cpu_rt_period: 95000", "cpu_rt_runtime"},
	{"services.deploy.resources.reservations.devices services.deploy.resources.reservations.devices.capabilities", "deploy: {resources: {reservations: {devices: [{capabilities: [tpu]}]}}}", "deploy: resources.reservations.devices: [tpu]"},
	{"services.deploy.resources.reservations.devices.device_ids", "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], driver: cdi, device_ids: ['vendor.com/disk=0']}]}}}", "vendor.com/disk=0"},
	{"services.device_cgroup_rules", "device_cgroup_rules: ['c 1:3 mr']", "device_cgroup_rules: c 1:3 mr"},
	{"services.devices", "devices: ['/dev/sda:/dev/sda']", "devices: /dev/sda"},
	{"services.env_file services.env_file.path", "env_file: OUTSIDE", "env_file: "},
	{"services.extends services.extends.file services.extends.service", "extends: {file: OUTSIDE, service: x}", "extends: "},
	{"services.external_links", "external_links: [other]", "external_links: other"},
	{"services.gpus services.gpus.device_ids services.gpus.driver", "gpus: [{driver: cdi, device_ids: ['vendor.com/disk=0']}]", "gpus: cdi vendor.com/disk=0"},
	{"services.ipc", "ipc: host", "ipc: host"},
	{"services.ipc", "ipc: container:other", "ipc: container:other"},
	{"services.label_file", "label_file: OUTSIDE", "label_file: "},
	{"services.logging services.logging.driver", "logging: {driver: syslog, options: {syslog-address: 'unix:///dev/log'}}", "logging: driver syslog"},
	{"services.network_mode", "network_mode: host", "network_mode: host"},
	{"services.network_mode", "network_mode: container:other", "network_mode: container:other"},
	{"services.network_mode", "network_mode: other_default", "network_mode: other_default"},
	{"services.oom_kill_disable", "oom_kill_disable: true", "oom_kill_disable: true"},
	{"services.oom_score_adj", "oom_score_adj: -500", "oom_score_adj: -500"},
	{"services.pid", "pid: host", "pid: host"},
	{"services.post_start.privileged", "post_start: [{command: [a], privileged: true}]", "post_start: "},
	{"services.pre_start.privileged", "pre_start: [{command: [a], privileged: true}]", "pre_start: "},
	{"services.pre_stop.privileged", "pre_stop: [{command: [a], privileged: true}]", "pre_stop: "},
	{"services.privileged", "privileged: true", "privileged: true"},
	{"services.provider", "services: {app: {provider: {type: evil}}}", "provider: evil"},
	{"services.runtime", "runtime: other", "runtime: other"},
	{"services.security_opt", "security_opt: ['seccomp:unconfined']", "security_opt: seccomp:unconfined"},
	{"services.security_opt", "security_opt: ['seccomp=./everything.json']", "security_opt: seccomp=./everything.json"},
	{"services.security_opt", "security_opt: ['label=disable']", "security_opt: label=disable"},
	{"services.security_opt", "security_opt: ['systempaths=unconfined']", "security_opt: systempaths"},
	{"services.use_api_socket", "use_api_socket: true", "use_api_socket"},
	{"services.userns_mode", "userns_mode: host", "userns_mode: host"},
	{"services.uts", "uts: host", "uts: host"},
	{"services.volumes services.volumes.source", "volumes: ['/var/run/docker.sock:/var/run/docker.sock']", "docker.sock lies outside"},
	{"services.volumes", "volumes: ['./link:/host']", "link lies outside"},
	{"services.volumes.type services.volumes.target services.volumes.image services.volumes.image.subpath", "volumes: [{type: image, source: 'a:1', target: /t, image: {subpath: x}}]", "volumes: type image: a:1"},
	{"services.volumes_from", "volumes_from: ['container:other']", "volumes_from: container:other"},
}

// byEngine is what no engine can do for anybody.
var byEngine = []denial{
	{"networks.internal", "networks: {n: {internal: true}}\nservices: {app: {image: a, ports: ['80'], networks: [n]}}", "networks.n.internal: "},
	{"configs.external configs.external.name", "configs: {c: {external: {name: x}}}\nservices: {app: {image: a, configs: [c]}}", "configs.c.external: "},
	{"configs.external", "configs: {c: {external: true}}\nservices: {app: {image: a, configs: [c]}}", "configs.c.external: "},
	{"configs.template_driver", "configs: {c: {file: ok.yml, template_driver: golang}}\nservices: {app: {image: a, configs: [c]}}", "configs.c.template_driver: "},
	{"configs.environment", "configs: {c: {environment: NOBODY}}\nservices: {app: {image: a, configs: [c]}}", "needs the variable NOBODY"},
	{"secrets.external secrets.external.name", "secrets: {s: {external: {name: x}}}\nservices: {app: {image: a, secrets: [s]}}", "secrets.s.external: "},
	{"secrets.external", "secrets: {s: {external: true}}\nservices: {app: {image: a, secrets: [s]}}", "secrets.s.external: "},
	{"secrets.driver", "secrets: {s: {file: ok.yml, driver: x}}\nservices: {app: {image: a, secrets: [s]}}", "secrets.s.driver: "},
	{"secrets.template_driver", "secrets: {s: {file: ok.yml, template_driver: golang}}\nservices: {app: {image: a, secrets: [s]}}", "secrets.s.template_driver: "},
	{"secrets.environment", "secrets: {s: {environment: NOBODY}}\nservices: {app: {image: a, secrets: [s]}}", "needs the variable NOBODY"},
	{"services.credential_spec", "credential_spec: {file: x.json}", "services.app.credential_spec: "},
	{"services.pre_start.per_replica", "pre_start: [{command: [a], per_replica: true}]", "services.app.pre_start.per_replica: "},
	{"services.profiles", "profiles: [a, b]", "COMPOSE_PROFILES = \"a,b\""},
	{"services.read_only", "secrets: {s: {environment: VALUE}}\nservices: {app: {image: a, read_only: true, secrets: [s]}}", "services.app.read_only: "},
	{"services.read_only", "configs: {c: {content: x}}\nservices: {app: {image: a, read_only: true, configs: [c]}}", "services.app.read_only: "},
	{"services.scale", "scale: 0", "services.app.scale: "},
	{"services.volumes services.volumes.type", "volumes: [{type: cluster, source: x, target: /t}]", "services.app.volumes: type cluster"},
}

// trial plans the service of a refusal.
func trial(t *testing.T, r denial, source string) error {
	t.Helper()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(r.text, "OUTSIDE", "'"+outside+"'")
	if !strings.Contains(text, "services:") {
		text = "services:\n  app:\n    image: a\n    " + text + "\n"
	}
	spec := sketch(t, map[string]string{"docker-compose.yml": text, "ok.yml": "services: {}\n"})
	spec.Source, spec.Service.ServiceName, spec.Service.Ports = source, "", nil
	if err := os.Symlink("/etc", filepath.Join(spec.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	pl, err := compose(context.Background(), spec)
	if err == nil {
		err = undeclared(spec, pl)
	}
	return err
}

// TestRefused asserts the message and the remedy of each key that is refused, and that a folder of the user's own is
// refused only what the engine cannot do.
func TestRefused(t *testing.T) {
	for _, r := range byPolicy {
		t.Run(r.text, func(t *testing.T) {
			err := trial(t, r, "github:acme/app")
			wantError(t, err, report.Policy, "service app asks for more than a package may have", "docker-compose.yml", r.want, "[replace] \"github:acme/app\" = \"file:")
			if err := trial(t, r, "file:./app"); report.KindOf(err) == report.Policy {
				t.Errorf("a folder of the user's own is refused: %v", err)
			}
		})
	}
	for _, r := range byEngine {
		t.Run(r.text, func(t *testing.T) {
			for _, source := range []string{"github:acme/app", "file:./app"} {
				wantError(t, trial(t, r, source), report.Service, "docker-compose.yml", r.want)
			}
		})
	}
}
