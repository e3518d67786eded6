package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/MediaConduit/conduit/report"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

// Each archive in testdata is a package; its last file, "want", is what reading it must give: warnings, then the result
// or the error.
func TestPackages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := t.TempDir(), -1
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = i
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			name := filepath.Base(file)
			got := read(t, dir, strings.HasPrefix(name, "s-") || strings.HasPrefix(name, "e-service-"))
			if *update {
				if want < 0 {
					want = len(archive.Files)
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
				}
				archive.Files[want].Data = got
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want < 0 || !bytes.Equal(got, archive.Files[want].Data) {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// read describes what reading the package in dir gives.
func read(t *testing.T, dir string, service bool) []byte {
	t.Helper()
	var out bytes.Buffer
	ctx := report.To(context.Background(), func(e report.Event) {
		if e.Type != report.Warning || e.Subject != "github:a/b@v1.0.0" {
			t.Errorf("event %+v", e)
		}
		fmt.Fprintf(&out, "%s: %s\n", e.Where, e.Message)
	})
	var result any
	var err error
	kind := report.Provider
	if service {
		kind = report.Service
		result, err = ReadService(ctx, dir, "github:a/b@v1.0.0")
	} else {
		result, err = ReadProvider(ctx, dir, "github:a/b@v1.0.0")
	}
	if err != nil {
		var e *report.Error
		if !errors.As(err, &e) || e.Kind != kind || e.Next == "" || !strings.HasPrefix(e.Where, "github:a/b@v1.0.0") {
			t.Errorf("error %#v", err)
		}
		fmt.Fprintf(&out, "%v\n", err)
		return out.Bytes()
	}
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(result); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What the errors tell authors to write must work when written.
func TestRemediesWork(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadProvider(context.Background(), dir, "x")
	var e *report.Error
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(e.Next, minimalProvider) {
		t.Fatalf("%v", err)
	}
	if _, err = ReadService(context.Background(), dir, "x"); !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(e.Next, minimalService) {
		t.Fatalf("%v", err)
	}
	for name, text := range map[string]string{"MediaConduit.provider.yml": minimalProvider, "MediaConduit.service.yml": minimalService} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p, err := ReadProvider(context.Background(), dir, "x")
	if err != nil || p.ID != "my-provider" || p.Type != "remote" || len(p.Capabilities) != 1 {
		t.Errorf("%+v %v", p, err)
	}
	s, err := ReadService(context.Background(), dir, "x")
	if err != nil || s.ID != "my-service" || s.Health.Path != "/health" {
		t.Errorf("%+v %v", s, err)
	}
}

func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "MediaConduit.provider.yml"), []byte("id: "+strings.Repeat("x", maxBytes)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := ReadProvider(context.Background(), dir, "x")
	if err == nil || !strings.Contains(err.Error(), "larger than 1024 KiB") {
		t.Error(err)
	}
}

func TestLinkLeavesThePackage(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("id: secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "MediaConduit.provider.yml")); err != nil {
		if runtime.GOOS == "windows" {
			return // links need a privilege there
		}
		t.Fatal(err)
	}
	if p, err := ReadProvider(context.Background(), dir, "x"); err == nil {
		t.Errorf("read %+v through a link out of the package", p)
	}
}

func TestFolderMissing(t *testing.T) {
	_, err := ReadProvider(context.Background(), filepath.Join(t.TempDir(), "no"), "file:no")
	if report.KindOf(err) != report.Provider || !strings.Contains(fmt.Sprint(err), "next: check that the folder exists") {
		t.Error(err)
	}
}

func TestCapability(t *testing.T) {
	for in, want := range map[string]string{
		"text-to-text": "text-to-text", "TEXT_TO_TEXT": "text-to-text", "TextToText": "text-to-text", "textToText": "text-to-text",
		"Text To 3D": "text-to-3d", "TEXT_TO_3D": "text-to-3d", "TextTo3D": "text-to-3d", "TextTo3d": "text-to-3d", " _x--y ": "x-y",
		"LLMInference": "llm-inference", "": "", "speech-to-text": "speech-to-text",
	} {
		if got := Capability(in); got != want {
			t.Errorf("Capability(%q) = %q, want %q", in, got, want)
		}
		if again := Capability(want); again != want {
			t.Errorf("Capability(%q) = %q, not itself", want, again)
		}
	}
}
