//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
	"github.com/MediaConduit/conduit/verify/sumdb"
)

// chaosKind is what is asked of whom in some of the syncs of TestChaos, besides a git host and a registry.
type chaosKind struct {
	name  string
	syncs int
	anew  float64 // of the syncs, those that make the lock anew
	exits []int   // besides 0, 4 and 6
	// peers puts the kind's further hosts behind a proxy, and the project in their hands.
	peers func(d *disturbance)
}

// chaosKinds are 500 syncs. Exit code 1 is where git's list of refs, over which there is no sum, lacks what is locked; 5 where a
// rule asks for what did not come.
var chaosKinds = []chaosKind{
	{name: "packages", syncs: 50, exits: []int{1}},
	{name: "packages again", syncs: 60, anew: 0.3, exits: []int{1}},
	{name: "Node.js", syncs: 60, anew: 0.2, exits: []int{1}, peers: withNode},
	{name: "a mirror", syncs: 60, anew: 0.2, exits: []int{1}, peers: func(d *disturbance) { d.behindMirror(",direct") }},
	{name: "a mirror that is passed over", syncs: 50, anew: 0.3, exits: []int{1}, peers: func(d *disturbance) { d.behindMirror("|direct") }},
	{name: "a checksum log", syncs: 60, anew: 0.7, exits: []int{1}, peers: withLog},
	{name: "images", syncs: 60, anew: 0.7, exits: []int{1, 5}, peers: withImages},
	{name: "tarballs elsewhere", syncs: 50, anew: 0.2, exits: []int{1, 5}, peers: tarballsElsewhere},
	{name: "signatures", syncs: 50, anew: 0.5, exits: []int{1, 5}, peers: signedNPM},
}

// chaosWorld is what those kinds need besides killWorld.
const chaosWorld = `
-- github/acme/web@v1.0.0/MediaConduit.service.yml --
id: web
docker:
  serviceName: app
-- github/acme/web@v1.0.0/docker-compose.yml --
services:
  app:
    image: $REGISTRY/acme/app:1
    ports: ["80"]
`

// node publishes packages of Node.js, which no sync runs.
func nodeEverywhere(t *testing.T, npm *npmtest.Registry) {
	t.Helper()
	for platform, name := range nodePackages {
		file := "bin/node"
		if strings.HasPrefix(platform, "windows") {
			file = "bin/node.exe"
		}
		if err := npm.Publish(npmtest.Package{Name: name, Version: "22.1.0", Files: map[string]string{file: "#!/bin/sh\necho v22.1.0\n", "LICENSE": "free\n"}}); err != nil {
			t.Fatal(err)
		}
	}
}

// imageHost is a registry with the image acme/app:1.
func imageHost(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	ref, err := name.ParseReference(strings.TrimPrefix(server.URL, "http://") + "/acme/app:1")
	if err == nil {
		err = remote.WriteIndex(ref, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: empty.Image}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// before puts a proxy before a host.
func (d *disturbance) before(host string) *chaos {
	c := newChaos(d.t, host, d.seed+uint64(len(d.hosts))<<32)
	d.hosts = append(d.hosts, c)
	return c
}

// write replaces conduit.toml.
func (d *disturbance) write(toml string) {
	if err := os.WriteFile(filepath.Join(d.project, "conduit.toml"), []byte(toml), 0o666); err != nil {
		d.t.Fatal(err)
	}
}

func withNode(d *disturbance) { d.write(killProject + "[toolchain]\nnode = \"22.1.0\"\n") }

// behindMirror makes a mirror of what the project needs, and asks it first.
func (d *disturbance) behindMirror(then string) {
	dir := filepath.Join(filepath.Dir(d.project), "mirror")
	if _, ok := d.conduit("lock"); !ok {
		return
	}
	if _, ok := d.conduit("mirror", dir); !ok {
		return
	}
	lost, err := filepath.Glob(filepath.Join(dir, "tarball", "sha512", "*")) // of which half are asked for where they are published
	if err != nil || len(lost) < 4 {
		d.t.Fatal(lost, err)
	}
	for _, path := range append(lost[:len(lost)/2], filepath.Join(dir, "git", "github.com", "acme", "voice")) {
		if err := os.RemoveAll(path); err != nil {
			d.t.Fatal(err)
		}
	}
	server := httptest.NewServer(mirror.Handler(os.DirFS(dir), nil))
	d.t.Cleanup(server.Close)
	d.env = append(d.env, "CONDUIT_PROXY="+d.before(server.URL).server.URL+then)
}

// withLog has a checksum log confirm what is chosen.
func withLog(d *disturbance) {
	if _, ok := d.conduit("lock"); !ok {
		return
	}
	lock, err := lockfile.ReadLock(d.project)
	if err != nil {
		d.t.Fatal(err)
	}
	signer, verifier, err := sumdb.NewKey("sums.example.com")
	if err != nil {
		d.t.Fatal(err)
	}
	log, err := sumdb.Open(filepath.Join(filepath.Dir(d.project), "log.db"), signer, func(_ context.Context, source, version string) (string, error) {
		i := slices.IndexFunc(lock.Modules, func(m lockfile.Module) bool { return m.Source == source && m.Version == version })
		if i < 0 {
			return "", errors.New("nobody has published it")
		}
		return lock.Modules[i].Sum, nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	server := httptest.NewServer(log.Handler())
	d.t.Cleanup(func() {
		server.Close()
		if err := log.Close(); err != nil {
			d.t.Error(err)
		}
	})
	d.env = append(d.env, "CONDUIT_SUMDB="+verifier+" "+d.before(server.URL).server.URL)
}

// withImages needs a service whose image has to be locked.
func withImages(d *disturbance) {
	c := d.before(d.images)
	d.write(killProject + fmt.Sprintf("[services]\nweb = { source = \"github:acme/web@^1\", env = { REGISTRY = %q } }\n[policy]\nimages = \"locked\"\n", strings.TrimPrefix(c.server.URL, "http://")))
}

// tarballsElsewhere has the registry point to another host for tarballs, which the project allows.
func tarballsElsewhere(d *disturbance) {
	c := d.before(d.npm.host)
	d.npm.elsewhere = [2]string{d.npm.host, c.server.URL}
	d.write(killProject + fmt.Sprintf("[policy]\nhosts = [%q]\n", strings.TrimPrefix(c.server.URL, "http://")))
}

// signedNPM has the registry's signatures checked.
func signedNPM(d *disturbance) { d.write(killProject + "[[policy.signed]]\nsource = \"npm:**\"\n") }

// disturbance is a machine whose hosts spoil answers.
type disturbance struct {
	*machine
	kind   chaosKind
	seed   uint64
	hosts  []*chaos
	npm    *chaos
	images string // the address of a registry of images
}

func disturb(t *testing.T, git *sourcetest.Git, npm *npmtest.Registry, images string, kind chaosKind, seed uint64) *disturbance {
	d := &disturbance{machine: newMachine(t, git, npm), kind: kind, seed: seed, images: images}
	config := filepath.Join(filepath.Dir(d.project), "gitconfig")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(git.GitConfig(), git.URL, d.before(git.URL).server.URL)), 0o666); err != nil {
		t.Fatal(err)
	}
	d.npm = d.before(npm.URL())
	d.env = append(d.env, "npm_config_registry="+d.npm.server.URL+"/")
	if kind.peers != nil {
		kind.peers(d)
	}
	return d
}
