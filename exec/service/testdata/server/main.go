// Command server is the service of this package's tests. Its environment decides how it behaves.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sleep" {
		time.Sleep(time.Hour)
		return
	}
	fmt.Println("hello on standard output")
	fmt.Fprintln(os.Stderr, "hello on standard error")
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
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if text := os.Getenv("UNHEALTHY"); text != "" {
			http.Error(w, text, http.StatusServiceUnavailable)
		}
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
