package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The targets.
const (
	memoryMost = 60 << 20 // bytes of resident memory, at its highest
	busyMost   = 0.01     // of one core
)

const services = 100

func main() {
	program := flag.String("conduit", "bin/conduit", "the conduit to measure")
	idle := flag.Duration("idle", time.Minute, "for how long its processor time is counted")
	flag.Int("runs", 7, "not used: one run is long enough")
	flag.Bool("keep", false, "not used: nothing is kept")
	flag.Parse()
	var err error
	if port := os.Getenv("PORT"); port != "" { // one of the services
		err = http.ListenAndServe(net.JoinHostPort("127.0.0.1", port), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	} else {
		err = bench(*program, *idle)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hundred:", err)
		os.Exit(1)
	}
}

// project writes a project of local processes, all of them this program.
func project(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	toml := "conduit = \"0.1\"\n[services]\n"
	for i := range services {
		folder := filepath.Join(dir, fmt.Sprintf("s%d", i))
		about := fmt.Sprintf("id: s%d\nhealthCheck: {url: \"http://localhost:__PORT__/\"}\nprocess: {command: [./server]}\n", i)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "MediaConduit.service.yml"), []byte(about), 0o644); err != nil {
			return err
		}
		data, err := os.ReadFile(self)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "server"), data, 0o755); err != nil {
			return err
		}
		toml += fmt.Sprintf("s%d = \"file:./s%d\"\n", i, i)
	}
	return os.WriteFile(filepath.Join(dir, "conduit.toml"), []byte(toml), 0o644)
}

func bench(program string, idle time.Duration) (err error) {
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "conduit-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := project(dir); err != nil {
		return err
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.Command(program, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "CONDUIT_CACHE="+filepath.Join(dir, "cache"), "CONDUIT_STATE="+filepath.Join(dir, "state"),
			"DOCKER_HOST=unix://"+filepath.Join(dir, "no-engine.sock"))
		return c
	}
	if out, err := command("sync").CombinedOutput(); err != nil {
		return fmt.Errorf("conduit sync: %w\n%s", err, out)
	}
	up := command("up", "--hold", "--quiet")
	if err := up.Start(); err != nil {
		return err
	}
	defer func() {
		_ = up.Process.Signal(syscall.SIGTERM)
		err = errors.Join(err, up.Wait())
	}()
	took, err := ready(command)
	if err != nil {
		return err
	}
	before, err := ticks(up.Process.Pid)
	if err != nil {
		return err
	}
	time.Sleep(idle)
	after, err := ticks(up.Process.Pid)
	if err != nil {
		return err
	}
	memory, err := peak(up.Process.Pid)
	if err != nil {
		return err
	}
	busy := float64(after-before) / 100 / idle.Seconds() // USER_HZ is 100 (proc_pid_stat(5))
	verdict := "ok"
	if memory > memoryMost || busy > busyMost {
		verdict, err = "MISSED", errors.New("a target was missed")
	}
	fmt.Printf("%d processes under one conduit: %.1f MB (target: %d), %.2f %% of a core while idle (target: %.0f); ps takes %s  %s\n",
		services, float64(memory)/(1<<20), memoryMost>>20, busy*100, busyMost*100, took.Round(time.Millisecond), verdict)
	return err
}

// ready waits until all services are healthy, and returns how long the last ps took.
func ready(command func(...string) *exec.Cmd) (time.Duration, error) {
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		began := time.Now()
		out, err := command("ps", "--json", "--progress", "none").Output()
		took := time.Since(began)
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		var list struct {
			Result []struct{ Health, State string }
		}
		if err == nil {
			err = json.Unmarshal([]byte(lines[len(lines)-1]), &list)
		}
		healthy := 0
		for _, s := range list.Result {
			if s.Health == "healthy" && s.State == "running" {
				healthy++
			}
		}
		if healthy == services {
			return took, nil
		}
		if time.Now().After(end) {
			return 0, fmt.Errorf("%d services became healthy, not %d (%w)", healthy, services, err)
		}
	}
}

// ticks is the processor time of a process, in hundredths of a second.
func ticks(pid int) (int, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has too few fields")
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return user + system, err
}

// peak is the most memory that a process has had resident, bytes.
func peak(pid int) (int, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	var kib int
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0, err
	}
	return kib << 10, nil
}
