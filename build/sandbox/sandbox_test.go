//go:build linux

package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inside runs a shell script and returns its output.
func inside(t *testing.T, ctx context.Context, dir, script string, readable ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Run(ctx, Command{Dir: dir, Work: Root, Args: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin", "A=b"}, Readable: readable, Output: &out})
	return out.String(), err
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	shown := filepath.Join(t.TempDir(), "shown")
	for _, name := range []string{secret, shown} {
		if err := os.WriteFile(name, []byte("s"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := inside(t, t.Context(), dir, `pwd; env | sort; id -u; echo made > made; echo t > /tmp/t; cat /tmp/t; echo x > /dev/null; cat `+shown, shown)
	if err != nil || out != "/build\nA=b\nPATH=/usr/bin:/bin\nPWD=/build\n0\nt\ns" {
		t.Errorf("%v\n%s", err, out)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "made")); string(data) != "made\n" {
		t.Error(string(data), err)
	}
	for name, script := range map[string]string{
		"a file outside":      "cat " + secret,
		"writing outside":     "echo x > " + secret,
		"writing what shows":  "echo x > " + shown,
		"a system folder":     "echo x > /usr/x",
		"the root":            "echo x > /x",
		"a system file":       "echo x > /etc/passwd",
		"passwords":           "cat /etc/shadow",
		"sockets of programs": "ls /run",
		"kernel settings":     "echo x > /proc/sys/kernel/core_pattern",
		"another process":     "kill -0 " + "2147483 && kill -0 $(ls /proc | sort -n | tail -1)1",
		"mounting":            "mount -t tmpfs tmpfs /usr",
		"remounting":          "mount -o remount,rw /usr && echo x > /usr/x",
		"more namespaces":     "unshare -Ur sh -c 'mount -o remount,rw,bind /usr && echo x > /usr/x'",
		"capabilities":        "grep -q 'CapEff:.*[1-9a-f]' /proc/self/status",
		"devices":             "mknod disk b 8 0 && cat disk",
	} {
		if out, err := inside(t, t.Context(), dir, script); err == nil {
			t.Errorf("%s: reached: %s", name, out)
		} else if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{secret, shown} {
		if data, err := os.ReadFile(name); string(data) != "s" {
			t.Error(string(data), err)
		}
	}
}

// There is no network, the machine's own addresses included.
func TestNetwork(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reached := make(chan struct{}, 1)
	go func() {
		if c, err := listener.Accept(); err == nil {
			c.Close()
			reached <- struct{}{}
		}
	}()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	script := node + ` -e "require('net').connect(` + port + `, '` + host + `').on('connect', () => process.exit(0)).on('error', (e) => { console.log(e.code); process.exit(9) })"`
	out, err := inside(t, t.Context(), t.TempDir(), script, node)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 9 || !strings.HasPrefix(out, "E") {
		t.Errorf("%v\n%s", err, out)
	}
	select {
	case <-reached:
		t.Error("the command reached the machine")
	default:
	}
}

// Whatever the command started ends with it when it is cancelled.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	dir := t.TempDir()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Command{Dir: dir, Work: Root, Args: []string{"sh", "-c", "setsid sh -c 'trap \"\" TERM HUP INT; echo begun; while :; do sleep 1; done' & wait"},
			Env: []string{"PATH=/usr/bin:/bin"}, Output: in})
		in.Close()
	}()
	if _, err := io.ReadFull(out, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel()
	rest, err := io.ReadAll(out) // ends when nobody can write any more
	if err := errors.Join(err, <-done); !errors.Is(err, context.Canceled) || len(rest) > 0 {
		t.Errorf("%v %q", err, rest)
	}
}

func TestUnavailable(t *testing.T) {
	err := Run(t.Context(), Command{Dir: filepath.Join(t.TempDir(), "none"), Work: "/", Args: []string{"true"}, Output: io.Discard})
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "none: no such file") {
		t.Error(err)
	}
}
