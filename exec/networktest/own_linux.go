package networktest

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ownNetwork says that a process was started by [Own].
const ownNetwork = "CONDUIT_TEST_OWN_NETWORK"

// Inside reports whether this process has a network of its own.
func Inside() bool { return os.Getenv(ownNetwork) != "" }

// Own runs the test again in a process that has a network of its own, with a loopback interface and nothing else, and
// reports whether this is that process. Where it is not, the test has been run, and failed if that run did; it has to
// return. It takes root.
func Own(t *testing.T) bool {
	t.Helper()
	if Inside() {
		startLoopback(t)
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v")
	cmd.Env = append(os.Environ(), ownNetwork+"=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// startLoopback starts the loopback interface, which is down in a new network.
func startLoopback(t *testing.T) {
	t.Helper()
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}
