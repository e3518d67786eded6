package report

import "context"

// Type tells what an [Event] says about its subject.
type Type string

// The types of events.
const (
	Start    Type = "start"    // work on the subject began
	Progress Type = "progress" // Done of Total bytes
	Done     Type = "done"     // work on the subject ended well
	Info     Type = "info"     // something worth a line without -v
	Detail   Type = "detail"   // something worth a line with -v
	Warning  Type = "warning"  // the user should act some time
	Log      Type = "log"      // a line that a service or provider wrote
)

// Event is one report of progress. It marshals to one line of the machine output.
type Event struct {
	Type    Type   `json:"type"`
	Step    string `json:"step,omitempty"`    // resolve, fetch, verify, build, service, provider
	Subject string `json:"subject,omitempty"` // what it is about: "github:a/b@v1.2.3", "axios@1.6.0", a service's name
	Message string `json:"message,omitempty"`
	Where   string `json:"where,omitempty"` // file:line, for warnings
	Done    int64  `json:"done,omitempty"`  // bytes, for progress
	Total   int64  `json:"total,omitempty"` // bytes, for progress; 0 when unknown
}

// Sink receives events, possibly from several goroutines at once.
type Sink func(Event)

type sinkKey struct{}

// To returns a context under which events go to sink.
func To(ctx context.Context, sink Sink) context.Context {
	return context.WithValue(ctx, sinkKey{}, sink)
}

// Emit hands e to the context's sink. Without a sink the event is dropped.
func Emit(ctx context.Context, e Event) {
	if sink, ok := ctx.Value(sinkKey{}).(Sink); ok && sink != nil {
		sink(e)
	}
}

// Warn emits a warning about subject; where may be empty.
func Warn(ctx context.Context, subject, where, message string) {
	Emit(ctx, Event{Type: Warning, Subject: subject, Where: where, Message: message})
}
