package service

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

const builtCompose = `
services:
  app:
    image: acme/app:${TAG:-1}
    ports: ["80"]
  inline:
    build:
      context: .
      args: {BASE: alpine}
      dockerfile_inline: |
        ARG BASE
        FROM $${BASE}:3
        COPY server /server
  plain:
    build: {context: sub}
`

func locked(t *testing.T, spec Spec, digests map[string]string) []Image {
	t.Helper()
	images, err := Images(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	for i := range images {
		if d, ok := digests[images[i].Ref]; ok {
			images[i].Digest = d
		}
	}
	return images
}

// TestImages lists what a lock must say, without an engine.
func TestImages(t *testing.T) {
	spec := pack(t, map[string]string{"docker-compose.yml": builtCompose, "sub/Dockerfile": "FROM scratch\n", "sub/file": "1"})
	spec.Env = map[string]string{"TAG": "2"}
	var got []string
	for _, i := range locked(t, spec, nil) {
		text, _, _ := strings.Cut(i.Digest, "h1:")
		got = append(got, strings.TrimSpace(i.Service+" "+i.Ref+" "+text))
	}
	if want := "app acme/app:2, inline  build:, inline alpine:3, plain  build:"; strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if images, err := Images(context.Background(), Spec{Dir: t.TempDir()}); err != nil || len(images) > 0 {
		t.Errorf("a package without a compose file: %v %v", images, err)
	}
	gone := pack(t, map[string]string{"docker-compose.yml": "services:\n  app:\n    build: nowhere\n"})
	_, err := Images(context.Background(), gone)
	wantError(t, err, report.Service, "cannot read what service app is built from", "conduit sync")
	mistaken := pack(t, map[string]string{"Dockerfile": "FROM scratch\nFRUM x\n"})
	_, err = Images(context.Background(), mistaken)
	wantError(t, err, report.Service, "Dockerfile", "line 2", "mend the Dockerfile")
}

// TestPinnedPolicy refuses what the lock does not pin, images that a variable chooses and images that a build needs too.
func TestPinnedPolicy(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	spec := pack(t, map[string]string{"docker-compose.yml": builtCompose, "sub/Dockerfile": "FROM scratch\n"})
	spec.Service.ServiceName, spec.Pinned = "app", true
	spec.Images = locked(t, spec, map[string]string{"acme/app:1": digest, "alpine:3": digest})
	if _, err := compose(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	other := spec
	other.Env = map[string]string{"TAG": "2"}
	_, err := compose(context.Background(), other)
	wantError(t, err, report.Policy, "acme/app:2", `images = "locked"`, "conduit update app")
	other = spec
	other.Images = locked(t, spec, map[string]string{"acme/app:1": digest})
	_, err = compose(context.Background(), other)
	wantError(t, err, report.Policy, "alpine:3", "conduit update app")
	other.Pinned = false
	if _, err := compose(context.Background(), other); err != nil {
		t.Errorf("without the policy: %v", err)
	}
}

// TestPinBuilds gives the builder a Dockerfile that names the locked digests, and refuses a context that is not the locked
// one. The same lock gives the same image name in every folder; another digest gives another.
func TestPinBuilds(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	files := map[string]string{"docker-compose.yml": builtCompose, "sub/Dockerfile": "FROM scratch\n", "sub/file": "1"}
	spec := pack(t, files)
	spec.Service.ServiceName = "app"
	spec.Images = locked(t, spec, map[string]string{"alpine:3": digest})
	pl, err := compose(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	images := []string{pl.project.Services["inline"].Image, pl.project.Services["plain"].Image}
	part, _ := pl.split(images)
	clean, err := pinBuilds(spec, part, nil)
	if err != nil {
		t.Fatal(err)
	}
	inline, plain := part.Services["inline"].Build, part.Services["plain"].Build
	text, err := os.ReadFile(inline.Dockerfile)
	if err != nil || !strings.Contains(string(text), "FROM alpine:3@"+digest) || inline.DockerfileInline != "" || !exists(filepath.Join(inline.Context, "server")) {
		t.Errorf("the builder gets %s, %v", text, err)
	}
	if plain.Context != filepath.Join(spec.Dir, "sub") {
		t.Errorf("a build with nothing to pin is copied to %s", plain.Context)
	}
	clean()
	if exists(inline.Context) {
		t.Error("the copy is left")
	}

	same := pack(t, files)
	same.Service.ServiceName, same.Images = "app", spec.Images
	moved := same
	moved.Images = locked(t, same, map[string]string{"alpine:3": "sha256:" + strings.Repeat("cd", 32)})
	for _, c := range []struct {
		spec Spec
		same bool
	}{{same, true}, {moved, false}} {
		pl, err := compose(context.Background(), c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if (pl.project.Services["inline"].Image == images[0]) != c.same || pl.project.Services["plain"].Image != images[1] {
			t.Errorf("images %s and %s, before %v", pl.project.Services["inline"].Image, pl.project.Services["plain"].Image, images)
		}
	}

	if err := os.WriteFile(filepath.Join(same.Dir, "sub", "file"), []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if pl, err = compose(context.Background(), same); err != nil {
		t.Fatal(err)
	}
	part, _ = pl.split(images)
	_, err = pinBuilds(same, part, nil)
	wantError(t, err, report.Integrity, "build:h1:", "restore it from version control", "conduit update app")
	same.Source = "file:./app"
	_, err = pinBuilds(same, part, nil)
	wantError(t, err, report.Lock, "conduit lock    to take the change in")
}

// TestUnlocked tells what an engine says about something that is not the locked thing from everything else.
func TestUnlocked(t *testing.T) {
	spec := Spec{Name: "app", Images: []Image{{"app", "a:1", "sha256:" + strings.Repeat("ab", 32)}}}
	for text, kind := range map[string]report.Kind{
		"manifest verification failed for digest sha256:ab":                          report.Integrity,
		"failed commit on ref: unexpected commit digest sha256:a, expected sha256:b": report.Integrity,
		"manifest unknown": report.Network,
		"manifest for a@sha256:ab not found: manifest unknown: manifest unknown": report.Network,
		"failed to resolve reference \"a@sha256:ab\": a@sha256:ab: not found":    report.Network,
	} {
		wantError(t, unlocked(spec, text, "a:1"), kind, "a:1", "conduit update app")
	}
	if err := unlocked(spec, "dial tcp: i/o timeout", "a:1"); err != nil {
		t.Errorf("a registry that cannot be reached: %v", err)
	}
	if err := unlocked(Spec{Name: "app"}, "manifest unknown", "a:1"); err != nil {
		t.Errorf("nothing is locked: %v", err)
	}
}
