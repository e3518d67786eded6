package service

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening is the state of a socket that listens, in /proc/net/tcp (proc(5)).
const listening = "0A"

// listener is the process that listens on the port: the sockets of the machine are in /proc/net/tcp with their inodes, and
// a process that has one open links to it in /proc/PID/fd. Those of other users are seen by root only.
func listener(port int) Occupant {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		addSockets(sockets, table, port)
	}
	if len(sockets) == 0 {
		return Occupant{}
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return Occupant{}
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err != nil || !sockets[to] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		line, err := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
		if err != nil {
			continue
		}
		command := oneLine(plain(strings.ReplaceAll(string(line), "\x00", " ")))
		return Occupant{Who: fmt.Sprintf("process %s (%s)", pid, command), Free: "kill " + pid}
	}
	return Occupant{}
}

// addSockets adds the names that /proc/PID/fd has for the sockets of a table that listen on the port.
func addSockets(to map[string]bool, table string, port int) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != listening {
			continue
		}
		at := strings.LastIndexByte(fields[1], ':')
		if n, err := strconv.ParseUint(fields[1][at+1:], 16, 16); err == nil && int(n) == port {
			to["socket:["+fields[9]+"]"] = true
		}
	}
}
