package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
)

// caller does the work on a text, by way of one of the peers.
type caller func(ctx context.Context, text string) (string, error)

// texts measures calls with a text, through conduit and beside it.
func texts(ctx context.Context, p *project.Project, dir string, runs int) (err error) {
	host, err := p.Host(ctx, project.HostOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close(ctx)) }()
	bare, stop, err := serveBare(ctx, dir)
	if err != nil {
		return err
	}
	defer stop()
	through := func(ctx context.Context, text string) (string, error) {
		answer, err := host.Transform(ctx, project.RunRequest{Provider: "overhead", Model: "shout", Inputs: []plugin.Media{plugin.Text(text)}})
		if err != nil {
			return "", err
		}
		return answer.Outputs[0].Text, nil
	}
	var single, inside []time.Duration
	var rates, bareRates []time.Duration // of all calls together
	for round := range runs + 1 {
		one, err := oneByOne(ctx, through)
		if err != nil {
			return err
		}
		direct, err := insideNode(ctx, dir)
		if err != nil {
			return err
		}
		many, err := together(ctx, through)
		if err != nil {
			return err
		}
		bareMany, err := together(ctx, bare)
		if err != nil {
			return err
		}
		if round > 0 {
			single, inside = append(single, one), append(inside, direct)
			rates, bareRates = append(rates, many), append(bareRates, bareMany)
		}
	}
	extra := measure.Median(single) - measure.Median(inside)
	rate, bareRate := perSecond(measure.Median(rates)), perSecond(measure.Median(bareRates))
	fmt.Printf("\nA text through a provider, %d calls; median of %d runs in turns\n", calls, runs)
	fmt.Printf("one at a time: %s at the median, %s inside Node.js\n", measure.Median(single), measure.Median(inside))
	fmt.Printf("%d at a time: %.0f a second, %.0f a second of the bare server\n", atOnce, rate, bareRate)
	return errors.Join(
		target("what a call costs more than inside Node.js", extra.String(), "at most "+medianTarget.String(), extra <= medianTarget),
		target("calls a second", fmt.Sprintf("%.0f", rate), fmt.Sprintf("at least %d", rateTarget), rate >= rateTarget),
		target("calls a second beside the bare server", fmt.Sprintf("%.2f", rate/bareRate), fmt.Sprintf("at least %.2f", ratioTarget), rate/bareRate >= ratioTarget),
	)
}

func perSecond(all time.Duration) float64 { return calls / all.Seconds() }

// oneByOne is the median time of a call.
func oneByOne(ctx context.Context, call caller) (time.Duration, error) {
	var times []time.Duration
	for i := range calls {
		begun := time.Now()
		if err := check(ctx, call, i); err != nil {
			return 0, err
		}
		times = append(times, time.Since(begun))
	}
	return measure.Median(times), nil
}

// together is the time of all calls, [atOnce] at a time.
func together(ctx context.Context, call caller) (time.Duration, error) {
	var next atomic.Int64
	failures := make([]error, atOnce)
	var group sync.WaitGroup
	begun := time.Now()
	for i := range atOnce {
		group.Go(func() {
			for n := next.Add(1); n <= calls && failures[i] == nil; n = next.Add(1) {
				failures[i] = check(ctx, call, int(n))
			}
		})
	}
	group.Wait()
	return time.Since(begun), errors.Join(failures...)
}

func check(ctx context.Context, call caller, i int) error {
	text := fmt.Sprintf("moo %d", i)
	got, err := call(ctx, text)
	if want := strings.ToUpper(text) + "!"; err == nil && got != want {
		err = fmt.Errorf("the answer is %q, want %q", got, want)
	}
	return err
}

// insideNode is the median time of a call inside of Node.js.
func insideNode(ctx context.Context, dir string) (time.Duration, error) {
	out, err := exec.CommandContext(ctx, "node", filepath.Join(dir, "direct.mjs"), fmt.Sprint(calls)).Output()
	if err != nil {
		return 0, err
	}
	return measure.Nanoseconds(out)
}

// serveBare starts the bare server and returns how to call it, over connections that are kept.
func serveBare(ctx context.Context, dir string) (call caller, stop func(), err error) {
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "server.mjs"))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return nil, nil, err
	}
	url := "http://127.0.0.1:" + strings.TrimSpace(port)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	return func(ctx context.Context, text string) (string, error) {
		body, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			return "", err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return "", err
		}
		response, err := client.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		if err != nil {
			return "", err
		}
		var answer struct{ Text string }
		err = json.Unmarshal(data, &answer)
		return answer.Text, err
	}, stop, nil
}
