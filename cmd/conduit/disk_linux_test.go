package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() { commands["fulldisk"] = fullDisk }

// onDisk syncs with a cache on a disk of $1, which fails or not, and again when there is room. Nobody else sees the mount.
const onDisk = `set -e
mount --make-rprivate /
mkdir "$CONDUIT_CACHE"
mount -t tmpfs -o size="$1",mode=755 none "$CONDUIT_CACHE"
if conduit sync --locked; then echo enough; else echo "exit code $?"; fi
mount -o remount,size=100m "$CONDUIT_CACHE"
conduit sync -q --locked
conduit verify -q --deep
`

// fulldisk SIZE... syncs with an empty cache on a disk of each size. It succeeds, or fails for want of room, and says what to
// do about it; where there is room later, the same command succeeds and nothing in the cache is damaged.
func fullDisk(ts *testscript.TestScript, _ bool, sizes []string) {
	shell, err := exec.LookPath("sh")
	ts.Check(err)
	cache := filepath.Join(ts.Getenv("WORK"), "disk")
	full := 0
	for _, size := range sizes {
		c := exec.Command(shell, "-c", onDisk, "sh", size)
		c.Dir, c.Env = ts.MkAbs("."), append(environment(ts), "CONDUIT_CACHE="+cache)
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
		if os.Getuid() != 0 { // as unshare -Urm does
			c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		out, err := c.CombinedOutput()
		text := string(out)
		switch {
		case err != nil:
			ts.Fatalf("a disk of %s: %v\n%s", size, err, text)
		case strings.Contains(text, "enough\n"):
		case strings.Contains(text, "exit code 1\n") && strings.Contains(text, "the disk that holds the cache is full") && strings.Contains(text, "next: free some space"):
			full++
		default:
			ts.Fatalf("a disk of %s:\n%s", size, text)
		}
		ts.Check(os.Remove(cache)) // empty: the mount is gone
	}
	if full == 0 {
		ts.Fatalf("none of these disks is full: %v", sizes)
	}
}
