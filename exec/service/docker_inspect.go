package service

import (
	"context"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// A container that wanted too much memory ends by SIGKILL, and the engine may learn of the end before it learns why.
const (
	killed      = 128 + 9 // exit code
	reasonAfter = 50 * time.Millisecond
	reasonMost  = 20              // questions
	reasonUntil = 5 * time.Second // after the end: a later question has the whole answer
)

// inspectContainer asks the engine about a container. About one that was killed just now and has a memory limit it asks
// again until the engine says that this was the reason, for a second at most.
func inspectContainer(ctx context.Context, engine client.APIClient, id string) (container.InspectResponse, error) {
	for n := 0; ; n++ {
		res, err := engine.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil || n == reasonMost || !unexplained(res.Container) {
			return res.Container, err
		}
		select {
		case <-ctx.Done():
			return res.Container, nil
		case <-time.After(reasonAfter):
		}
	}
}

func unexplained(c container.InspectResponse) bool {
	if c.State == nil || c.HostConfig == nil || c.HostConfig.Memory == 0 || c.State.Running || c.State.OOMKilled || c.State.ExitCode != killed {
		return false
	}
	ended, err := time.Parse(time.RFC3339Nano, c.State.FinishedAt)
	return err == nil && time.Since(ended) < reasonUntil
}
