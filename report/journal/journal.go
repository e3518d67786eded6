package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// most is the size in bytes from which on a log is put aside.
const most = 16 << 20

// Log appends actions to a file.
type Log struct {
	path    string // "" for none
	version func() string

	mu       sync.Mutex
	project  string
	command  string
	user     string
	file     *os.File
	tried    bool // to open the file
	err      error
	told     bool // that err is there
	required bool
	closing  bool
	refused  map[string]bool
}

// New returns a log that appends to the file at path, which is made when it is needed, readable by its user alone; "" for a log
// that keeps nothing. version tells the version of conduit.
func New(path string, version func() string) *Log {
	return &Log{path: path, version: version, refused: map[string]bool{}}
}

// Path is the log's file, "" for none.
func (l *Log) Path() string { return l.path }

// In tells which project the actions from now on are for: its folder, absolute.
func (l *Log) In(project string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.project = project
}

// By tells which command the actions from now on are of, without its arguments.
func (l *Log) By(command string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.command = command
}

// line is a line of the log.
type line struct {
	Time    string `json:"time"` // UTC
	Conduit string `json:"conduit"`
	User    string `json:"user"`
	PID     int    `json:"pid"`
	Project string `json:"project,omitempty"`
	Command string `json:"command,omitempty"`
	report.Action
}

// Record implements [report.Recorder]. The first error is returned once.
func (l *Log) Record(a report.Action) error {
	if l.path == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.Act == report.Refused {
		key := a.What + "\n" + a.Where + "\n" + a.Why
		if l.closing && l.refused[key] {
			return nil // it was recorded where it came up
		}
		l.refused[key] = true
	}
	if !l.open() {
		return l.tell()
	}
	text, err := json.Marshal(line{Time: time.Now().UTC().Format(time.RFC3339Nano), Conduit: l.version(), User: l.user, PID: os.Getpid(),
		Project: l.project, Command: l.command, Action: a})
	if err == nil {
		_, err = l.file.Write(append(text, '\n'))
	}
	if err != nil && l.err == nil {
		l.err = err
	}
	return l.tell()
}

// tell is the error that nobody was told of yet.
func (l *Log) tell() error {
	if l.err == nil || l.told {
		return nil
	}
	l.told = true
	return fmt.Errorf("the audit log %s cannot be written, and what is done now is not in it: %w", l.path, l.err)
}

// Require implements [report.Recorder].
func (l *Log) Require() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.required = true
	if l.path == "" {
		return errors.New("CONDUIT_AUDIT_LOG is off")
	}
	l.open()
	l.told = l.err != nil
	return l.err
}

// Closing says that what comes now is the end of the command: refusals that are in the log already are not written again.
func (l *Log) Closing() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closing = true
}

// Close closes the file. It fails, with an error of kind Policy, where a line that had to be kept is lost.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		if err := l.file.Close(); l.err == nil {
			l.err = err
		}
		l.file, l.tried = nil, false
	}
	if l.required && l.err != nil {
		return &report.Error{Kind: report.Policy, What: "the policy demands an audit log, and lines of it are lost", Where: l.path, Err: l.err,
			Next: "make room for the file, then type the command again"}
	}
	return nil
}

// open has the file open, once.
func (l *Log) open() bool {
	if !l.tried {
		l.tried = true
		l.file, l.err = appendTo(l.path)
		l.user = userName()
	}
	return l.file != nil
}

func appendTo(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file") // opening a pipe would wait for a reader
	case info.Size() > most:
		// Of two processes that do this at once the second may put a short file aside: no line is lost.
		old := strings.TrimSuffix(path, filepath.Ext(path)) + time.Now().UTC().Format("-20060102T150405Z-") + strconv.Itoa(os.Getpid()) + filepath.Ext(path)
		_ = os.Rename(path, old) // what cannot be put aside grows on
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if cutShort(path) {
		_, err = f.Write([]byte("\n"))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// cutShort tells whether the last line has no end: a disk was full. A log that cannot be read has none.
func cutShort(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// userName is the user's name, or number where it has none.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
