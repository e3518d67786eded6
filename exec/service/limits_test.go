package service

import (
	"context"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// gpuKeys are the keys of compose files that [TestGPU] reads back from the engine, and gpuErrors those that make a start fail.
const (
	gpuKeys = `services.gpus services.gpus.capabilities services.gpus.count services.gpus.options services.gpus.device_ids services.gpus.driver
		services.deploy.resources.reservations.devices services.deploy.resources.reservations.devices.capabilities
		services.deploy.resources.reservations.devices.count services.deploy.resources.reservations.devices.device_ids
		services.deploy.resources.reservations.devices.driver services.deploy.resources.reservations.devices.options`
	gpuErrors = "services.gpus services.deploy.resources.reservations.devices"
)

// TestGPU asks an engine without a GPU for one, in each way.
func TestGPU(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"docker-compose.yml": plainCompose + `
    gpus: [{driver: nvidia, device_ids: ["7"], capabilities: [utility], options: {a: b}}, {count: 2}]
    deploy:
      resources:
        reservations:
          devices:
            - {driver: nvidia, device_ids: ["8"], capabilities: [gpu], options: {c: d}}
            - {count: 3, capabilities: [gpu]}
`})
	m := manager(t, Docker, spec)
	ctx := context.Background()
	engine, err := m.docker.engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := engine.Info(ctx, client.InfoOptions{}); err != nil || hasGPU(info.Info) {
		t.Fatal("this engine has a GPU: the test needs one without", err)
	}
	if err := m.Prepare(ctx, spec); err != nil {
		t.Fatal(err)
	}
	_, err = m.Up(ctx, spec)
	wantError(t, err, report.Service, "service app needs a GPU, and the Docker engine has none", `app = { source = "github:acme/app", gpu = "off" }`)
	containers, err := m.docker.inspect(ctx, engine, ofProject(spec.Project))
	if err != nil || len(containers) != 1 {
		t.Fatal(containers, err)
	}
	asked := words(containers[0].HostConfig.DeviceRequests, nil)
	for _, want := range []string{
		`{"Driver":"nvidia","Count":0,"DeviceIDs":["7"],"Capabilities":[["utility","gpu"]],"Options":{"a":"b"}}`, `"Count":2,`,
		`{"Driver":"nvidia","Count":0,"DeviceIDs":["8"],"Capabilities":[["gpu"]],"Options":{"c":"d"}}`, `"Count":3,`,
	} {
		if !strings.Contains(asked, want) {
			t.Errorf("the engine was asked for %s, without %s", asked, want)
		}
	}

	spec.Limits.GPU = gpuOff
	if c := inspected(t, m, up(t, m, spec).ID); len(c.Container.HostConfig.DeviceRequests) != 0 {
		t.Errorf("gpu = \"off\": %+v", c.Container.HostConfig.DeviceRequests)
	}

	spec = pack(t, nil)
	spec.Service.GPU = true
	var said []string
	heard := report.To(ctx, func(e report.Event) {
		if e.Type == report.Warning {
			said = append(said, e.Message)
		}
	})
	m = manager(t, Docker, spec)
	if err := m.Prepare(heard, spec); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(heard, spec); err != nil {
		t.Fatal(err)
	}
	if !has(said, "it asks for a GPU, and the Docker engine has none", `gpu = "off" for app under [services]`) {
		t.Errorf("warnings: %q", said)
	}
	spec.Limits.GPU = gpuRequired
	_, err = m.Up(ctx, spec)
	wantError(t, err, report.Service, "service app needs a GPU, and the Docker engine has none", "NVIDIA Container Toolkit")
}

// TestSuit gives a service the GPUs and processors of a machine that has them.
func TestSuit(t *testing.T) {
	for name, info := range map[string]system.Info{
		"by the toolkit's runtime": {NCPU: 8, Runtimes: map[string]system.RuntimeWithStatus{"nvidia": {}}},
		"by what engine 28 found":  {NCPU: 8, DiscoveredDevices: []system.DeviceInfo{{Source: "cdi", ID: "nvidia.com/gpu=0"}}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := sketch(t, nil)
			spec.Service.GPU, spec.Service.CPU = true, "4.0"
			pl, err := compose(context.Background(), spec)
			if err != nil {
				t.Fatal(err)
			}
			pl.suit(context.Background(), spec, info)
			s := pl.project.Services["app"]
			if len(s.Gpus) != 1 || s.Gpus[0].Count != -1 || s.CPUS != 4 {
				t.Errorf("%+v, %g processors", s.Gpus, s.CPUS)
			}
		})
	}
}

// TestLimits compares what package, compose file and project say of memory and processors with what the engine was asked for.
func TestLimits(t *testing.T) {
	const mega = 1 << 20
	for name, c := range map[string]struct {
		compose     string
		memory, cpu string // of the package
		limits      Limits
		wantMemory  int64
		wantCPU     float32
	}{
		"nothing":                   {},
		"package":                   {memory: "2GB", cpu: "1.5", wantMemory: 2048 * mega, wantCPU: 1.5},
		"as Kubernetes writes it":   {memory: "512Mi", wantMemory: 512 * mega},
		"compose is more exact":     {compose: "    mem_limit: 64m\n    cpus: 0.5\n", memory: "2GB", cpu: "1.5", wantMemory: 64 * mega, wantCPU: 0.5},
		"less than it reserves":     {compose: "    mem_reservation: 3g\n", memory: "2GB"},
		"project over the package":  {memory: "2GB", cpu: "1.5", limits: Limits{Memory: "1GB", CPU: "0.5"}, wantMemory: 1024 * mega, wantCPU: 0.5},
		"project over compose":      {compose: "    mem_limit: 64m\n    cpus: 0.25\n", limits: Limits{Memory: "1GB", CPU: "0.5"}, wantMemory: 1024 * mega, wantCPU: 0.5},
		"project over deploy":       {compose: "    deploy: {resources: {limits: {memory: 64m, cpus: '0.25'}}}\n", limits: Limits{Memory: "1GB", CPU: "0.5"}, wantMemory: 1024 * mega, wantCPU: 0.5},
		"project wants none at all": {compose: "    mem_limit: 64m\n    cpus: 0.25\n", memory: "2GB", cpu: "1", limits: Limits{Memory: unlimited, CPU: unlimited}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := sketch(t, map[string]string{"docker-compose.yml": plainCompose + c.compose})
			spec.Service.Memory, spec.Service.CPU, spec.Limits = c.memory, c.cpu, c.limits
			pl, err := compose(context.Background(), spec)
			if err != nil {
				t.Fatal(err)
			}
			s := pl.project.Services["app"]
			if int64(s.MemLimit) != c.wantMemory || s.CPUS != c.wantCPU {
				t.Errorf("memory %d, processors %g", s.MemLimit, s.CPUS)
			}
			if s.Deploy != nil && (s.Deploy.Resources.Limits.MemoryBytes != 0 || s.Deploy.Resources.Limits.NanoCPUs != 0) {
				t.Errorf("deploy still says %+v", s.Deploy.Resources.Limits)
			}
		})
	}
	spec := sketch(t, nil)
	spec.Service = &manifest.Service{ID: "app", File: "MediaConduit.service.yml", Memory: "much", CPU: "all"}
	var texts []string
	for _, f := range Check(context.Background(), spec) {
		texts = append(texts, f.Where+" "+f.What+" "+f.Next)
	}
	for _, want := range []string{`MediaConduit.service.yml requirements.memory is "much"`, `MediaConduit.service.yml requirements.cpu is "all"`} {
		if !has(texts, want) {
			t.Errorf("conduit check says %q, and not %s", texts, want)
		}
	}
}

// TestLimitsInside reads the limits of a package from the inside: more processors than there are become no limit.
func TestLimitsInside(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	spec.Service.Memory, spec.Service.CPU = "96MB", "4096"
	m := manager(t, Docker, spec)
	c := inspected(t, m, up(t, m, spec).ID).Container
	if c.HostConfig.Memory != 96<<20 || c.HostConfig.NanoCPUs != 0 {
		t.Errorf("memory %d, processors %d", c.HostConfig.Memory, c.HostConfig.NanoCPUs)
	}
}
