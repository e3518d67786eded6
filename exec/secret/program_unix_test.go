//go:build unix

package secret_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// The programs of these tests are shell scripts.

func TestPrograms(t *testing.T) {
	r := resolver(t, map[string]string{
		"vault": "#!/bin/sh\necho asked >> asked\nprintf '%s|' \"$@\"; cat; echo\n",
	}, nil)
	got, _, err := r.Resolve(t.Context(), "provider p", map[string]any{
		"a": `cmd:./vault read 'two words' "$HOME" *`, "b": `cmd:./vault read 'two words' "$HOME" *`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "read|two words|$HOME|*|"; got["a"] != want || got["b"] != want {
		t.Errorf("got %v", got)
	}
	if asked, err := os.ReadFile(filepath.Join(r.Dir, "asked")); err != nil || string(asked) != "asked\n" {
		t.Errorf("the program ran as often as in %q (%v)", asked, err)
	}
}

func TestCancelled(t *testing.T) {
	r := resolver(t, map[string]string{"wait": "#!/bin/sh\necho > begun\nexec sleep 600\n"}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, _, err := r.Resolve(ctx, "provider p", map[string]any{"a": "cmd:./wait"})
		done <- err
	}()
	for {
		if _, err := os.Stat(filepath.Join(r.Dir, "begun")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; report.KindOf(err) != report.Interrupted {
		t.Errorf("got %v", err)
	}
}
