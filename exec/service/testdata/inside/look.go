//go:build linux

package main

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// view is what a process sees of its container. Where the first process of the container may differ from the one that looks,
// the first one's is shown.
type view struct {
	Hostname, Domain, Cwd string
	Args                  []string // of the first process
	First                 string   // name of the process with ID 1
	Env                   []string
	UID, GID              int
	Groups                []int
	Files                 map[string]file
	Shm                   uint64 // bytes of /dev/shm
	Writable              bool   // the root folder
	Stdin                 string // what standard input leads to
	Namespaces            map[string]string
	Interfaces            []string // "eth0 mtu 1500 addr 172.17.0.2/16"
	Addresses             map[string][]string
}

// file is one file or folder.
type file struct {
	Mode, Error, Text string
	UID, GID          uint32
}

// read are the files whose text is told, as far as they exist.
var read = []string{
	"/proc/self/mountinfo", "/proc/self/status", "/proc/1/oom_score_adj", "/proc/self/cgroup", "/etc/hosts", "/etc/resolv.conf",
	"/proc/sys/net/core/somaxconn", "/built.json",
	"/run/secrets/*", "/inline.conf", "/plain.conf", "/valued", "/owned.conf", "/data/*", "/scratch/*", "/package/*", "/image/*", "/ram", "/proc/1/limits",
	// version 1 and version 2 of control groups
	"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.soft_limit_in_bytes",
	"/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "/sys/fs/cgroup/memory/memory.swappiness",
	"/sys/fs/cgroup/cpu/cpu.shares", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
	"/sys/fs/cgroup/cpuset/cpuset.cpus", "/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/blkio/blkio.throttle.*_device",
	"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.low", "/sys/fs/cgroup/memory.swap.max", "/sys/fs/cgroup/cpu.weight",
	"/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpuset.cpus", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/io.max",
}

func look() view {
	v := view{
		Env: os.Environ(), UID: os.Getuid(), GID: os.Getgid(), Files: map[string]file{}, Addresses: map[string][]string{},
		Namespaces: map[string]string{},
	}
	v.Hostname, _ = os.Hostname()
	var uts syscall.Utsname
	must(syscall.Uname(&uts))
	for _, c := range uts.Domainname {
		if c == 0 {
			break
		}
		v.Domain += string(rune(c))
	}
	v.Cwd, _ = os.Getwd()
	v.Groups, _ = os.Getgroups()
	v.Args = strings.Split(strings.Trim(text("/proc/1/cmdline"), "\x00"), "\x00")
	v.First = strings.TrimSpace(text("/proc/1/comm"))
	for _, pattern := range read {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			v.Files[path] = stat(path)
		}
	}
	var shm syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &shm) == nil {
		v.Shm = shm.Blocks * uint64(shm.Bsize)
	}
	if err := os.WriteFile("/probe", nil, 0o600); err == nil {
		v.Writable = os.Remove("/probe") == nil
	}
	v.Stdin, _ = os.Readlink("/proc/1/fd/0")
	for _, name := range []string{"ipc", "net", "pid"} {
		v.Namespaces[name], _ = os.Readlink("/proc/self/ns/" + name)
	}
	faces, _ := net.Interfaces()
	for _, f := range faces {
		addrs, _ := f.Addrs()
		line := f.Name + " mtu " + strconv.Itoa(f.MTU)
		for _, a := range addrs {
			line += " addr " + a.String()
		}
		v.Interfaces = append(v.Interfaces, line)
	}
	for _, name := range strings.Fields(os.Getenv("LOOKUP")) {
		v.Addresses[name], _ = net.LookupHost(name)
	}
	return v
}

func stat(path string) file {
	var f file
	info, err := os.Stat(path)
	if err != nil {
		return file{Error: err.Error()}
	}
	f.Mode = info.Mode().String()
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		f.UID, f.GID = s.Uid, s.Gid
	}
	if info.Mode()&fs.ModeDir == 0 {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Error = err.Error()
		}
		f.Text = string(data)
	}
	return f
}

func text(path string) string {
	data, _ := os.ReadFile(path)
	return string(data)
}
