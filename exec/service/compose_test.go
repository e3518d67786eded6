package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// eventually waits for a condition that another process brings about.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for range 2400 { // two minutes
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it never happened")
}

func TestComposeMissing(t *testing.T) {
	spec := pack(t, nil)
	if err := os.Remove(filepath.Join(spec.Dir, "docker-compose.yml")); err != nil {
		t.Fatal(err)
	}
	_, err := compose(context.Background(), spec)
	wantError(t, err, report.Service, filepath.Join(spec.Dir, "docker-compose.yml"), "has no compose file", "MediaConduit.service.yml")
}

func TestComposeNames(t *testing.T) {
	spec := pack(t, map[string]string{"compose.yaml": plainCompose, "sub/stack.yml": plainCompose})
	if err := os.Remove(filepath.Join(spec.Dir, "docker-compose.yml")); err != nil {
		t.Fatal(err)
	}
	for declared, want := range map[string]string{"": "compose.yaml", "docker-compose.yml": "compose.yaml", "sub/stack.yml": "sub/stack.yml", "other.yml": "other.yml"} {
		spec.Service.ComposeFile = declared
		if got := composeFile(spec); got != filepath.Join(spec.Dir, filepath.FromSlash(want)) {
			t.Errorf("%q: %s", declared, got)
		}
	}
}

func TestComposeInvalid(t *testing.T) {
	for text, wants := range map[string][]string{
		"services:\n  app:\n    image: a\n   ports: [80]\n":            {"docker-compose.yml:"},
		"services:\n  app:\n    image: [1, 2]\n":                       {"docker-compose.yml:3", "services.app.image"},
		"services:\n  app:\n    image: a\n    prots: [80]\n":           {"docker-compose.yml:4", "prots"},
		"services:\n  app:\n    ports: [80]\n":                         {"docker-compose.yml", "app"},
		"services:\n  app:\n    image: a\n    ports: [\"x:y:z:w\"]\n":  {"docker-compose.yml", "invalid IP address"},
		"services:\n  app:\n    image: a\n    depends_on: [missing]\n": {"docker-compose.yml", "missing"},
		"{}": {"docker-compose.yml"},
	} {
		spec := pack(t, map[string]string{"docker-compose.yml": text})
		_, err := compose(context.Background(), spec)
		wantError(t, err, report.Service, append(wants, "[replace]")...)
	}
}

func TestAmbiguousService(t *testing.T) {
	spec := pack(t, map[string]string{"docker-compose.yml": "services:\n  a: {image: x}\n  b: {image: y}\n"})
	_, err := compose(context.Background(), spec)
	wantError(t, err, report.Service, "the compose file has a, b", "serviceName")
	spec.Hint.ServiceName = "b"
	if pl, err := compose(context.Background(), spec); err != nil || pl.main != "b" {
		t.Error(pl, err)
	}
}

// TestPolicyNested refuses what a file that the compose file includes pulls in, and allows it in a folder of the user's own.
func TestPolicyNested(t *testing.T) {
	spec := pack(t, map[string]string{"docker-compose.yml": "include: [nested.yml]\n" + plainCompose, "nested.yml": "include: [\"/etc/hostname\"]\n"})
	_, err := compose(context.Background(), spec)
	wantError(t, err, report.Policy, "asks for more than a package may have", "nested.yml", "[replace] \"github:acme/app\" = \"file:")
	spec.Source = "file:./app"
	if _, err := compose(context.Background(), spec); report.KindOf(err) == report.Policy {
		t.Errorf("a folder of the user's own is refused: %v", err)
	}
}

// TestPolicyAllows what packages ordinarily use.
func TestPolicyAllows(t *testing.T) {
	spec := pack(t, map[string]string{
		"sub/more.yml": "services:\n  extra: {image: b}\n", "app.env": "FROM_FILE=yes\n", "key": "k",
		"docker-compose.yml": `
include: [sub/more.yml]
services:
  app:
    build: {context: ., dockerfile: Dockerfile, args: {A: b}}
    env_file: app.env
    secrets: [key]
    cap_add: [NET_BIND_SERVICE]
    ports: ["80"]
    gpus: all
secrets:
  key: {file: ./key}
`})
	pl, err := compose(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if v := pl.project.Services["app"].Environment["FROM_FILE"]; v == nil || *v != "yes" {
		t.Error("env_file was not read")
	}
}

func TestLockedDigest(t *testing.T) {
	spec := pack(t, map[string]string{"docker-compose.yml": "services:\n  app:\n    image: acme/app:latest\n    ports: [\"80\"]\n"})
	digest := "sha256:" + strings.Repeat("ab", 32)
	spec.Images = []Image{{"app", "acme/app:latest", digest}}
	pl, err := compose(context.Background(), spec)
	if err != nil || pl.project.Services["app"].Image != "acme/app:latest@"+digest {
		t.Error(pl, err)
	}
}

func TestProjectID(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "My Project", "x"), filepath.Join(dir, "link")
	if err := os.MkdirAll(a, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(a), b); err != nil {
		t.Fatal(err)
	}
	id := ProjectID(filepath.Dir(a))
	if id != ProjectID(b) || !strings.HasPrefix(id, "my-project-") || id == ProjectID(a) || id != slug(id) {
		t.Errorf("%s %s %s", id, ProjectID(b), ProjectID(a))
	}
	if unique("a_b") == unique("a-b") || unique("a-b") != "a-b" {
		t.Error("names collide")
	}
}

func TestAwaitGivesUpAtOnce(t *testing.T) {
	calls := 0
	err := await(context.Background(), time.Hour, func(context.Context) error {
		calls++
		return errGone{errors.New("gone")}
	})
	if err == nil || calls != 1 {
		t.Error(err, calls)
	}
}

// BenchmarkImages is what a lock pays for each service that it has not locked before.
func BenchmarkImages(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker-compose.yml"), []byte("services:\n  app:\n    image: acme/app:1\n    ports: [\"80\"]\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Images(context.Background(), Spec{Project: "p", Name: "app", Source: "github:acme/app", Version: "v1.0.0", Dir: dir}); err != nil {
			b.Fatal(err)
		}
	}
}
