package plugin_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// services is an engine with one service "s", whose port changes with every start.
type services struct {
	mu      sync.Mutex
	starts  int
	running bool
	fail    error
}

func newServices() *services { return new(services) }

func (s *services) info() plugin.ServiceInfo {
	info := plugin.ServiceInfo{Name: "s", Host: "127.0.0.1", Status: plugin.ServiceStatus{Health: "none", State: "exited"}}
	if s.running {
		info.Ports = []int{4000 + s.starts}
		info.Status = plugin.ServiceStatus{Running: true, Health: "healthy", State: "running", ContainerID: "c1", Checked: time.UnixMilli(1000)}
	}
	return info
}

func (s *services) Status(context.Context, string) (plugin.ServiceInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info(), nil
}

func (s *services) Start(context.Context, string) (plugin.ServiceInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return plugin.ServiceInfo{}, s.fail
	}
	s.starts++
	s.running = true
	return s.info(), nil
}

func (s *services) Stop(context.Context, string) (plugin.ServiceInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
	return s.info(), nil
}

func (s *services) Restart(ctx context.Context, name string) (plugin.ServiceInfo, error) {
	if _, err := s.Stop(ctx, name); err != nil {
		return plugin.ServiceInfo{}, err
	}
	return s.Start(ctx, name)
}

// TestServices has a provider of the AbstractDockerProvider kind ask for its service in code, start, restart and stop it.
func TestServices(t *testing.T) {
	s, log := spec(t, "service")
	engine := newServices()
	known := plugin.ServiceInfo{Name: "s", Host: "127.0.0.1"}
	s.Services = map[string]plugin.ServiceInfo{"s": known, "github:MediaConduit/echo-service": known}
	p := start(t, s, engine)
	if !log.has("info", "service is on port 4001") {
		t.Error("it was not ready when Start returned")
	}
	for model, want := range map[string]string{
		"port":   "port 4001",
		"status": `{"running":true,"health":"healthy","state":"running","containerId":"c1","lastCheck":"1970-01-01T00:00:01.000Z"}`,
	} {
		if got := text(t, p, model); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	if got := text(t, p, "restart"); got != "port 4002" {
		t.Errorf("after a restart: %s", got)
	}
	if got := text(t, p, "stop"); got != "stopped true" || engine.running {
		t.Errorf("stop: %s, running %v", got, engine.running)
	}
	engine.fail = &report.Error{Kind: report.Service, What: "service s does not get healthy", Next: "conduit logs s"}
	_, err := call(t, p, "restart")
	wantError(t, err, report.Service, "provider service: its model failed: service s does not get healthy", "next: conduit logs s")
}

func TestServiceThatIsNotLocked(t *testing.T) {
	s, _ := spec(t, "service")
	_, err := plugin.Start(patient(t), s, newServices())
	wantError(t, err, report.Service, "service asks for the service https://github.com/MediaConduit/echo-service, which is not in this project's lock",
		"next: conduit get https://github.com/MediaConduit/echo-service")
	noProcess(t, s)
}

// TestServiceToldInConfigure has a provider whose models are known only after configure(), and told only by capability.
func TestServiceToldInConfigure(t *testing.T) {
	s, log := spec(t, "unlisted")
	s.Services = map[string]plugin.ServiceInfo{"s": {Name: "s", Host: "127.0.0.1", Ports: []int{4001}}}
	s.Default = "s"
	p := start(t, s, newServices())
	models, err := p.Models(patient(t))
	if err != nil || len(models) != 1 || models[0].ID != "on-4001" || len(models[0].Capabilities) != 1 || models[0].Capabilities[0] != "text-to-text" {
		t.Errorf("%+v, %v", models, err)
	}
	if got := text(t, p, "on-4001"); got != "on-4001" {
		t.Error(got)
	}
	eventually(t, func() bool { return log.has("warn", "configure() without settings: Error: no settings") })
	s, _ = spec(t, "unlisted")
	s.Config = map[string]any{"strict": true}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "too strict")
}
