package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/MediaConduit/conduit/cache"
)

// fullRounds is how many syncs TestFullDisk makes on a disk that is too small, or seems so.
const fullRounds = 40

// onSmallDisk runs conduit $4… with folder $1 on a disk of size $2 with $3 files, prints its exit code, makes room, and runs verify
// and a sync. Nobody else sees the mount; what the folder holds is on the disk.
const onSmallDisk = `set -e
dir=$1 size=$2 files=$3; shift 3
mount --make-rprivate /
mkdir -p "$dir" "$dir.kept"
mount --bind "$dir" "$dir.kept"
mount -t tmpfs -o size="$size",nr_inodes="$files",mode=755 none "$dir"
cp -a "$dir.kept/." "$dir/"
cd "$PWD"
if "$CONDUIT" "$@"; then echo "exit code 0"; else echo "exit code $?"; fi
mount -o remount,size=100m,nr_inodes=100000 "$dir"
[ -e conduit.lock ] || { cp ../conduit.lock .; echo "no lock"; }
cmp conduit.lock ../conduit.lock
if "$CONDUIT" verify -q --deep; then echo "verify 0"; else echo "verify $?"; fi
"$CONDUIT" sync -q --locked
"$CONDUIT" verify -q --deep
`

// TestFullDisk syncs while the disk of the cache, of the project, of the state or of temporary files has room for some bytes or files and
// not for all, as a seed has it. A sync succeeds, or fails with exit code 1, says which disk is full and what to do; after each,
// verify --deep finds nothing wrong; and with room the same command succeeds. CONDUIT_FULL_SEED chooses other disks.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	git, npm := disturbed(t)
	rnd := rand.New(rand.NewPCG(seedOf(t, "CONDUIT_FULL_SEED", 1), 0))
	m := newMachine(t, git, npm)
	dir := filepath.Dir(m.project)
	tmp := filepath.Join(dir, "tmp")
	m.env = append(m.env, "TMPDIR="+tmp, "CONDUIT="+m.program)
	if err := os.Mkdir(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.conduit("lock"); !ok {
		return
	}
	lock, err := os.ReadFile(filepath.Join(m.project, "conduit.lock"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "conduit.lock"), lock, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	full := 0
	for i := range fullRounds {
		m.cold()
		if err := cache.RemoveAll(filepath.Join(dir, "state")); err != nil {
			t.Fatal(err)
		}
		// Most of a sync's bytes are a few large files: half of the disks are smaller than a tenth of what is needed.
		small := func(least, most float64) int {
			part := rnd.Float64()
			return int(least + part*part*(most-least))
		}
		folder, pages, files, args := m.cache, small(1, 300), 100000, []string{"sync", "--locked"}
		switch rnd.IntN(8) {
		case 0:
			folder, pages = filepath.Join(dir, "state"), small(1, 8)
		case 1:
			folder, pages = tmp, small(1, 8)
		case 2, 3: // what is there already takes two pages, and the new lock takes one
			folder, pages, args = m.project, 1+small(1, 4), []string{"sync"}
		case 4:
			files = small(2, 150)
			pages = 100000
		}
		out, err := m.onSmall(folder, pages, files, args)
		about := fmt.Sprintf("round %d: conduit %s with %s on a disk of %d pages and %d files: %v\n%s", i, strings.Join(args, " "), filepath.Base(folder), pages, files, err, out)
		lines := strings.Split(out, "\n")
		switch {
		case err != nil, !slices.Contains(lines, "verify 0") && !slices.Contains(lines, "verify 3"):
			t.Error(about)
		case slices.Contains(lines, "exit code 0") && slices.Contains(lines, "verify 0"):
		case slices.Contains(lines, "exit code 1") && strings.Contains(out, folder) && strings.Contains(out, "next: ") && strings.Contains(out, "space"):
			full++
		default:
			t.Error(about)
		}
	}
	t.Logf("%d of %d disks were full", full, fullRounds)
	if !t.Failed() && (full < fullRounds/20 || full == fullRounds) {
		t.Error("these disks are none that some syncs fit on and others do not")
	}
}

// onSmall runs onSmallDisk and returns what it prints. A project is without conduit.lock where that is to be written.
func (m *machine) onSmall(folder string, pages, files int, args []string) (string, error) {
	lock := filepath.Join(m.project, "conduit.lock")
	if len(args) == 1 {
		if err := os.Remove(lock); err != nil {
			return "", err
		}
		defer func() { // the project that is not on the small disk has none
			if data, err := os.ReadFile(filepath.Join(filepath.Dir(m.project), "conduit.lock")); err == nil {
				_ = os.WriteFile(lock, data, 0o666) // missed by the next round
			}
		}()
	}
	c := exec.Command("sh", append([]string{"-c", onSmallDisk, "sh", folder, fmt.Sprint(pages * os.Getpagesize()), fmt.Sprint(files)}, args...)...)
	c.Dir, c.Env = m.project, m.env
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 { // as unshare -Urm does
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := c.CombinedOutput()
	_ = os.Remove(folder + ".kept") // empty: the mount is gone
	return string(out), err
}
