package plugin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// handshakeLine is go-plugin's line on standard output. Anything else there is a record: a runtime's banner or a child
// that inherited the provider's standard output must not break the protocol.
var handshakeLine = lazyregexp.New(`^\d+\|\d+\|(unix|tcp)\|[^|]+\|`)

// drainTime is how long output of a dead process may still come in: a child that left the process group can hold the pipes open.
const drainTime = time.Second

// process implements go-plugin's runner.Runner. It differs from go-plugin's own in that standard input ends
// after the opening, the process leads a group that dies with it, it dies with its parent, and its outputs are always read.
type process struct {
	cmd       *exec.Cmd
	recorder  *recorder
	opening   []byte        // all that standard input holds
	stdout    io.ReadCloser // the handshake line, for go-plugin
	exited    chan struct{} // closed when the process has ended, been reaped, and its output been read
	state     *os.ProcessState
	begun     time.Time
	greeted   atomic.Bool // it wrote a handshake line
	outputEnd sync.WaitGroup
	watched   bool     // its group is tied to conduit's life from outside
	folders   []string // go when conduit goes; known before Start
	reach     *reach   // what the kernel lets it reach; nil for everything; known before Start
	memory    int64    // bytes that it and what it starts may have; 0 for any number
	group     confined
	tooMuch   atomic.Bool // it wanted more memory than that

	mu      sync.Mutex
	running *os.Process // nil before the start and after the end: its id may then be another process's
	doomed  bool        // Kill was called, be it before the start
}

func newProcess(cmd *exec.Cmd, r *recorder, opening []byte, memory int64) *process {
	return &process{cmd: cmd, recorder: r, opening: opening, exited: make(chan struct{}), watched: canWatch(), memory: memory}
}

// Start implements runner.Runner.
func (p *process) Start(context.Context) error {
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return errors.Join(err, outRead.Close(), outWrite.Close())
	}
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return errors.Join(err, outRead.Close(), outWrite.Close(), errRead.Close(), errWrite.Close())
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = inRead, outWrite, errWrite
	p.cmd.SysProcAttr = attributes(p.reach == nil)

	p.begun = time.Now()
	started := make(chan error)
	go p.run(started, outRead, errRead)
	err = <-started
	_ = inRead.Close()
	go func() { // a process that reads nothing makes it wait until it ends
		_, _ = inWrite.Write(p.opening)
		_ = inWrite.Close()
	}()
	_ = outWrite.Close()
	_ = errWrite.Close()
	if err != nil {
		return errors.Join(err, outRead.Close(), errRead.Close())
	}
	return nil
}

// run starts the process and waits for it on one and the same thread of the operating system: Linux ties the signal that
// a process gets at its parent's death to the thread that forked it, and would send it when Go retires an idle thread.
func (p *process) run(started chan<- error, stdout, stderr *os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handshakeRead, handshakeWrite := io.Pipe()
	p.stdout = handshakeRead
	start := p.cmd.Start
	if p.reach != nil { // from a thread of its own, which ends at once: no signal can be tied to it
		start = func() error { return p.reach.rules.Start(p.cmd) }
	}
	if err := start(); err != nil {
		started <- err
		return
	}
	p.confine()
	if p.watched {
		line, err := tie(p.cmd.Process.Pid, p.folders)
		if err != nil {
			killGroup(p.cmd.Process)
			_ = p.cmd.Wait()
			started <- err
			return
		}
		defer line.Close()
	}
	p.mu.Lock()
	p.running = p.cmd.Process
	if p.doomed {
		killGroup(p.running)
	}
	p.mu.Unlock()
	p.outputEnd.Add(2)
	go func() {
		defer p.outputEnd.Done()
		p.readStdout(stdout, handshakeWrite)
	}()
	go func() {
		defer p.outputEnd.Done()
		p.recorder.read(stderr)
	}()
	started <- nil

	wait(p.cmd, p.endGroup)
	p.state = p.cmd.ProcessState
	if p.group != nil {
		if p.group.outOfMemory() {
			p.tooMuch.Store(true)
		}
		p.group.remove()
	}
	timer := time.AfterFunc(drainTime, func() {
		_ = stdout.SetReadDeadline(time.Now())
		_ = stderr.SetReadDeadline(time.Now())
	})
	p.outputEnd.Wait()
	timer.Stop()
	_ = stdout.Close()
	_ = stderr.Close()
	close(p.exited)
}

// confine limits what the process gets of the machine, as far as this machine lets us. It is called right after the start: what
// the process does before it has loaded anything is the same for all.
func (p *process) confine() {
	if p.group = confine(p.memory); p.group != nil && p.group.add(p.cmd.Process.Pid) != nil {
		p.group.remove()
		p.group = nil
	}
	if p.memory > 0 && (p.group == nil || !p.group.limitsMemory()) {
		go watchMemory(p.cmd.Process.Pid, p.memory, p.exited, func() {
			p.tooMuch.Store(true)
			_ = p.Kill(context.Background())
		})
	}
}

// started reports whether there ever was a process. It is called after Start.
func (p *process) started() bool { return p.cmd.Process != nil }

// readStdout passes the handshake line to go-plugin and makes records of the rest.
func (p *process) readStdout(stdout io.Reader, handshake *io.PipeWriter) {
	defer handshake.Close()
	lines := bufio.NewReaderSize(stdout, maxLine)
	for {
		line, _, err := lines.ReadLine()
		if handshakeLine.Match(line) {
			p.greeted.Store(true)
			if _, err := handshake.Write(append(line, '\n')); err == nil {
				break
			}
		} else if len(line) > 0 {
			p.recorder.line(string(line))
		}
		if err != nil {
			return
		}
	}
	p.recorder.read(lines)
}

// Wait implements runner.AttachedRunner.
func (p *process) Wait(context.Context) error {
	<-p.exited
	if p.state != nil && !p.state.Success() {
		return errors.New(p.ending())
	}
	return nil
}

// Kill implements runner.AttachedRunner: it ends the whole process group at once, or as soon as it starts.
func (p *process) Kill(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doomed = true
	if p.running != nil {
		killGroup(p.running)
	}
	return nil
}

// endGroup ends what the process started and left behind.
func (p *process) endGroup() {
	p.mu.Lock()
	defer p.mu.Unlock()
	killGroup(p.running)
	if p.group != nil {
		p.group.kill()
	}
	p.running = nil
}

// ending says how the process ended: "exited with code 3", "was killed by signal 9 (killed)".
func (p *process) ending() string {
	if signal := signalOf(p.state); signal != "" {
		return "was killed by " + signal
	}
	return "exited with code " + strconv.Itoa(p.state.ExitCode())
}

// Stdout implements runner.Runner.
func (p *process) Stdout() io.ReadCloser { return p.stdout }

// Stderr implements runner.Runner. Standard error is read by the recorder; go-plugin gets none of it.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name implements runner.Runner.
func (p *process) Name() string { return p.cmd.Path }

// ID implements runner.AttachedRunner.
func (p *process) ID() string {
	if p.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(p.cmd.Process.Pid)
}

// Diagnose implements runner.Runner; the records say more.
func (p *process) Diagnose(context.Context) string { return "" }

// PluginToHost implements runner.AddrTranslator: both sides are on one machine.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin implements runner.AddrTranslator.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
