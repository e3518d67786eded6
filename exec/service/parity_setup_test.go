package service

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/manifest"
)

// view is what testdata/inside says of its container.
type view struct {
	Hostname, Domain, Cwd string
	Args                  []string
	First                 string
	Env                   []string
	UID, GID              int
	Groups                []int
	Files                 map[string]struct {
		Mode, Error, Text string
		UID, GID          uint32
	}
	Shm        uint64
	Writable   bool
	Stdin      string
	Namespaces map[string]string
	Interfaces []string
	Addresses  map[string][]string
}

// text is the text of a file in the container, "" if it has none.
func (v view) text(path string) string { return v.Files[path].Text }

// owned is a file with its mode and owner.
func (v view) owned(path string) string {
	f := v.Files[path]
	return fmt.Sprintf("%s %d %d %s", f.Mode, f.UID, f.GID, f.Text)
}

// env is the value of a variable.
func (v view) env(name string) string {
	for _, e := range v.Env {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// cgroup is the text of a file of the container's control group: the first that it has.
func (v view) cgroup(names ...string) string {
	for _, name := range names {
		if f, ok := v.Files["/sys/fs/cgroup/"+name]; ok {
			return strings.TrimSpace(f.Text)
		}
	}
	return ""
}

// mounted is the line of /proc/self/mountinfo for a path.
func (v view) mounted(path string) string {
	for _, line := range strings.Split(v.text("/proc/self/mountinfo"), "\n") {
		if f := strings.Fields(line); len(f) > 4 && f[4] == path {
			return line
		}
	}
	return ""
}

// status is a field of /proc/self/status.
func (v view) status(name string) string {
	for _, line := range strings.Split(v.text("/proc/self/status"), "\n") {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// world is a project that runs, from its inside and from the engine.
type world struct {
	spec    Spec
	engine  client.APIClient
	info    system.Info
	plan    *plan
	inside  map[string]view                        // by compose service, of its first copy
	outside map[string][]container.InspectResponse // by compose service, its copies
	log     []string                               // of what is shown while the project is up
}

// parityPackage is the package of testdata/parity with its program.
func parityPackage(t *testing.T) Spec {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/parity")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "inside"), "./testdata/inside")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return Spec{
		Project: ProjectID(t.TempDir()), Name: "parity", Source: "github:acme/parity", Version: "v1.0.0", Dir: dir,
		Service: &manifest.Service{ID: "parity-test", ServiceName: "app", Ports: []int{8080}, Health: manifest.Health{Path: "/health"}},
		Env:     map[string]string{"COMPOSE_PROFILES": "wanted", "VALUE": "a value", "PLACE": "all", "ARCH": runtime.GOARCH, "DISK": disk(t)},
	}
}

// plainImage builds the image of most services of testdata/parity, and removes it at the end.
func plainImage(t *testing.T, engine client.APIClient, dir string) {
	t.Helper()
	ctx := context.Background()
	var context bytes.Buffer
	w := tar.NewWriter(&context)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	res, err := engine.ImageBuild(ctx, &context, client.ImageBuildOptions{Tags: []string{plainName}, Dockerfile: "image.Dockerfile", Target: "plain", Remove: true})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(said), "Successfully tagged") {
		t.Fatalf("%s %v", said, err)
	}
	t.Cleanup(func() {
		if _, err := engine.ImageRemove(ctx, plainName, client.ImageRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
}

// dropImages takes a project down and removes the images that were built for it.
func dropImages(t *testing.T, m *Manager, engine client.APIClient, spec Spec) {
	t.Helper()
	ctx := context.Background()
	if err := m.Down(ctx, spec.Project, nil); err != nil {
		t.Error(err)
	}
	pl, err := compose(ctx, spec)
	if err != nil {
		t.Error(err)
		return
	}
	for _, s := range pl.project.Services {
		if s.Build == nil {
			continue
		}
		if _, err := engine.ImageRemove(ctx, s.Image, client.ImageRemoveOptions{Force: true}); err != nil && !isNotFound(err) {
			t.Error(err)
		}
	}
}

const plainName = "conduit-parity-test:plain"

// disk is a block device of this machine, for limits of what is read from it.
func disk(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("/sys/block/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if path := "/dev/" + filepath.Base(name); exists(path) {
			return path
		}
	}
	t.Fatal("this machine has no block device")
	return ""
}

// tell runs the program of the package in a container.
func tell(t *testing.T, engine client.APIClient, id string) view {
	t.Helper()
	ctx := context.Background()
	made, err := engine.ExecCreate(ctx, id, client.ExecCreateOptions{Cmd: []string{"/inside", "report"}, AttachStdout: true, AttachStderr: true})
	if err != nil {
		t.Fatal(err)
	}
	attached, err := engine.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	var out, errs bytes.Buffer
	if _, err := stdcopy.StdCopy(&out, &errs, attached.Reader); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	var v view
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%s says %s%s: %v", id, &out, &errs, err)
	}
	return v
}

// explore reads what a running project is like.
func explore(t *testing.T, m *Manager, spec Spec) *world {
	t.Helper()
	ctx := context.Background()
	engine, err := m.docker.engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	info, err := engine.Info(ctx, client.InfoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pl, err := compose(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{spec: spec, engine: engine, info: info.Info, plan: pl, inside: map[string]view{}, outside: map[string][]container.InspectResponse{}}
	containers, err := m.docker.inspect(ctx, engine, ofCompose(pl.project.Name))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers {
		name := c.Config.Labels[api.ServiceLabel]
		w.outside[name] = append(w.outside[name], c)
		if _, seen := w.inside[name]; !seen && c.State.Running {
			w.inside[name] = tell(t, engine, c.ID)
		}
	}
	err = m.Logs(ctx, spec.Project, spec.Name, LogOptions{Shown: true}, func(line string) { w.log = append(w.log, line) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}
