package supervisor

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"sync"

	"github.com/MediaConduit/conduit/exec/hold"
	"github.com/MediaConduit/conduit/report"
)

// Ports are chosen from a range below those that operating systems give out by themselves, so that no outgoing connection
// has one by chance.
const (
	lowest  = 20000
	highest = 32000
)

// heldPorts remembers which port was chosen for which service of the project.
type heldPorts struct {
	state, project string
	mu             sync.Mutex
}

func (h *heldPorts) file() string { return filepath.Join(h.state, "held", h.project+".json") }

func (h *heldPorts) read() map[string]int {
	known := map[string]int{}
	if data, err := os.ReadFile(h.file()); err == nil {
		_ = json.Unmarshal(data, &known) // a broken file is as good as none: ports are chosen anew
	}
	return known
}

// listen holds the port that was chosen for the service before, else one that is free and not another service's.
func (h *heldPorts) listen(ctx context.Context, name string, try func(port int) (*hold.Address, error)) (*hold.Address, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.read()
	if port, ok := known[name]; ok {
		a, err := try(port)
		if err == nil {
			return a, nil
		}
		report.Warn(ctx, name, "", err.Error()+"\nit gets another port")
	}
	taken := map[int]bool{}
	for _, port := range known {
		taken[port] = true
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(h.project + " " + name)) // never fails
	var last error
	for i := range uint32(highest - lowest) {
		port := lowest + int((sum.Sum32()+i)%(highest-lowest))
		if taken[port] {
			continue
		}
		a, err := try(port)
		if err != nil {
			last = err
			continue
		}
		known[name] = port
		if err := h.write(known); err != nil {
			_ = a.Close()
			return nil, err
		}
		return a, nil
	}
	return nil, last
}

func (h *heldPorts) write(known map[string]int) error {
	data, err := json.MarshalIndent(known, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(h.file()), 0o700)
	}
	if err == nil {
		err = os.WriteFile(h.file()+".new", append(data, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(h.file()+".new", h.file())
	}
	if err != nil {
		return &report.Error{Kind: report.Service, What: "cannot remember which ports are held", Where: h.file(), Err: err, Next: "set CONDUIT_STATE to a folder that you may write to"}
	}
	return nil
}
