package manifest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

var serviceKeys = []string{
	"id", "name", "description", "version", "author", "homepage", "repository", "license", "type", "docker", "composeFile",
	"serviceName", "image", "ports", "healthCheck", "environment", "volumes", "capabilities", "requirements", "requires",
	"process", "permissions", "metadata", "configuration", "tags", "keywords", "documentation", "models",
}

var dockerKeys = []string{
	"composeFile", "dockerCompose", "serviceName", "image", "ports", "healthCheck", "environment", "volumes", "requirements",
	"build", "command", "network", "networks", "dockerfile",
}

// minimalService is the remedy for a missing file: copied into one, it makes the package a service.
const minimalService = `id: my-service
docker:
  composeFile: docker-compose.yml
  ports: [0]
  healthCheck:
    url: http://localhost:__PORT__/health`

// composeNames are the names under which docker compose looks for its file, after the name that published services use.
var composeNames = []string{"docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml"}

// ReadService reads what the service package in the folder dir says about itself. Subject names the package in messages.
// Errors are [*report.Error] of kind [report.Service], for a missing file with [fs.ErrNotExist] in the chain.
func ReadService(ctx context.Context, dir, subject string) (*Service, error) {
	r, err := open(ctx, dir, subject, "service", report.Service)
	if err != nil {
		return nil, err
	}
	defer r.root.Close()

	file := r.first(append(names("service"), legacyFile))
	var n *node
	switch {
	case file != "":
		if n, err = r.parse(file); err != nil {
			return nil, err
		}
		if file == legacyFile && n.get("service") != nil {
			n = n.get("service")
		}
	case r.files[packageFile]:
		pkg, err := r.parse(packageFile)
		if err != nil {
			return nil, err
		}
		if file, n = packageFile, pkg.get("mediaconduit").get("service"); n == nil {
			return nil, r.missing("provider", minimalService)
		}
		if n.get("id", "name") == nil {
			n.keys = append(n.keys, entry{"name", 1, pkg.get("name")})
		}
	default:
		return nil, r.missing("provider", minimalService)
	}
	r.typos(file, n, serviceKeys)
	r.typos(file, n.get("docker"), dockerKeys)

	s := &Service{
		File:         file,
		ID:           n.get("id").string(),
		Name:         n.get("name").string(),
		Description:  n.get("description").string(),
		Version:      n.get("version").string(),
		ServiceName:  either(n, "serviceName").string(),
		Image:        either(n, "image").string(),
		Environment:  either(n, "environment").pairs("="),
		Capabilities: capabilityNames(n.get("capabilities")),
	}
	if s.ID == "" {
		s.ID = s.Name
	}
	if s.ID == "" {
		return nil, r.fail(file, 0, "the service has no id", "add a line such as\n  id: my-service\nto "+file)
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	needs := either(n, "requirements")
	s.GPU = needs.get("gpu").truth()
	s.Memory = needs.get("memory").string()
	s.CPU = needs.get("cpu", "cpus").string()

	if s.ComposeFile, err = r.inside(file, "composeFile", either(n, "composeFile", "dockerCompose")); err != nil {
		return nil, err
	}
	if s.ComposeFile == "" {
		s.ComposeFile = composeNames[0]
		for _, name := range composeNames {
			if r.files[name] {
				s.ComposeFile = name
				break
			}
		}
	}
	if s.Ports, err = r.ports(file, either(n, "ports", "port")); err != nil {
		return nil, err
	}
	if s.Health, err = r.health(file, either(n, "healthCheck")); err != nil {
		return nil, err
	}
	if s.Process, err = r.process(file, n.get("process")); err != nil {
		return nil, err
	}
	services, providers, err := r.requires(file, n.get("requires"), "services")
	if err != nil {
		return nil, err
	}
	if len(providers) > 0 {
		r.warn(file, providers[0].Line, "a service cannot require a provider; the entry is ignored")
	}
	s.Requires = services
	return s, nil
}

// either returns the value of a key inside docker:, or outside of it as older files have it.
func either(n *node, keys ...string) *node {
	if v := n.get("docker").get(keys...); v != nil {
		return v
	}
	return n.get(keys...)
}

// capabilityNames normalises a service's capabilities. They only describe it, so unknown ones are no cause for a warning.
func capabilityNames(n *node) []string {
	var out []string
	for _, item := range n.strings() {
		if c := Capability(item.string()); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

func (r *reader) process(file string, n *node) (*Process, error) {
	if n == nil {
		return nil, nil
	}
	command, env := n, n
	if n.kind == dict {
		command, env = n.get("command"), n.get("env", "environment")
		r.typos(file, n, []string{"command", "env", "environment", "stopSignal", "stop_signal", "stopGracePeriod", "stop_grace_period"})
	} else {
		env = nil
	}
	p := &Process{Env: env.pairs("=")}
	if n.kind == dict {
		p.Signal = strings.ToUpper(n.get("stopSignal", "stop_signal").string())
		p.Grace = r.duration(file, "process.stopGracePeriod", n.get("stopGracePeriod", "stop_grace_period"))
	}
	example := "write it as\n  process:\n    command: [python3, app.py]"
	switch {
	case command == nil:
		return nil, r.fail(file, n.line, "process: command is missing", example)
	case command.kind == scalar:
		if strings.ContainsAny(command.text, "'\"\\$`|&;<>()*?~#\n") {
			return nil, r.fail(file, command.line, fmt.Sprintf("process: command %q needs a shell, and none is used", command.text), example)
		}
		p.Command = strings.Fields(command.text)
	case command.kind == list:
		for _, arg := range command.items {
			if arg.kind != scalar {
				return nil, r.fail(file, arg.line, "process: an argument of command is no text", example)
			}
			p.Command = append(p.Command, arg.text)
		}
	}
	if len(p.Command) == 0 || p.Command[0] == "" {
		return nil, r.fail(file, command.line, "process: command is empty", example)
	}
	return p, nil
}
