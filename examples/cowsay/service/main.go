package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// maxText is the longest request that is read, in bytes.
const maxText = 1 << 20

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), cmp.Or(os.Getenv("PORT"), "80")))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: handler(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	log.Printf("cowsay listens on %s", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"status": "healthy", "service": "cowsay"})
	})
	mux.HandleFunc("POST /cowsay", func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Text *string `json:"text"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxText)).Decode(&request); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"error": "the body is not JSON of the form {\"text\": \"…\"}: " + err.Error()})
			return
		}
		text := "Moo!"
		if request.Text != nil {
			text = *request.Text
		}
		log.Printf("says %d bytes", len(text))
		answer(w, http.StatusOK, map[string]any{"cowsayOutput": Say(text)})
	})
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone; there is nobody else to tell
}
