package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A project is a compose file whose containers all run this program.
type project struct {
	name string
	file string
}

const service = "  %s:\n    build: .\n    command: [serve]\n%s"

// projects are the five that are compared.
func projects() []project {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, service, fmt.Sprintf("s%d", i), ports(i == 0))
		}
		return b.String()
	}
	return []project{
		{"1 container", many(1)},
		{"1 container with a volume, an own network and limits", fmt.Sprintf(service, "s0", ports(true)) +
			"    volumes: [data:/data]\n    networks: [inner]\n    mem_limit: 64m\n    cpus: 0.5\nvolumes:\n  data:\nnetworks:\n  inner:\n"},
		{"3 containers", many(3)},
		{"3 containers, each after the one before is healthy", fmt.Sprintf(service, "s0", check) +
			fmt.Sprintf(service, "s1", check+after("s0")) + fmt.Sprintf(service, "s2", ports(true)+after("s1"))},
		{"10 containers", many(10)},
	}
}

const check = "    healthcheck: {test: [CMD, /server, check], interval: 100ms, retries: 50}\n"

func after(name string) string {
	return "    depends_on: {" + name + ": {condition: service_healthy}}\n"
}

func ports(has bool) string {
	if has {
		return "    ports: [\"127.0.0.1::80\"]\n"
	}
	return ""
}

// slow makes the containers of a compose file wait before they serve.
func slow(file string, wait time.Duration) string {
	return strings.ReplaceAll(file, "command: [serve]", fmt.Sprintf("command: [serve, %v]", wait))
}

// pack writes the package of a service with a compose file.
func pack(dir, id, file, server string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"docker-compose.yml":       "services:\n" + file,
		"Dockerfile":               "FROM scratch\nCOPY server /server\nENTRYPOINT [\"/server\"]\n",
		".dockerignore":            "*.yml\n", // one image for all
		"MediaConduit.service.yml": "id: " + id + "\nhealthCheck: {url: \"http://localhost:__PORT__/\"}\ndocker: {serviceName: " + main0(file) + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.Link(server, filepath.Join(dir, "server"))
}

// main0 is the compose service that publishes a port.
func main0(file string) string {
	before, _, _ := strings.Cut(file, "    ports:")
	lines := strings.Split(before, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "  ") && !strings.HasPrefix(lines[i], "   ") {
			return strings.Trim(lines[i], " :")
		}
	}
	return ""
}

// buildCompose makes docker compose from its module, once for each version.
func buildCompose(cache string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/docker/compose/v5").Output()
	if err != nil {
		return "", fmt.Errorf("which version of docker compose: %w (run it in the repository)", err)
	}
	version := strings.TrimSpace(string(out))
	dir := filepath.Join(cache, "compose-"+version)
	program := filepath.Join(dir, "docker-compose")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	fmt.Println("building docker compose", version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	mod := "module bench\n\ngo 1.26\n\nrequire github.com/docker/compose/v5 " + version + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-mod=mod", "-trimpath", "-o", program, "github.com/docker/compose/v5/cmd")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building docker compose: %w\n%s", err, out)
	}
	return program, nil
}

// buildServer makes this program for an image without anything else.
func buildServer(dir string) (string, error) {
	path := filepath.Join(dir, "server")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./bench/compose")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the server: %w\n%s", err, out)
	}
	return path, nil
}
