package service

import (
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// Logs reads the containers' logs from the engine. The lines of one container keep their order; without Follow the
// containers come one after the other.
func (d *dockerDriver) Logs(ctx context.Context, project, name string, opts LogOptions, line func(string)) error {
	engine, err := d.engine(ctx)
	if err != nil {
		return err
	}
	containers, err := d.inspect(ctx, engine, ofProject(project).Add("label", labelName+"="+name))
	if err != nil {
		return err
	}
	if len(containers) == 0 {
		return notRunning(name)
	}
	var mu sync.Mutex
	group, gctx := errgroup.WithContext(ctx)
	if !opts.Follow {
		group.SetLimit(1)
	}
	for _, c := range containers {
		if opts.Shown && c.Config.Labels[labelAttach] == "false" {
			continue
		}
		prefix := ""
		if len(containers) > 1 {
			prefix = c.Config.Labels[api.ServiceLabel] + " | "
		}
		group.Go(func() error {
			return copyLog(gctx, engine, c, opts, func(text string) {
				mu.Lock()
				defer mu.Unlock()
				line(prefix + text)
			})
		})
	}
	err = group.Wait()
	if opts.Follow && ctx.Err() != nil {
		return nil // the caller has seen enough
	}
	return d.failed(ctx, err, "cannot read the log of service "+name, d.cli.DockerEndpoint().Host, "docker logs "+containers[0].ID[:12])
}

func copyLog(ctx context.Context, engine client.APIClient, c container.InspectResponse, opts LogOptions, each func(string)) error {
	o := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: opts.Follow}
	if opts.Tail > 0 {
		o.Tail = strconv.Itoa(opts.Tail)
	}
	if opts.New {
		opts.Since, o.Tail = time.Now(), "0"
	}
	if !opts.Since.IsZero() {
		o.Since = opts.Since.Format(time.RFC3339Nano)
	}
	stream, err := engine.ContainerLogs(ctx, c.ID, o)
	if err != nil {
		return err
	}
	defer stream.Close()
	// Both streams are cut into lines on their own, so that a half line of one does not end up in the other.
	out, errs := &lines{each: each}, &lines{each: each}
	if c.Config.Tty {
		_, err = io.Copy(out, stream)
	} else {
		_, err = stdcopy.StdCopy(out, errs, stream)
	}
	out.flush()
	errs.flush()
	return err
}
