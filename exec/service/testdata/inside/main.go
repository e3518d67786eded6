//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	switch os.Args[1] {
	case "serve":
		serve()
	case "check":
		resp, err := http.Get("http://127.0.0.1:" + os.Getenv("PORT") + "/health")
		if err != nil || resp.StatusCode != http.StatusOK {
			fmt.Fprintln(os.Stderr, resp, err)
			os.Exit(1)
		}
	case "report":
		data, err := json.Marshal(look())
		if err == nil && len(os.Args) > 2 {
			err = os.WriteFile(os.Args[2], data, 0o644)
		} else if err == nil {
			_, err = os.Stdout.Write(data)
		}
		must(err)
	case "write":
		dir, err := os.Getwd()
		must(err)
		text := fmt.Sprintf("cwd=%s\nuid=%d\n%s\n", dir, os.Getuid(), strings.Join(os.Environ(), "\n"))
		must(os.WriteFile(os.Args[2], []byte(text), 0o644))
	case "done":
	default:
		panic("unknown command " + os.Args[1])
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func serve() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGUSR1, syscall.SIGTERM)
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	l, err := net.Listen("tcp", ":"+os.Getenv("PORT"))
	must(err)
	go func() { must(http.Serve(l, nil)) }()
	fmt.Println("listening")
	fmt.Println("stopped by", <-stop)
}
