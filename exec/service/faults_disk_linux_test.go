package service

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/MediaConduit/conduit/report"
)

// diskVariable makes the test binary a second process, with mounts of its own, that works with a full state folder.
const diskVariable = "SERVICE_TEST_DISK"

// TestDiskFull fills the file system of the state folder. What runs goes on running, is seen and can be taken down; nothing
// is started that could not be stopped again, and the error says where to make room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			spec := pack(t, nil)
			other := spec
			other.Name = "other"
			m := manager(t, driver, spec)
			if err := m.Prepare(context.Background(), spec); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(errand{Options: Options{Driver: driver, State: filepath.Join(t.TempDir(), "state"), Timeout: time.Minute}, Spec: spec})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFullHelper$", "-test.v")
			cmd.Env = append(os.Environ(), diskVariable+"="+string(data))
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
			if os.Getuid() != 0 { // as unshare -Urm does
				cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
				cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
				cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
			}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			// The engine has no more and no less: the manager's cleanup says so.
		})
	}
}

// TestDiskFullHelper is what [TestDiskFull] runs in a process of its own; alone, it has nothing to do.
func TestDiskFullHelper(t *testing.T) {
	text := os.Getenv(diskVariable)
	if text == "" {
		return
	}
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	// Nobody else shall see the mount, which ends with this process.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(e.Options.State, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", e.Options.State, "tmpfs", 0, "size=256k,nr_inodes=200,mode=0700"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	m, err := New(e.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	spec, other := e.Spec, e.Spec
	other.Name = "other"
	s := up(t, m, spec)
	fill(t, e.Options.State)

	_, err = m.Up(ctx, other)
	wantError(t, err, report.Failure, "no space left on device", "make room", "CONDUIT_STATE")
	if s.Driver == Docker {
		if all := containers(t, m, spec.Project); len(all) != 1 || all[0].ID != s.ID || all[0].State != container.StateRunning {
			t.Errorf("%+v", all)
		}
	} else if left := m.process.instance(spec.Project, "other").members(); len(left) > 0 {
		t.Errorf("processes that nobody will find: %v", left)
	}
	m.Note(spec.Project, spec.Name, "cannot be remembered, which is no error")
	if list, err := m.List(ctx, spec.Project); err != nil || len(list) != 1 || list[0].Health != Healthy {
		t.Errorf("%+v %v", list, err)
	}
	if again := up(t, m, spec); again.ID != s.ID {
		t.Errorf("not adopted: %+v", again)
	}
	nothingAfterDown(t, m, spec)
	// With room again, as the error asked for.
	if err := os.RemoveAll(filepath.Join(e.Options.State, "filler")); err != nil {
		t.Fatal(err)
	}
	up(t, m, other)
	nothingAfterDown(t, m, other)
}

// fill leaves no byte and no file free.
func fill(t *testing.T, dir string) {
	t.Helper()
	err := os.Mkdir(filepath.Join(dir, "filler"), 0o700)
	for i := 0; err == nil; i++ {
		err = os.WriteFile(filepath.Join(dir, "filler", strconv.Itoa(i)), make([]byte, 4096*(i%3)), 0o600)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		err := os.WriteFile(filepath.Join(dir, "filler", "empty"+strconv.Itoa(i)), nil, 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
