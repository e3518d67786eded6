package service

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// Values of Limits.
const (
	gpuRequired = "required"
	gpuOff      = "off"
	unlimited   = "none"
)

// rewriteLimits gives the container that providers talk to what the package says that it requires, unless its compose file
// is more exact, and over both what the project says.
func (pl *plan) rewriteLimits(spec Spec, s *types.ServiceConfig) {
	if s.Deploy != nil { // its parts are changed below, and belong to what compose loaded
		deploy := *s.Deploy
		if l := deploy.Resources.Limits; l != nil {
			limits := *l
			deploy.Resources.Limits = &limits
		}
		s.Deploy = &deploy
	}
	pl.rewriteMemory(spec, s)
	pl.rewriteCPU(spec, s)
	switch {
	case spec.Limits.GPU == gpuOff || len(s.Gpus) > 0 || len(reservedGPUs(*s)) > 0:
	case spec.Limits.GPU == gpuRequired:
		s.Gpus = allGPUs
	case spec.manifest().GPU:
		pl.gpu = true
	}
}

// allGPUs is a request for every GPU of the machine.
var allGPUs = []types.DeviceRequest{{Count: -1}}

// reservedGPUs are the device reservations of a compose service that ask for GPUs.
func reservedGPUs(s types.ServiceConfig) []types.DeviceRequest {
	if s.Deploy == nil || s.Deploy.Resources.Reservations == nil {
		return nil
	}
	var out []types.DeviceRequest
	for _, d := range s.Deploy.Resources.Reservations.Devices {
		if isGPU(d, false) {
			out = append(out, d)
		}
	}
	return out
}

// withoutGPU takes every request for a GPU out of a compose service.
func withoutGPU(s *types.ServiceConfig) {
	s.Gpus = nil
	if len(reservedGPUs(*s)) == 0 {
		return
	}
	deploy, reservations := *s.Deploy, *s.Deploy.Resources.Reservations
	reservations.Devices = slices.DeleteFunc(slices.Clone(reservations.Devices), func(d types.DeviceRequest) bool { return isGPU(d, false) })
	deploy.Resources.Reservations, s.Deploy = &reservations, &deploy
}

func (pl *plan) rewriteMemory(spec Spec, s *types.ServiceConfig) {
	limit := func(n types.UnitBytes) {
		s.MemLimit = n
		if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
			s.Deploy.Resources.Limits.MemoryBytes = 0 // the same twice: compose prefers this one
		}
	}
	if spec.Limits.Memory == unlimited {
		limit(0)
		s.MemSwapLimit = 0
		return
	}
	if spec.Limits.Memory != "" {
		if n, ok := bytesOf(spec.Limits.Memory); ok {
			limit(n)
		}
		return
	}
	declared := s.MemLimit != 0 || s.MemSwapLimit != 0 || s.Deploy != nil && s.Deploy.Resources.Limits != nil && s.Deploy.Resources.Limits.MemoryBytes != 0
	text := spec.manifest().Memory
	if declared || text == "" {
		return
	}
	n, ok := bytesOf(text)
	if !ok {
		pl.unread = append(pl.unread, Finding{Level: LevelWarning, Where: spec.manifest().File, What: fmt.Sprintf("requirements.memory is %q, which is no size: memory is not limited", text), Next: `write it as "8GB"`})
		return
	}
	if reserved := reservedMemory(*s); reserved <= n {
		s.MemLimit = n
	}
}

func reservedMemory(s types.ServiceConfig) types.UnitBytes {
	if s.Deploy != nil && s.Deploy.Resources.Reservations != nil && s.Deploy.Resources.Reservations.MemoryBytes != 0 {
		return s.Deploy.Resources.Reservations.MemoryBytes
	}
	return s.MemReservation
}

// bytesOf reads a size as compose files and service.yml have it: 8GB, 8GiB, 8Gi, 8g. All are powers of 1024.
func bytesOf(text string) (types.UnitBytes, bool) {
	text = strings.TrimSpace(text)
	if lower := strings.ToLower(text); strings.HasSuffix(lower, "i") {
		text += "B"
	}
	var n types.UnitBytes
	if err := n.DecodeMapstructure(text); err != nil || n < 0 {
		return 0, false
	}
	return n, true
}

func (pl *plan) rewriteCPU(spec Spec, s *types.ServiceConfig) {
	limit := func(n float32) {
		s.CPUS, s.CPUQuota, s.CPUPeriod = n, 0, 0
		if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
			s.Deploy.Resources.Limits.NanoCPUs = 0
		}
	}
	text := spec.Limits.CPU
	switch {
	case text == unlimited:
		limit(0)
		return
	case text == "":
		text = spec.manifest().CPU
		if text == "" || s.CPUS != 0 || s.CPUQuota != 0 || s.Deploy != nil && s.Deploy.Resources.Limits != nil && s.Deploy.Resources.Limits.NanoCPUs != 0 {
			return
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 32)
	if err != nil || n <= 0 || math.IsInf(n, 0) {
		pl.unread = append(pl.unread, Finding{Level: LevelWarning, Where: spec.manifest().File, What: fmt.Sprintf("requirements.cpu is %q, which is no number of processors: they are not limited", text), Next: `write it as "1.5"`})
		return
	}
	limit(float32(n))
	pl.cpu = float32(n)
}

// fit suits the limits to the machine that the engine runs on: a limit of more processors than it has is refused by
// engines, and a GPU that is required and not there is for the user to decide about.
func (pl *plan) fit(ctx context.Context, engine client.APIClient, spec Spec) error {
	for _, f := range pl.unread {
		report.Warn(ctx, spec.Name, f.Where, f.What+"; "+f.Next)
	}
	if err := pl.withholdUnset(ctx, engine, spec); err != nil || pl.cpu == 0 && !pl.gpu {
		return err
	}
	res, err := engine.Info(ctx, client.InfoOptions{})
	if err != nil {
		return failed(ctx, err, "cannot ask the Docker engine about its machine", spec.place(), startEngine)
	}
	pl.suit(ctx, spec, res.Info)
	return nil
}

func (pl *plan) suit(ctx context.Context, spec Spec, info system.Info) {
	s := pl.project.Services[pl.main]
	if info.NCPU > 0 && pl.cpu > float32(info.NCPU) {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: fmt.Sprintf("it may have %g processors, and the machine has %d", pl.cpu, info.NCPU)})
		s.CPUS = 0
	}
	switch {
	case !pl.gpu:
	case hasGPU(info):
		s.Gpus = allGPUs
	default:
		report.Warn(ctx, spec.Name, "", fmt.Sprintf("it asks for a GPU, and the Docker engine has none: it will be slow, or fail; "+
			"install the NVIDIA Container Toolkit, or write gpu = \"off\" for %s under [services] in conduit.toml", spec.Name))
	}
	pl.project.Services[pl.main] = s
}

// hasGPU tells whether the engine says that it can give containers GPUs: by the runtime that the NVIDIA Container Toolkit
// registers, or by devices that it has found itself (engine 28.3 and later).
func hasGPU(info system.Info) bool {
	if _, ok := info.Runtimes["nvidia"]; ok {
		return true
	}
	return slices.ContainsFunc(info.DiscoveredDevices, func(d system.DeviceInfo) bool { return strings.Contains(d.ID, "/gpu=") })
}

// noGPU is the error for a start that failed because the engine has no GPU, or nil.
func noGPU(spec Spec, err error) error {
	text := err.Error()
	if !strings.Contains(text, "could not select device driver") && !strings.Contains(text, "failed to discover GPU vendor") && !strings.Contains(text, "unresolvable CDI devices") {
		return nil
	}
	return &report.Error{Kind: report.Service, What: "service " + spec.Name + " needs a GPU, and the Docker engine has none", Where: spec.place(), Err: err,
		Next: "install the NVIDIA Container Toolkit and restart Docker, or do without: " + spec.setting(`gpu = "off"`)}
}
