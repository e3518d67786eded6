package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const body = `{"model":"echo/echo","text":"a text that is returned"}`

// result is what came of a load.
type result struct {
	calls, failed int
	times         []time.Duration // sorted
}

// percentile is the time within which so many of a hundred calls were answered.
func (r result) percentile(p int) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	return r.times[(len(r.times)-1)*p/100].Round(10 * time.Microsecond)
}

// call makes one call.
func call(client *http.Client, g *gateway) error {
	resp, err := client.Post(g.url+"/api/v1/transform", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.Contains(string(data), "A TEXT THAT IS RETURNED")) {
		err = fmt.Errorf("%s: %s", resp.Status, data)
	}
	return err
}

// warm starts what stays.
func warm(g *gateway) error {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	return call(client, g)
}

// load calls over all connections until ctx ends.
func load(ctx context.Context, g *gateway) result {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var out result
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			var own result
			for ctx.Err() == nil {
				begun := time.Now()
				if err := call(client, g); err != nil {
					if own.failed++; own.failed == 1 {
						fmt.Fprintln(os.Stderr, "gateway:", err)
					}
				}
				own.calls++
				own.times = append(own.times, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			out.calls, out.failed, out.times = out.calls+own.calls, out.failed+own.failed, append(out.times, own.times...)
		})
	}
	group.Wait()
	slices.Sort(out.times)
	return out
}

func (g *gateway) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(g.process.Process.Pid), name)
}

// descriptors is how many the gateway has open.
func (g *gateway) descriptors() (int, error) {
	entries, err := os.ReadDir(g.proc("fd"))
	return len(entries), err
}

// settled waits until the gateway has at most so many descriptors, for some seconds: it closes connections when it notices.
func (g *gateway) settled(most int) (int, error) {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		n, err := g.descriptors()
		if err != nil || n <= most || time.Now().After(end) {
			return n, err
		}
	}
}

// resident is the gateway's memory in bytes.
func (g *gateway) resident() (int64, error) {
	data, err := os.ReadFile(g.proc("status"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("no VmRSS in %s", g.proc("status"))
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10, err
}
