package jobs

import (
	"fmt"
	"strings"
	"sync"
)

// Event is something that happened to a job.
type Event struct {
	ID   string // "2-17": the attempt, and the event's number within it
	Name string // "state", "progress", "partial", "result" or "error"
	Data any    // marshals to JSON
	size int
}

// eventsMost is how many bytes of a job's events are kept for clients that come late or come back. The oldest go first.
const eventsMost = 4 << 20

// eventSize is about what an event takes besides its text.
const eventSize = 128

// history are the events of one attempt. Its methods may be called concurrently.
type history struct {
	attempt int

	mu      sync.Mutex
	first   int // number of the first event that is kept
	events  []Event
	size    int
	ended   bool
	changed chan struct{} // closed at the next change
}

func newHistory(attempt int) *history {
	return &history{attempt: attempt, changed: make(chan struct{})}
}

// add appends an event. textSize is how many bytes of text its data has.
func (h *history) add(name string, data any, textSize int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := Event{ID: fmt.Sprintf("%d-%d", h.attempt, h.first+len(h.events)), Name: name, Data: data, size: textSize + eventSize}
	h.events = append(h.events, e)
	h.size += e.size
	for h.size > eventsMost && len(h.events) > 1 {
		h.size -= h.events[0].size
		h.events = h.events[1:]
		h.first++
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// end says that no event follows.
func (h *history) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	close(h.changed)
	h.changed = make(chan struct{})
}

// from returns the events from number at on, the number after them, whether none will follow, and what is closed when that changes.
func (h *history) from(at int) (events []Event, next int, ended bool, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := max(0, at-h.first); i < len(h.events) {
		events = append(events, h.events[i:]...)
	}
	return events, h.first + len(h.events), h.ended, h.changed
}

// after is the number of the event that follows the one with an ID, 0 where that is of another attempt.
func (h *history) after(id string) int {
	var number int
	if rest, ok := strings.CutPrefix(id, fmt.Sprintf("%d-", h.attempt)); ok {
		if _, err := fmt.Sscanf(rest, "%d", &number); err == nil && number >= 0 {
			return number + 1
		}
	}
	return 0
}
