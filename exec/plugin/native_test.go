package plugin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

func nativeSpec(t testing.TB, name string) (plugin.Spec, *records) {
	t.Helper()
	log := new(records)
	return plugin.Spec{
		Name: name, Command: []string{native(t)}, Type: "local",
		Env: plugin.Environment(nil, os.LookupEnv), Dir: t.TempDir(), Log: log.add,
	}, log
}

func TestNativeProvider(t *testing.T) {
	s, log := nativeSpec(t, "shouter")
	s.Config = map[string]any{"loud": "!"}
	s.Services = map[string]plugin.ServiceInfo{"github:a/s": {Name: "s"}}
	s.Default = "github:a/s"
	p := start(t, s, newServices())
	description, err := p.Describe(patient(t))
	if err != nil || description.ID != "shouter" || description.Models[0].ID != "shout" {
		t.Errorf("description %+v, %v", description, err)
	}
	models, err := p.Models(patient(t))
	if err != nil || fmt.Sprint(models[0].Parameters) != "map[times:1]" {
		t.Errorf("models %+v, %v", models, err)
	}
	health, err := p.Health(patient(t))
	if err != nil || !health.Available || health.Details["loud"] != "!" {
		t.Errorf("health %+v, %v", health, err)
	}
	var said []plugin.Progress
	response, err := p.Transform(patient(t), plugin.Request{
		Model: "shout", Inputs: []plugin.Media{plugin.Text("moo")}, Progress: func(each plugin.Progress) { said = append(said, each) },
	})
	if err != nil || response.Outputs[0].Text != "MOO!" || len(said) != 1 || said[0].Message != "half" {
		t.Errorf("response %+v, %v, progress %v", response, err, said)
	}
	if got := text(t, p, "service"); got != "[4001]" {
		t.Errorf("service's ports %s", got)
	}
	_, err = call(t, p, "whisper")
	wantError(t, err, report.Provider, "no model whisper", "conduit models shouter")
	eventually(t, func() bool { return log.has("info", "printed to stdout") && log.has("info", "printed to stderr") })
}

func TestNativeFailures(t *testing.T) {
	s, _ := nativeSpec(t, "refuses")
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "provider refuses: it cannot be loaded: refuses to be loaded", "-v")
	noProcess(t, s)

	s, _ = nativeSpec(t, "panics")
	p := start(t, s, nil)
	_, err = call(t, p, "panic")
	wantError(t, err, report.Provider, "exited with code 2 during the call", "shouted too loud")

	s, _ = nativeSpec(t, "never")
	p = start(t, s, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = p.Transform(ctx, plugin.Request{Model: "never"})
	wantError(t, err, report.Timeout, "--timeout")
	<-p.Exited()
	noProcess(t, s)

	s, _ = nativeSpec(t, "absent")
	s.Command = []string{filepath.Join(s.Dir, "absent")}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "its program cannot be started", "check the command")

	s, _ = nativeSpec(t, "stranger")
	s.Command = []string{"sh", "-c", "echo I am no plugin; echo really >&2; exit 9"}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "exited with code 9 while it was starting", "I am no plugin", "really")

	s, _ = nativeSpec(t, "newer")
	s.Command = []string{"sh", "-c", "echo '1|99|unix|/nowhere|grpc|'; sleep 300"}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "does not speak conduit's plugin protocol", "99", "conduit version")
	noProcess(t, s)

	s, _ = nativeSpec(t, "silent")
	s.Command = []string{"sleep", "300"}
	ctx, cancel = context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = plugin.Start(ctx, s, nil)
	wantError(t, err, report.Timeout, "for starting")
	noProcess(t, s)
}
