package service

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// TestRounds starts and stops services two hundred times, several at once, and wants everything to be as before: no
// container, network, volume, process, file, file descriptor or goroutine is left.
func TestRounds(t *testing.T) {
	const atOnce = 8
	for driver, rounds := range map[string]int{Docker: 32, Process: 168} {
		t.Run(driver, func(t *testing.T) {
			ctx := context.Background()
			specs := make([]Spec, atOnce)
			specs[0] = pack(t, map[string]string{"docker-compose.yml": plainCompose + "    volumes: [/scratch]\n"})
			for i := range specs {
				specs[i] = specs[0]
				specs[i].Name = "app" + strconv.Itoa(i)
				specs[i].Env = map[string]string{"CHILD": map[string]string{Process: "yes"}[driver]}
			}
			m := manager(t, driver, specs[0])
			if err := m.Prepare(ctx, specs[0]); err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var volumes []string
			run := func(times int) {
				var wg sync.WaitGroup
				for _, spec := range specs {
					wg.Go(func() {
						for range times {
							s, err := m.Up(ctx, spec)
							if err != nil {
								t.Error(err)
								return
							}
							if driver == Docker {
								mu.Lock()
								volumes = append(volumes, anonymousOf(t, m, s.ID)...)
								mu.Unlock()
							}
							if err := m.Down(ctx, spec.Project, []string{spec.Name}); err != nil {
								t.Error(err)
							}
						}
					})
				}
				wg.Wait()
			}
			run(1) // what is made once: folders, locks
			before := count(t, m)
			run(rounds / atOnce)
			// What ends may take a moment: goroutines that have handed over what they did, connections.
			for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
				after := count(t, m)
				if after.files <= before.files && after.goroutines <= before.goroutines && after.children <= before.children && after.state <= before.state {
					break
				}
				if time.Now().After(end) {
					stacks := make([]byte, 1<<20)
					t.Fatalf("before: %+v\nafter %d rounds: %+v\n%s", before, rounds, after, stacks[:runtime.Stack(stacks, true)])
				}
			}
			for _, spec := range specs {
				if left := m.process.instance(spec.Project, spec.Name).members(); len(left) > 0 {
					t.Errorf("processes are left: %v", left)
				}
			}
			if driver == Process {
				return
			}
			empty(t, m, specs[0].Project)
			if len(volumes) != rounds+atOnce {
				t.Errorf("%d anonymous volumes", len(volumes))
			}
			engine, err := m.docker.engine(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range volumes {
				if _, err := engine.VolumeInspect(ctx, name, client.VolumeInspectOptions{}); !isNotFound(err) {
					t.Errorf("volume %s is left: %v", name, err)
				}
			}
		})
	}
}

// census is how much there is of what may be left behind.
type census struct {
	files      int // open in this process
	goroutines int
	children   int // processes, those included that nobody has collected
	state      int // files in the state folder
}

func count(t *testing.T, m *Manager) (c census) {
	t.Helper()
	// Connections to the engine that wait for the next use, the client's and the probes', are no leak.
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	probeClient.CloseIdleConnections()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	c.files, c.goroutines = len(open), runtime.NumGoroutine()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		if fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:])); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			c.children++
		}
	}
	err = filepath.WalkDir(m.process.state, func(string, os.DirEntry, error) error { c.state++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return c
}
