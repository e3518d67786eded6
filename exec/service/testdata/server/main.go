// Command server is the service of this package's tests. Its environment decides how it behaves.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// sick has the service say that it is unhealthy, and stuck has it not answer.
var sick, stuck atomic.Bool

var eaten [][]byte

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sleep" {
		time.Sleep(time.Hour)
		return
	}
	fmt.Println("hello on standard output")
	fmt.Fprintln(os.Stderr, "hello on standard error")
	if os.Getenv("IGNORE") == "SIGTERM" {
		signal.Ignore(syscall.SIGTERM)
	}
	if text := os.Getenv("EXIT"); text != "" {
		fmt.Fprintln(os.Stderr, text)
		os.Exit(3)
	}
	if os.Getenv("CHILD") != "" {
		// A grandchild in a session of its own, as daemons make them.
		child := exec.Command(os.Args[0], "sleep")
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Println("child", child.Process.Pid)
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {
		if stuck.Load() {
			<-r.Context().Done()
		}
		if text := os.Getenv("UNHEALTHY"); text != "" {
			http.Error(w, text, http.StatusServiceUnavailable)
		}
		if path := os.Getenv("LATE"); path != "" {
			if _, err := os.Stat(path); err != nil {
				http.Error(w, "it is too early", http.StatusServiceUnavailable)
			}
		}
		if sick.Load() {
			http.Error(w, "out of memory", http.StatusInternalServerError)
		}
	})
	http.HandleFunc("/sick", func(_ http.ResponseWriter, r *http.Request) { sick.Store(r.Method == http.MethodPost) })
	http.HandleFunc("/stuck", func(_ http.ResponseWriter, r *http.Request) { stuck.Store(r.Method == http.MethodPost) })
	http.HandleFunc("/eat", func(http.ResponseWriter, *http.Request) {
		for n := byte(1); ; n++ { // until there is no memory left
			eaten = append(eaten, bytes.Repeat([]byte{n}, 1<<20))
		}
	})
	answered := io.Writer(os.Stdout)
	if dir := os.Getenv("STATE_DIR"); dir != "" {
		file, err := os.OpenFile(filepath.Join(dir, "answered"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		answered = file
	}
	http.HandleFunc("/answer/", func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.URL.Path, "/answer/")
		fmt.Fprintf(answered, "answered %s\n", id)
		fmt.Fprint(w, id)
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(os.Environ()) })
	http.HandleFunc("/file/", func(w http.ResponseWriter, r *http.Request) {
		path := "/" + strings.TrimPrefix(r.URL.Path, "/file/")
		if r.Method == http.MethodPut {
			err := os.MkdirAll(filepath.Dir(path), 0o755)
			if err == nil {
				err = os.WriteFile(path, []byte("kept"), 0o644)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			return
		}
		http.ServeFile(w, r, path)
	})
	l, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), cmp.Or(os.Getenv("PORT"), "80")))
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", l.Addr())
	panic(http.Serve(l, nil))
}
