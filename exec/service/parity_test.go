package service

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// TestParity brings up a project with every key of compose files that can be observed on an engine, and observes each:
// from the inside of its containers, and by what the engine says where the inside does not show it.
func TestParity(t *testing.T) {
	t.Parallel()
	spec := parityPackage(t)
	m := manager(t, Docker, spec)
	ctx := context.Background()
	engine, err := m.docker.engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	plainImage(t, engine, spec.Dir)
	t.Cleanup(func() { dropImages(t, m, engine, spec) })
	up(t, m, spec)
	w := explore(t, m, spec)
	for _, o := range observations {
		for _, key := range strings.Fields(o.keys) {
			t.Run(key, func(t *testing.T) {
				if got := fmt.Sprint(o.got(w)); !strings.Contains(got, o.want) {
					t.Errorf("%q is not in\n%s", o.want, got)
				}
			})
		}
	}
	if err := m.Stop(ctx, spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	hook := w.copied(t, "app", "/data/pre-stop")
	for key, want := range afterwards {
		t.Run(key, func(t *testing.T) {
			if !strings.Contains(hook, want) {
				t.Errorf("%q is not in what the hook wrote:\n%s", want, hook)
			}
		})
	}
	t.Run("services.stop_signal", func(t *testing.T) {
		if log := logOf(t, m, spec, 0); !strings.Contains(log, "app | stopped by user defined signal 1") {
			t.Errorf("the log says\n%s", log)
		}
	})
}

// afterwards are the keys that show when the project is stopped: parts of what its pre_stop hook writes.
var afterwards = map[string]string{
	"services.pre_stop": "HOOK=last", "services.pre_stop.command": "PLAIN=value", "services.pre_stop.environment": "HOOK=last",
	"services.pre_stop.user": "uid=0", "services.pre_stop.working_dir": "cwd=/data",
}

// copied is the text of a file of a container that need not run.
func (w *world) copied(t *testing.T, service, path string) string {
	t.Helper()
	res, err := w.engine.CopyFromContainer(context.Background(), w.outside[service][0].ID, client.CopyFromContainerOptions{SourcePath: path})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Content.Close()
	r := tar.NewReader(res.Content)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// one is the engine's word on the first copy of a compose service.
func (w *world) one(service string) container.InspectResponse { return w.outside[service][0] }

// network and volume are the engine's words on those of the project, as JSON.
func (w *world) network(key string) string {
	res, err := w.engine.NetworkInspect(context.Background(), w.plan.project.Networks[key].Name, client.NetworkInspectOptions{})
	return words(res.Network, err)
}

func (w *world) volume(key string) string {
	res, err := w.engine.VolumeInspect(context.Background(), w.plan.project.Volumes[key].Name, client.VolumeInspectOptions{})
	return words(res.Volume, err)
}

func (w *world) image(service string) string {
	res, err := w.engine.ImageInspect(context.Background(), w.one(service).Config.Image)
	return words(res.InspectResponse, err)
}

func words(v any, err error) string {
	if err != nil {
		return err.Error()
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// built is the image's view while it was built.
func (w *world) built() view {
	var v view
	_ = json.Unmarshal([]byte(w.inside["app"].text("/built.json")), &v)
	return v
}

// earlier tells whether one thing that the engine dates happened before another.
func earlier(a, b string) bool { return a != "" && a < b }

// modern is what is expected on version 2 of control groups, where it differs.
func (w *world) modern(old, text string) string {
	if w.info.CgroupVersion == "2" {
		return text
	}
	return old
}

// has tells whether a list of lines has one with all the parts.
func has(lines []string, parts ...string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
	})
}

func dependencies(w *world) string { return w.one("app").Config.Labels[api.DependenciesLabel] }
