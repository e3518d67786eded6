package service

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/manifest"
)

// TestCowsayExample runs the service of examples/cowsay under both drivers, built as its README says.
func TestCowsayExample(t *testing.T) {
	t.Parallel()
	source, err := filepath.Abs("../../examples/cowsay/service")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"MediaConduit.service.yml", "docker-compose.yml", "Dockerfile"} {
		data, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "cowsay"), ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			spec := Spec{
				Project: ProjectID(t.TempDir()), Name: "cowsay-service", Source: "file:../service", Dir: dir,
				Service: &manifest.Service{
					ID: "cowsay-service", ComposeFile: "docker-compose.yml", ServiceName: "cowsay", Ports: []int{80},
					Health: manifest.Health{Path: "/health"}, Process: &manifest.Process{Command: []string{"bin/cowsay"}},
				},
			}
			m := manager(t, driver, spec)
			s := up(t, m, spec)
			resp, err := http.Post(s.Address()+"/cowsay", "application/json", strings.NewReader(`{"text": "moo"}`))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var answer struct{ CowsayOutput string }
			if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || !strings.HasPrefix(answer.CowsayOutput, " _____\n< moo >\n -----\n") {
				t.Errorf("%q %v", answer.CowsayOutput, err)
			}
			if err := m.Down(context.Background(), spec.Project, nil); err != nil {
				t.Error(err)
			}
		})
	}
}
