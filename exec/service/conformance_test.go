package service

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// TestConformance holds both drivers to one contract.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			for name, test := range map[string]func(*testing.T, string){
				"life": testLife, "side by side": testSideBySide, "unhealthy": testUnhealthy, "exits": testExits,
				"fixed port": testFixedPort, "at once": testAtOnce, "environment": testEnvironment, "killed": testKilled,
				"interrupted": testInterrupted, "no endpoint": testNoEndpoint,
			} {
				t.Run(name, func(t *testing.T) { t.Parallel(); test(t, driver) })
			}
		})
	}
}

func testLife(t *testing.T, driver string) {
	ctx := context.Background()
	spec := pack(t, nil)
	m := manager(t, driver, spec)
	if ok, err := m.Prepared(ctx, spec); err != nil || ok != (driver == Process) && !ok {
		t.Fatal(ok, err)
	}
	s := up(t, m, spec)
	if s.Name != "app" || s.Project != spec.Project || s.Version != "v1.0.0" || s.Driver != driver || s.ServiceDirectory != spec.Dir || s.Started.IsZero() {
		t.Errorf("status %+v", s)
	}
	if s.HealthCheckURL != s.Address()+"/health" {
		t.Errorf("health is asked at %s", s.HealthCheckURL)
	}
	if ok, err := m.Prepared(ctx, spec); !ok || err != nil {
		t.Error(ok, err)
	}

	again := up(t, m, spec)
	if again.ID != s.ID || again.Address() != s.Address() {
		t.Errorf("a running service was not adopted: %+v, then %+v", s, again)
	}
	list, err := m.List(ctx, spec.Project)
	if err != nil || len(list) != 1 || list[0].ID != s.ID || list[0].Health != Healthy || list[0].Ports[0] != s.Ports[0] {
		t.Errorf("list %+v %v", list, err)
	}
	log := logOf(t, m, spec, 0)
	for _, line := range []string{"hello on standard output", "hello on standard error"} {
		if !strings.Contains(log, line+"\n") {
			t.Errorf("the log has no %q:\n%s", line, log)
		}
	}
	if tail := logOf(t, m, spec, 1); strings.Count(tail, "\n") != 1 {
		t.Errorf("tail 1:\n%s", tail)
	}

	restarted, err := m.Restart(ctx, spec)
	if err != nil || restarted.Health != Healthy || !restarted.Started.After(s.Started) {
		t.Errorf("restart %+v %v", restarted, err)
	}
	get(t, restarted.Address()+"/health")

	spec.Env = map[string]string{"CHANGED": "yes"}
	changed := up(t, m, spec)
	if changed.ID == restarted.ID || !strings.Contains(strings.Join(environ(t, changed), "\n"), "CHANGED=yes") {
		t.Error("a service of another configuration was adopted")
	}

	if err := m.Down(ctx, spec.Project, []string{"other"}); err != nil {
		t.Error(err)
	}
	get(t, changed.Address()+"/health")
	for range 2 {
		if err := m.Down(ctx, spec.Project, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(changed.Address(), "http://")); err == nil {
		t.Error("it still listens after down")
	}
	if list, err := m.List(ctx, spec.Project); err != nil || len(list) > 0 {
		t.Errorf("list after down: %+v %v", list, err)
	}
	err = m.Logs(ctx, spec.Project, spec.Name, LogOptions{}, func(string) {})
	wantError(t, err, report.Service, "service app is not running", "conduit ps")
}

func logOf(t *testing.T, d Driver, spec Spec, tail int) string {
	t.Helper()
	var b strings.Builder
	if err := d.Logs(context.Background(), spec.Project, spec.Name, LogOptions{Tail: tail}, func(l string) { b.WriteString(l + "\n") }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// testSideBySide runs one package in two projects, and two lines of it in one of them.
func testSideBySide(t *testing.T, driver string) {
	first := pack(t, nil)
	second, line := first, first
	second.Project = ProjectID(t.TempDir())
	line.Name, line.Version = "app-v2", "v2.0.0"
	m := manager(t, driver, first, second)
	seen := map[string]bool{}
	for _, spec := range []Spec{first, second, line} {
		s := up(t, m, spec)
		if seen[s.ID] || seen[s.Address()] {
			t.Errorf("%s of %s is not an instance of its own: %+v", spec.Name, spec.Project, s)
		}
		seen[s.ID], seen[s.Address()] = true, true
	}
	for _, spec := range []Spec{first, second, line} {
		get(t, up(t, m, spec).Address()+"/health")
	}
	if err := m.Down(context.Background(), first.Project, []string{"app"}); err != nil {
		t.Fatal(err)
	}
	list, err := m.List(context.Background(), first.Project)
	if err != nil || len(list) != 1 || list[0].Name != "app-v2" || list[0].Health != Healthy {
		t.Errorf("list %+v %v", list, err)
	}
	if list, err = m.List(context.Background(), second.Project); err != nil || len(list) != 1 {
		t.Errorf("list %+v %v", list, err)
	}
}

func testUnhealthy(t *testing.T, driver string) {
	spec := pack(t, nil)
	spec.Env = map[string]string{"UNHEALTHY": "the model is not loaded"}
	spec.Service.Health = manifest.Health{Path: "/health", Interval: "300ms", Timeout: "5s", Retries: 1}
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	_, err := m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "service app did not become healthy", "503", "the model is not loaded", "hello on standard error", "next: conduit logs app")
	list, err := m.List(context.Background(), spec.Project)
	if err != nil || len(list) != 1 || !list[0].Running || list[0].Health == Healthy {
		t.Errorf("list %+v %v", list, err)
	}
}

func testExits(t *testing.T, driver string) {
	spec := pack(t, nil)
	spec.Env = map[string]string{"EXIT": "no such model"}
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	_, err := m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "did not become healthy", "no such model")
	list, err := m.List(context.Background(), spec.Project)
	if err != nil || len(list) != 1 || list[0].Running || list[0].State != "exited" {
		t.Errorf("list %+v %v", list, err)
	}
}

// listenLow listens on a port that neither systems give to connections nor conduit holds: when it is closed, the port stays free.
func listenLow(t *testing.T) net.Listener {
	t.Helper()
	for {
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000)))
		if err == nil {
			return l
		}
	}
}

func testFixedPort(t *testing.T, driver string) {
	spec := pack(t, nil)
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	l := listenLow(t)
	spec.Port = l.Addr().(*net.TCPAddr).Port
	_, err := m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "cannot have port "+strconv.Itoa(spec.Port), "remove port = ")
	l.Close()
	if s := up(t, m, spec); s.Ports[0].Host != spec.Port {
		t.Errorf("it listens on %+v, not on %d", s.Ports, spec.Port)
	}
}

// testAtOnce starts one service from several managers, as several processes do, at the same time.
func testAtOnce(t *testing.T, driver string) {
	spec := pack(t, nil)
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	const n = 4
	ids := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			other, err := New(Options{Driver: driver, State: m.process.state})
			if err != nil {
				t.Error(err)
				return
			}
			defer other.Close()
			s, err := other.Up(context.Background(), spec)
			if err != nil {
				t.Error(err)
			}
			ids[i] = s.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("more than one instance was started: %v", ids)
		}
	}
}

// testEnvironment sees nothing of the secret that [TestMain] gives this process.
func testEnvironment(t *testing.T, driver string) {
	spec := pack(t, map[string]string{"docker-compose.yml": plainCompose + "    environment:\n      LEAK: \"${MY_SECRET_TOKEN}\"\n      GIVEN: \"${GIVEN}\"\n      MY_SECRET_TOKEN:\n"})
	spec.Service.Environment = map[string]string{"DECLARED": "by the package", "BOTH": "package"}
	spec.Hint.Environment = map[string]string{"HINT": "by the provider"}
	spec.Env = map[string]string{"GIVEN": "by the user", "BOTH": "user"}
	m := manager(t, driver, spec)
	env := strings.Join(environ(t, up(t, m, spec)), "\n")
	if strings.Contains(env, "hunter2") || driver == Docker && !strings.Contains(env+"\n", "LEAK=\n") {
		t.Errorf("the user's environment leaked:\n%s", env)
	}
	for _, want := range []string{"DECLARED=by the package", "HINT=by the provider", "GIVEN=by the user", "BOTH=user"} {
		if !strings.Contains(env, want) {
			t.Errorf("no %s in\n%s", want, env)
		}
	}
}

func testInterrupted(t *testing.T, driver string) {
	spec := pack(t, nil)
	spec.Env = map[string]string{"UNHEALTHY": "yes"}
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(500*time.Millisecond, cancel)
	_, err := m.Up(ctx, spec)
	wantError(t, err, report.Interrupted, "conduit down")
}

// testNoEndpoint has nothing but a port to probe.
func testNoEndpoint(t *testing.T, driver string) {
	spec := pack(t, nil)
	spec.Service.Health = manifest.Health{}
	m := manager(t, driver, spec)
	if s := up(t, m, spec); s.HealthCheckURL != "" {
		t.Errorf("status %+v", s)
	}
}
