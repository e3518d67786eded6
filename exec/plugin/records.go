package plugin

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	maxLine  = 64 << 10 // bytes of one output line that make one record; a longer line is cut into several
	keepTail = 8        // records that are kept to explain a death
)

// recorder turns a provider's output into records and keeps the last ones. Memory is bounded by maxLine and keepTail: a
// consumer that is slow makes the provider wait on its pipe, as any program's writer does.
type recorder struct {
	log     func(Record)
	secrets *redactor
	mu      sync.Mutex
	tail    []Record
	last    string // message of the last fatal record: why the provider's process ends
}

// emit hands one record on.
func (r *recorder) emit(level, message string) {
	message = r.secrets.text(message)
	r.mu.Lock()
	defer r.mu.Unlock()
	record := Record{Time: time.Now(), Level: level, Message: message}
	if level == "fatal" {
		r.last = message
	}
	if level != "trace" && level != "debug" {
		if len(r.tail) == keepTail {
			r.tail = append(r.tail[:0], r.tail[1:]...)
		}
		r.tail = append(r.tail, record)
	}
	if r.log != nil {
		r.log(record)
	}
}

// line makes a record of one line of output: a JSON record of a host, or plain text.
func (r *recorder) line(text string) {
	if strings.HasPrefix(text, "{") {
		var record struct {
			Level   string  `json:"level"`
			Message *string `json:"message"`
			At      string  `json:"@level"`   // hclog, as Go providers write it
			Said    *string `json:"@message"` // hclog
		}
		if json.Unmarshal([]byte(text), &record) == nil {
			if record.Message != nil && levels[record.Level] {
				r.emit(record.Level, *record.Message)
				return
			}
			if record.Said != nil && levels[record.At] {
				r.emit(record.At, *record.Said)
				return
			}
		}
	}
	for _, last := range lastWords {
		if strings.HasPrefix(text, last) {
			r.emit("fatal", text)
			return
		}
	}
	r.emit("info", text)
}

// lastWords are how runtimes begin the line that says why they end the process: Go, Go and V8.
var lastWords = []string{"panic: ", "fatal error: ", "FATAL ERROR: "}

var levels = map[string]bool{"trace": true, "debug": true, "info": true, "warn": true, "error": true, "fatal": true}

// read makes records of everything that in says, until it ends.
func (r *recorder) read(in io.Reader) {
	lines := bufio.NewReaderSize(in, maxLine)
	rest := "" // the end of a piece of a line that is too long: a secret may begin in it
	for {
		text, more, err := lines.ReadLine()
		piece := rest + string(text)
		rest = ""
		if keep := r.secrets.longest() - 1; more && keep > 0 {
			piece = r.secrets.replacer.Replace(piece)
			at := max(0, len(piece)-keep)
			piece, rest = piece[:at], piece[at:]
		}
		if len(piece) > 0 {
			r.line(piece)
		}
		if err != nil {
			return
		}
	}
}

// stream makes records of what is written to it: go-plugin hands on there what a native provider's own code prints.
func (r *recorder) stream() io.WriteCloser {
	in, out := io.Pipe()
	go r.read(in)
	return out
}

// death explains the end of the process: why it ended, where it said so, and what it wrote last.
func (r *recorder) death() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var words []string
	if r.last != "" {
		words = append(words, r.last)
	}
	for _, record := range r.tail {
		if record.Level != "fatal" {
			words = append(words, "log: "+cut(record.Message, 1024))
		}
	}
	return strings.Join(words, "\n")
}

// cut shortens text to about limit bytes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " …"
}

// Write implements io.Writer for hclog: go-plugin's own log lines become records of level debug, since what matters in
// them reaches the caller as errors.
func (r *recorder) Write(line []byte) (int, error) {
	var entry struct {
		Message string `json:"@message"`
		Err     string `json:"error"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return 0, errors.New("not a log line")
	}
	if entry.Err != "" {
		entry.Message += ": " + entry.Err
	}
	r.emit("debug", "go-plugin: "+entry.Message)
	return len(line), nil
}
