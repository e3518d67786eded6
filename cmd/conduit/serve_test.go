package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// gatewayProcess is a conduit serve that a script started.
type gatewayProcess struct {
	c    *exec.Cmd
	done chan struct{} // closed when it has ended
}

// gateways are those of scripts that run.
var gateways sync.Map // *world to *gatewayProcess

// gateway start [ARG...] starts conduit serve, waits until it listens, and has GATEWAY be its address; what it writes to standard
// error goes to the file gateway.log. gateway stop asks it to end, which it must do with exit code 0; gateway kill kills it.
func gatewayCommand(ts *testscript.TestScript, _ bool, args []string) {
	if args[0] == "start" {
		startGateway(ts, append([]string{"serve"}, args[1:]...))
		return
	}
	if args[0] == "run" { // another command that listens
		startGateway(ts, args[1:])
		return
	}
	found, ok := gateways.LoadAndDelete(of(ts))
	if !ok {
		ts.Fatalf("no gateway runs")
	}
	g := found.(*gatewayProcess)
	if args[0] == "kill" {
		ts.Check(g.c.Process.Kill())
	} else {
		ts.Check(g.c.Process.Signal(syscall.SIGTERM))
	}
	select {
	case <-g.done:
	case <-time.After(patience):
		ts.Fatalf("the gateway does not end")
	}
	if code := g.c.ProcessState.ExitCode(); args[0] == "stop" && code != 0 {
		ts.Fatalf("the gateway ended with %d: %s", code, ts.ReadFile("gateway.log"))
	}
}

func startGateway(ts *testscript.TestScript, args []string) {
	log, err := os.OpenFile(ts.MkAbs("gateway.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	ts.Check(err)
	defer log.Close()
	c := exec.Command(lookPath(ts, "conduit"), append(args, "--listen", "127.0.0.1:0")...)
	c.Dir, c.Env, c.Stderr = ts.MkAbs("."), environment(ts), log
	stdout, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	g := &gatewayProcess{c: c, done: make(chan struct{})}
	line, _ := bufio.NewReader(stdout).ReadString('\n') // what it says instead is in its log
	go func() {
		_, _ = io.Copy(io.Discard, stdout)
		_ = c.Wait() // its exit code is looked at by who ends it
		close(g.done)
	}()
	gateways.Store(of(ts), g)
	ts.Defer(func() {
		_ = c.Process.Kill() // has ended, as a rule
		<-g.done
		gateways.CompareAndDelete(of(ts), g)
	})
	_, address, ok := strings.Cut(strings.TrimSpace(line), "http://")
	if !ok {
		ts.Fatalf("the gateway does not listen: %s %s", line, ts.ReadFile("gateway.log"))
	}
	ts.Setenv("GATEWAY", "http://"+strings.TrimRight(address, `"}`))
}

// http STATUS METHOD PATH [BODY [HEADER: VALUE]...] asks the gateway; the answer must have the status, and its body is standard
// output.
func httpCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	body := ""
	if len(args) > 3 {
		body = args[3]
	}
	r, err := http.NewRequest(args[1], ts.Getenv("GATEWAY")+args[2], strings.NewReader(body))
	ts.Check(err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range args[min(4, len(args)):] {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	resp, err := (&http.Client{Timeout: patience}).Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", data)
	if resp.StatusCode != want {
		ts.Fatalf("status %d, want %d: %s", resp.StatusCode, want, data)
	}
}
