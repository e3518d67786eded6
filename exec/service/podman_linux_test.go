package service

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/networktest"
)

// TestPodman holds Podman to the contract of an engine, through its socket that is compatible with Docker's.
func TestPodman(t *testing.T) {
	program, err := exec.LookPath("podman")
	if err != nil || os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatalf("no podman that can run containers, as user %d: %v", os.Getuid(), err)
		}
		t.Skip("podman is missing, or only root may set it up")
	}
	if !networktest.Own(t) {
		return
	}
	startPodman(t, program)
	spec := pack(t, nil)
	if err := manager(t, Docker, spec).Prepare(context.Background(), spec); err != nil { // one build for most of them
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, string){
		"life": testLife, "side by side": testSideBySide, "unhealthy": testUnhealthy, "exits": testExits,
		"fixed port": testFixedPort, "environment": testEnvironment, "interrupted": testInterrupted,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, Docker) })
	}
}

// startPodman starts Podman's service with folders of the test's own, and has this process use it as its engine.
func startPodman(t *testing.T, program string) {
	t.Helper()
	// Not t.TempDir, whose long names are too long for a socket.
	dir, err := os.MkdirTemp("", "conduit-podman")
	if err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	// Podman's own limits are above what a container on a test machine may ask for. Without systemd there is no journal and
	// nobody who makes cgroups. crun, its usual runtime, refuses kernels that have controllers in both hierarchies of control groups;
	// Docker's does not.
	conf := fmt.Sprintf("[containers]\ndefault_ulimits = [\"nofile=%[1]d:%[1]d\", \"nproc=4096:4096\"]\n[engine]\ncgroup_manager = \"cgroupfs\"\nruntime = \"runc\"\nevents_logger = \"file\"\n[network]\nnetwork_config_dir = %[2]q\n",
		limit.Max, filepath.Join(dir, "networks"))
	if err := os.WriteFile(filepath.Join(dir, "containers.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	socket := "unix://" + filepath.Join(dir, "podman.sock")
	cmd := exec.Command(program, "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs", "system", "service", "--time=0", socket)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+filepath.Join(dir, "containers.conf"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("DOCKER_HOST", socket)
	d := &dockerDriver{}
	defer d.close()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := d.Ping(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("%v\n%s", err, text)
		}
	}
}
