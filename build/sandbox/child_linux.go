package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// statusFile is where the child says why it could not become the command.
const statusFile = 3

// init turns the process into the command if it is the second start of a program that uses this package. It has to happen
// before main: whichever program that is, tests included, knows nothing of it.
func init() {
	if len(os.Args) != 2 || os.Args[0] != childName || os.Getpid() != 1 {
		return
	}
	runtime.LockOSThread() // capabilities belong to threads
	unix.CloseOnExec(statusFile)
	err := become(os.Args[1])
	fmt.Fprint(os.NewFile(statusFile, "status"), err)
	os.Exit(1)
}

// become makes the file system, gives up what power the process has in its namespaces, and executes the command.
func become(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	if err := enter(o); err != nil {
		return err
	}
	if err := unix.Chdir(o.Work); err != nil {
		return fmt.Errorf("%s: %w", o.Work, err)
	}
	program, err := exec.LookPath(o.Args[0])
	if err != nil {
		return err
	}
	if err := surrender(); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", program, unix.Exec(program, o.Args, os.Environ()))
}

// system is what of the machine the command may see, where it exists: programs, libraries, compilers, and those files
// under /etc that they need. No home folder, no /run and no /var, in which sockets of other programs lie.
var system = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/passwd", "/etc/group",
	"/etc/nsswitch.conf", "/etc/localtime", "/etc/python3", "/etc/python3.11", "/etc/os-release", "/etc/alpine-release"}

// devices that neither keep nor tell anything.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// base is where the new file system is made before it takes the place of the old one. Any folder does.
const base = "/tmp"

// enter makes the file system that the command sees and leaves the machine's behind.
func enter(o order) error {
	// What is mounted from here on must not reach the machine.
	if err := mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	dir, err := filepath.EvalSymlinks(o.Dir)
	if err != nil {
		return err
	}
	// The folder may lie below base, which is covered next.
	folder, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	readable := map[string]int{}
	for _, path := range o.Readable {
		if readable[path], err = unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := mount("tmpfs", base, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return err
	}
	for _, path := range system {
		if err := show(path, path); err != nil {
			return err
		}
	}
	if err := os.Mkdir(base+"/tmp", 0o777); err != nil {
		return err
	}
	if err := mount("tmpfs", base+"/tmp", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777,size=64m"); err != nil {
		return err
	}
	for path, fd := range readable {
		if err := show(fmt.Sprintf("/proc/self/fd/%d", fd), path); err != nil {
			return err
		}
	}
	for _, path := range devices {
		if err := bind(path, base+path); err != nil {
			return err
		}
	}
	for name, to := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		if err := os.Symlink(to, base+"/dev/"+name); err != nil {
			return err
		}
	}
	if err := showProcesses(); err != nil {
		return err
	}
	if err := bind(fmt.Sprintf("/proc/self/fd/%d", folder), base+Root); err != nil {
		return err
	}
	if err := restrict(base+Root, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV); err != nil {
		return err
	}
	return changeRoot()
}

// changeRoot makes base the root; nothing of the old one can be reached afterwards, nor can the new one be changed.
func changeRoot() error {
	old := base + "/.machine"
	if err := os.Mkdir(old, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(base, old); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Unmount("/.machine", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount: %w", err)
	}
	if err := os.Remove("/.machine"); err != nil {
		return err
	}
	return unix.MountSetattr(unix.AT_FDCWD, "/", 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// show makes a file or folder of the machine visible, read-only and without devices and programs of higher rights. What
// does not exist is left out, and a link stays a link.
func show(from, path string) error {
	info, err := os.Lstat(path)
	if from == path && os.IsNotExist(err) {
		return nil
	}
	if err == nil && from == path && info.Mode()&os.ModeSymlink != 0 {
		to, err := os.Readlink(path)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(to, "/") || covered(to) || !strings.HasPrefix(path, "/etc/") {
			return errorsOf(os.MkdirAll(filepath.Dir(base+path), 0o755), os.Symlink(to, base+path))
		}
	}
	if err := bind(from, base+path); err != nil {
		return err
	}
	return restrict(base+path, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV)
}

// covered reports whether an absolute path lies in a folder that is shown.
func covered(path string) bool {
	for _, folder := range system {
		if strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

func errorsOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// showProcesses mounts the /proc of the new namespace, read-only: some of its files change the whole kernel. A kernel that
// shows a container only a part of /proc refuses; programs that need it then fail by themselves.
func showProcesses() error {
	if err := os.Mkdir(base+"/proc", 0o755); err != nil {
		return err
	}
	if mount("proc", base+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "") != nil {
		return nil
	}
	return restrict(base+"/proc", unix.MOUNT_ATTR_RDONLY)
}

// bind makes from visible at the path to, which is created as what from is.
func bind(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(to, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
		var f *os.File
		if f, err = os.OpenFile(to, os.O_CREATE|os.O_RDONLY, 0o644); err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		return err
	}
	return mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}

func restrict(path string, attributes uint64) error {
	if err := unix.MountSetattr(unix.AT_FDCWD, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: attributes}); err != nil {
		return fmt.Errorf("mount_setattr %s: %w", path, err)
	}
	return nil
}

func mount(from, to, kind string, flags uintptr, data string) error {
	if err := unix.Mount(from, to, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s: %w", strings.TrimPrefix(to, base), err)
	}
	return nil
}

// surrender gives up the capabilities that the process has in its namespaces, for itself and whatever it executes, so that
// it can undo nothing of what was set up.
func surrender() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil && err != unix.EINVAL { // an older kernel knows fewer
			return fmt.Errorf("drop capability %d: %w", capability, err)
		}
	}
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
