package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
)

// health probes the instance once and fills in the health fields. The probe from the host decides; the container's own
// check can only overrule it when it could run at all.
func health(ctx context.Context, s *Status, rec record, main container.InspectResponse) error {
	s.LastCheck = time.Now().UTC()
	check, broken := containerCheck(main)
	s.ContainerCheck = check
	if broken != "" {
		s.ContainerCheck += " (" + broken + ")"
	}
	if !s.Running || main.State.Restarting {
		return stopped(s, main)
	}
	if main.RestartCount >= maxRestarts {
		s.Health = Unhealthy
		return errGone{fmt.Errorf("its container has crashed and restarted %d times", main.RestartCount)}
	}
	p := probe{path: rec.Health, timeout: rec.Timeout}
	if len(s.Ports) > 0 && s.Ports[0].Name == rec.Main {
		p.port = s.Ports[0].Host
	}
	s.HealthCheckURL = p.url()
	var err error
	switch {
	case p.port != 0 && (p.path != "" || check == "" || broken != ""):
		err = p.check(ctx)
		if err == nil && check == Unhealthy && broken == "" {
			err = fmt.Errorf("it answers, but its container's own health check fails: %s", lastCheck(main))
		}
	case check == "":
		return nil // nothing is published and nothing is checked: running is all there is to know
	case check != Healthy:
		err = fmt.Errorf("its container's own health check says %s: %s", check, lastCheck(main))
	}
	switch {
	case err == nil:
		s.Health = Healthy
	case check == Unhealthy && broken == "" || time.Since(s.Started) > max(rec.Patience, time.Minute):
		s.Health = Unhealthy
	default:
		s.Health = Starting
	}
	return err
}

// maxRestarts is how often the engine may restart a crashing container before a start is given up.
const maxRestarts = 3

func stopped(s *Status, main container.InspectResponse) error {
	text := fmt.Sprintf("its container is %s with exit code %d", main.State.Status, main.State.ExitCode)
	if main.State.Error != "" {
		text += ": " + main.State.Error
	}
	if main.State.OOMKilled {
		text += ": it wanted more memory than it may have" + memory(main)
	}
	if main.State.Restarting && main.RestartCount < maxRestarts {
		s.Health = Starting
		return fmt.Errorf("%s", text)
	}
	if main.State.Restarting {
		s.Health = Unhealthy
	}
	return errGone{fmt.Errorf("%s", text)}
}

// memory is the container's limit, as " (512 MiB)"; "" where it has none of its own.
func memory(c container.InspectResponse) string {
	if c.HostConfig == nil || c.HostConfig.Memory == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d MiB)", c.HostConfig.Memory>>20)
}

// containerCheck is what the container's own health check says ("" when it has none), and why it cannot be believed: many
// packages check with curl in images that have none.
func containerCheck(c container.InspectResponse) (status, broken string) {
	h := c.State.Health
	if h == nil || h.Status == container.NoHealthcheck || h.Status == "" {
		return "", ""
	}
	if h.Status == container.Unhealthy && len(h.Log) > 0 {
		last := h.Log[len(h.Log)-1]
		out := last.Output
		if last.ExitCode == 126 || last.ExitCode == 127 || last.ExitCode < 0 && strings.Contains(out, "exec failed") ||
			strings.Contains(out, "executable file not found") || strings.Contains(out, ": not found") || strings.Contains(out, "command not found") {
			return string(h.Status), "the check itself cannot run: " + oneLine(out)
		}
	}
	return string(h.Status), ""
}

func lastCheck(c container.InspectResponse) string {
	if h := c.State.Health; h != nil && len(h.Log) > 0 {
		last := h.Log[len(h.Log)-1]
		return fmt.Sprintf("exit code %d: %s", last.ExitCode, oneLine(last.Output))
	}
	return "no check has run yet"
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}
