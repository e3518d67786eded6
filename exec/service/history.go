package service

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Failure is something that went wrong with an instance, as often as it did so one time after the other.
type Failure struct {
	Text  string    `json:"text"` // what the probe, the exit or the start said, in one line
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
}

// String is the failure in one line, in local time.
func (f Failure) String() string {
	text := f.Last.Local().Format(time.DateTime) + "  " + f.Text
	if f.Count > 1 {
		text += fmt.Sprintf(" (%d times since %s)", f.Count, f.First.Local().Format(time.DateTime))
	}
	return text
}

// failuresKept is how many different failures are remembered of an instance.
const failuresKept = 10

// history remembers failures in a file for each instance, so that every conduit can show them. It is an aid for people: one
// that cannot be written is no error, and where two conduits write at once one entry may be lost.
type history struct {
	dir string
	mu  sync.Mutex
}

func (h *history) file(project, name string) string {
	return filepath.Join(h.dir, unique(project), unique(name)+".json")
}

// of returns the failures of an instance, the newest last.
func (h *history) of(project, name string) []Failure {
	data, err := os.ReadFile(h.file(project, name))
	if err != nil {
		return nil
	}
	var all []Failure
	_ = json.Unmarshal(data, &all) // a broken file is as good as none
	return all
}

func (h *history) add(project, name, what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	what, now := oneLine(plain(what)), time.Now().UTC()
	all := h.of(project, name)
	if n := len(all); n > 0 && all[n-1].Text == what {
		all[n-1].Last = now
		all[n-1].Count++
	} else {
		all = append(all, Failure{Text: what, First: now, Last: now, Count: 1})
	}
	if len(all) > failuresKept {
		all = all[len(all)-failuresKept:]
	}
	path := h.file(project, name)
	data, err := json.Marshal(all)
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	if os.WriteFile(path+".new", data, 0o600) == nil {
		_ = os.Rename(path+".new", path)
	}
}

func (h *history) forget(project string, names []string) {
	if len(names) == 0 {
		_ = os.RemoveAll(filepath.Dir(h.file(project, "any")))
	}
	for _, name := range names {
		_ = os.Remove(h.file(project, name))
	}
}
