package landlock

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The versions of the kernel's interface that brought something.
const (
	abiRefer   = 2
	abiTrunc   = 3
	abiPorts   = 4
	abiDevices = 5
	abiScopes  = 6
)

// version is that of the kernel's interface, 0 for none.
var version = sync.OnceValue(func() int {
	v, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return v
})

// Supported tells what the kernel enforces.
func Supported() Support {
	v := version()
	return Support{Version: v, Files: v > 0, Truncate: v >= abiTrunc, Ports: v >= abiPorts, Devices: v >= abiDevices, Signals: v >= abiScopes}
}

// What the kernel calls the kinds of access. Device files cannot be made at all.
const (
	readRights  = ll.AccessFSReadFile | ll.AccessFSReadDir
	writeRights = ll.AccessFSWriteFile | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeDir | ll.AccessFSMakeReg |
		ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSMakeSym | ll.AccessFSRefer | ll.AccessFSTruncate
	// fileRights are those that a rule for a file may have.
	fileRights = ll.AccessFSExecute | ll.AccessFSWriteFile | ll.AccessFSReadFile | ll.AccessFSTruncate | ll.AccessFSIoctlDev
)

// handled are the rights over files that the kernel knows; those without a rule are refused.
func handled(version int) uint64 {
	all := uint64(ll.AccessFSRefer - 1)
	for _, later := range []struct {
		since int
		right uint64
	}{{abiRefer, ll.AccessFSRefer}, {abiTrunc, ll.AccessFSTruncate}, {abiDevices, ll.AccessFSIoctlDev}} {
		if version >= later.since {
			all |= later.right
		}
	}
	return all
}

// rights are those of an access.
func (a Access) rights() (out uint64) {
	for _, each := range []struct {
		access Access
		rights uint64
	}{{Read, readRights}, {Run, ll.AccessFSExecute}, {Write, writeRights}, {Device, ll.AccessFSIoctlDev}} {
		if a&each.access != 0 {
			out |= each.rights
		}
	}
	return out
}

// ruleset makes the kernel's form of the rules. The caller closes it.
func (r Rules) ruleset() (int, error) {
	v := version()
	if v == 0 {
		return -1, errors.ErrUnsupported
	}
	attr := ll.RulesetAttr{HandledAccessFS: handled(v)}
	if v >= abiScopes {
		attr.Scoped = ll.ScopeAbstractUnixSocket | ll.ScopeSignal
	}
	if r.Ports != nil && v >= abiPorts {
		attr.HandledAccessNet = ll.AccessNetBindTCP | ll.AccessNetConnectTCP
	}
	set, err := ll.LandlockCreateRuleset(&attr, 0)
	if err != nil {
		return -1, fmt.Errorf("landlock_create_ruleset: %w", err)
	}
	for i, rules := range [][]Rule{r.Files, r.Fixed} {
		open := []func(string) (int, error){openAny, openFixed}[i]
		for _, rule := range rules {
			if err := allow(set, rule, attr.HandledAccessFS, open); err != nil {
				_ = unix.Close(set)
				return -1, fmt.Errorf("landlock_add_rule: %s: %w", rule.Path, err)
			}
		}
	}
	for _, port := range r.Ports {
		if attr.HandledAccessNet == 0 {
			break
		}
		if err := ll.LandlockAddNetPortRule(set, &ll.NetPortAttr{AllowedAccess: ll.AccessNetConnectTCP, Port: uint64(port)}, 0); err != nil {
			_ = unix.Close(set)
			return -1, fmt.Errorf("landlock_add_rule: port %d: %w", port, err)
		}
	}
	return set, nil
}

// allow adds one rule.
func allow(set int, rule Rule, known uint64, open func(path string) (int, error)) error {
	fd, err := open(rule.Path)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EACCES), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return nil // whoever may not go there now may not go there later
	case err != nil:
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	rights := rule.Access.rights() & known
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= fileRights
	}
	if rights == 0 {
		return nil
	}
	return ll.LandlockAddPathBeneathRule(set, &ll.PathBeneathAttr{AllowedAccess: rights, ParentFd: fd}, 0)
}

// openAny opens what a path leads to.
func openAny(path string) (int, error) { return unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0) }

// openFixed opens a path part by part, and follows no symbolic link. openat2 could do it at once, and is refused in many containers.
func openFixed(path string) (int, error) {
	const flags = unix.O_PATH | unix.O_CLOEXEC | unix.O_NOFOLLOW
	at, err := unix.Open("/", flags|unix.O_DIRECTORY, 0)
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if err != nil {
			return -1, err
		}
		next, nextErr := unix.Openat(at, part, flags, 0)
		_ = unix.Close(at)
		at, err = next, nextErr
	}
	if err != nil {
		return -1, err
	}
	var stat unix.Stat_t
	if err = unix.Fstat(at, &stat); err == nil && stat.Mode&unix.S_IFMT == unix.S_IFLNK {
		err = unix.ELOOP
	}
	if err != nil {
		_ = unix.Close(at)
		return -1, err
	}
	return at, nil
}

// Start is cmd.Start, for a program that is held to the rules. Where the kernel has no Landlock, the error is [errors.ErrUnsupported];
// any error means that nothing was started. cmd.SysProcAttr must not ask for a signal at the parent's death: the thread that
// counts as the parent does not outlive Start.
func (r Rules) Start(cmd *exec.Cmd) error {
	set, err := r.ruleset()
	if err != nil {
		return err
	}
	defer unix.Close(set)
	// Package os tries once which system calls work here; it must not do so from a thread that may not do much.
	_, _ = os.FindProcess(os.Getpid())
	thread, err := onThread(func() error {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs: %w", err)
		}
		if err := ll.LandlockRestrictSelf(set, 0); err != nil {
			return fmt.Errorf("landlock_restrict_self: %w", err)
		}
		if err := dropCapabilities(); err != nil {
			return fmt.Errorf("capset: %w", err)
		}
		return cmd.Start()
	})
	if err != nil {
		return err
	}
	if !ended(thread) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return errors.New("the thread that started it does not end")
	}
	return nil
}

// kept are the capabilities that a program of root may keep: over files that it reaches, over its own users and processes, and
// low ports. Others are a way around: with CAP_PERFMON, for one, the kernel shows every process's variables to a program that
// Landlock keeps from looking into any.
const kept = uint64(1<<unix.CAP_CHOWN | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_FOWNER | 1<<unix.CAP_FSETID | 1<<unix.CAP_KILL | 1<<unix.CAP_SETGID |
	1<<unix.CAP_SETUID | 1<<unix.CAP_NET_BIND_SERVICE | 1<<unix.CAP_NET_RAW | 1<<unix.CAP_SYS_CHROOT)

// dropCapabilities takes from the thread all capabilities but those that are kept. After no_new_privs, a program of root gets none back.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return err
	}
	for i := range sets {
		mask := uint32(kept >> (32 * i))
		sets[i].Effective &= mask
		sets[i].Permitted &= mask
		sets[i].Inheritable &= mask
	}
	return unix.Capset(&header, &sets[0])
}

// onThread calls f on a thread that does nothing else before or after. It returns when f does; the thread ends soon after.
func onThread(f func() error) (thread int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: so Go ends the thread with the goroutine
		thread = unix.Gettid()
		if thread != os.Getpid() {
			err = f()
			return
		}
		// Go never ends the main thread: it keeps out of the way while another one is taken.
		defer runtime.UnlockOSThread()
		thread, err = onThread(f)
	}()
	<-done
	return thread, err
}

// ended waits for the end of a thread of this process, which takes microseconds: less than the shortest sleep.
func ended(thread int) bool {
	const spins = 500
	end := time.Now().Add(time.Minute)
	for i := 0; time.Now().Before(end); i++ {
		if unix.Tgkill(os.Getpid(), thread, 0) == unix.ESRCH {
			return true
		}
		if i < spins {
			runtime.Gosched()
		} else {
			time.Sleep(time.Millisecond)
		}
	}
	return false
}
