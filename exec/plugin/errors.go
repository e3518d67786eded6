package plugin

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	stackLines = 5                      // frames that are shown of a provider's error
	exitTime   = 5 * time.Second        // for the end of a process whose connection broke to be noticed
	stuckTime  = 5 * time.Second        // for a provider to answer a simple question, before it counts as stuck
	doubtTime  = 250 * time.Millisecond // the same where it may as well be the provider's own, unusual error
)

// oldNode is the exit code by which the TypeScript host says that Node is older than it needs.
const oldNode = 64

// CallError is what a provider said about a failed call; it is in the chain of the [*report.Error].
type CallError struct {
	Kind      string   // "LOAD", "CONTRACT", "CONFIGURATION", "MODEL", "INPUT", "EXECUTION", "SERVICE", "CANCELLED"
	Name      string   // class of the error: "TypeError"
	Message   string   // the provider's own words
	Stack     string   // where in its sources, innermost first
	Retryable bool     // the same call may succeed later
	Missing   []string // for CONTRACT: the members that are missing
	Remedy    string   // what to do, where the sender knows
}

// Error is the provider's own message.
func (e *CallError) Error() string { return e.Message }

func (p *Provider) where() string { return "provider " + p.spec.Name }

// verbose is the remedy where the fault is the provider's: its own log says more than its error.
const verbose = "run the command again with -v to see what the provider writes to its log"

// startError explains why there is no connection to the process.
func (p *Provider) startError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return p.contextError(ctx, "starting")
	}
	if known := (*report.Error)(nil); errors.As(err, &known) {
		return known
	}
	if !p.process.started() {
		if p.spec.NodeVersion != "" && errors.Is(err, fs.ErrNotExist) { // of the program, or of the loader that it names
			return nodeUnfit(p.spec, p.process.cmd.Path, err.Error())
		}
		return &report.Error{Kind: report.Provider, Where: p.where(), What: "its process cannot be started", Err: err,
			Next: "check that " + p.process.cmd.Path + " is a program for this machine"}
	}
	late := time.Since(p.process.begun) >= handshakeTime
	p.kill()
	<-p.process.exited
	switch {
	case late:
		return &report.Error{Kind: report.Timeout, Where: p.where(), What: "it did not say within " + handshakeTime.String() + " that it is ready",
			Why: p.recorder.death(), Next: verbose}
	case !p.process.greeted.Load():
		return p.deathError("while it was starting", err)
	}
	return &report.Error{Kind: report.Provider, Where: p.where(), What: "it does not speak conduit's plugin protocol", Why: p.words(err),
		Next: "check that the provider's package fits this conduit (`conduit version`)"}
}

// deathError explains why the process ended in the middle of something.
func (p *Provider) deathError(when string, err error) error {
	if len(p.spec.Command) == 0 && p.process.state.ExitCode() == oldNode {
		return nodeTooOld(p.spec, p.process.cmd.Path, p.recorder.death())
	}
	if words := p.recorder.death(); p.spec.NodeVersion != "" && !p.process.greeted.Load() && loaderWords.MatchString(words) {
		return nodeUnfit(p.spec, p.process.cmd.Path, words)
	}
	if p.process.tooMuch.Load() || heapWords.MatchString(p.recorder.death()) {
		return p.memoryError(when)
	}
	e := &report.Error{Kind: report.Provider, Where: p.where(), What: "it " + p.process.ending() + " " + when, Why: p.words(err), Next: verbose, Err: errGone,
		Retryable: p.process.greeted.Load()}
	if remedy := p.refusal(e.Why); remedy != "" {
		e.Next = remedy
	}
	return e
}

// heapWords is what V8 writes when its heap is as large as it may be.
var heapWords = lazyregexp.New(`FATAL ERROR: .*(heap out of memory|heap limit)`)

// memoryError says that the process wanted more memory than it may have.
func (p *Provider) memoryError(when string) error {
	e := &report.Error{Kind: report.Provider, Where: p.where(), What: "it ran out of memory " + when, Why: p.recorder.death(), Err: errGone,
		Next: "give it more: memory = \"8GB\" under [providers." + p.spec.Name + "] in conduit.toml", Retryable: p.process.greeted.Load()}
	if p.spec.Memory > 0 {
		e.What = "it ran out of its memory limit of " + strconv.FormatInt(p.spec.Memory>>20, 10) + " MB " + when
		e.Next = "raise memory under [providers." + p.spec.Name + "] in conduit.toml"
	}
	return e
}

// words are the provider's last ones, else what the transport said.
func (p *Provider) words(err error) string {
	if words := p.recorder.death(); words != "" {
		return words
	}
	return p.recorder.secrets.text(err.Error())
}

// callError explains a failed call. what says which, in the provider's role: "its model failed".
func (p *Provider) callError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return p.contextError(ctx, "answering")
	}
	state := status.Convert(err)
	for _, detail := range state.Details() {
		if failure, ok := detail.(*providerv1.Error); ok {
			return p.providerError(what, p.recorder.secrets.failure(failure))
		}
	}
	state = status.New(state.Code(), p.recorder.secrets.text(state.Message()))
	err = state.Err()
	select {
	case <-p.closing:
		return &report.Error{Kind: report.Interrupted, Where: p.where(), What: "it was stopped during the call", Retryable: true}
	default:
	}
	switch state.Code() {
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded, codes.Internal, codes.Unknown:
		wait := doubtTime
		if state.Code() == codes.Unavailable { // the connection is gone, so the process has ended or is about to
			wait = exitTime
		}
		if p.waitExit(ctx, wait) {
			return p.deathError("during the call", err)
		}
		if ctx.Err() != nil {
			return p.contextError(ctx, "answering")
		}
	case codes.Unimplemented:
		return &report.Error{Kind: report.Provider, Where: p.where(), What: what, Why: "it does not know this part of the plugin contract: " + state.Message(),
			Next: "conduit update " + p.spec.Name}
	}
	return &report.Error{Kind: report.Provider, Where: p.where(), What: what, Why: state.Message(), Next: verbose, Err: err}
}

// waitExit reports whether the process has ended or ends within limit.
func (p *Provider) waitExit(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.process.exited:
		return true
	case <-ctx.Done():
		return false
	case <-timer.C:
		return false
	}
}

// contextError says that the caller's time is over. A process that did not answer in time is ended, since it may never stop by
// itself; one with other callers only if it does not answer these either.
func (p *Provider) contextError(ctx context.Context, doing string) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &report.Error{Kind: report.Interrupted, Where: p.where(), What: "interrupted while it was " + doing, Err: context.Cause(ctx)}
	}
	e := &report.Error{
		Kind: report.Timeout, Where: p.where(), What: "it took longer than the time limit for " + doing + " and was stopped",
		Next: "allow more time with --timeout, or " + verbose, Err: ctx.Err(),
	}
	if p.spec.Shared && p.rpc != nil {
		e.What = "it took longer than the time limit for " + doing
		go p.endIfStuck()
		return e
	}
	p.kill()
	p.waitExit(context.WithoutCancel(ctx), exitTime)
	e.Why = p.recorder.death()
	return e
}

// endIfStuck ends a process that does not answer anything: its code does not let go of the only thread that answers.
func (p *Provider) endIfStuck() {
	if !p.doubted.CompareAndSwap(false, true) {
		return
	}
	defer p.doubted.Store(false)
	ctx, cancel := context.WithTimeout(p.alive, stuckTime)
	defer cancel()
	_, err := p.rpc.Describe(ctx, &providerv1.DescribeRequest{})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		p.recorder.emit("fatal", "it answered nothing for "+stuckTime.String()+" after a call had taken too long, and was ended")
		p.kill()
	}
}

// providerError shows the provider's own words.
func (p *Provider) providerError(what string, failure *providerv1.Error) error {
	cause := &CallError{
		Kind: failure.GetKind().String(), Name: failure.GetName(), Message: failure.GetMessage(),
		Stack: failure.GetStack(), Retryable: failure.GetRetryable(), Missing: failure.GetMissing(), Remedy: failure.GetRemedy(),
	}
	out := &report.Error{Kind: report.Provider, Where: p.where(), What: what, Next: failure.GetRemedy(), Err: cause, Retryable: cause.Retryable}
	out.Why = cause.Message
	if cause.Name != "" && cause.Name != "Error" && !strings.HasPrefix(cause.Message, cause.Name) {
		out.Why = cause.Name + ": " + cause.Message
	}
	showStack := true
	next := verbose
	if remedy := p.refusal(cause.Message); remedy != "" {
		next = remedy
	}
	switch failure.GetKind() {
	case providerv1.Error_CONTRACT:
		out.What, showStack = "it is not a provider that conduit can use", false
		next = "mend the provider as said above, or tell its author; then `conduit update " + p.spec.Name + "` (`conduit lock` where it is a folder)"
	case providerv1.Error_CONFIGURATION:
		next = "check config and env of " + p.spec.Name + " under [providers] in conduit.toml"
	case providerv1.Error_MODEL:
		showStack, next = false, "conduit models "+p.spec.Name
	case providerv1.Error_INPUT:
		showStack, next = false, "conduit models "+p.spec.Name+" shows what each model takes"
	case providerv1.Error_SERVICE:
		out.Kind, showStack, next = report.Service, false, "conduit ps"
	case providerv1.Error_CANCELLED:
		out.Kind, showStack, next = report.Interrupted, false, ""
	}
	if cause.Retryable && next == verbose {
		next = "try again: the provider says that the same call may succeed later"
	}
	if out.Next == "" {
		out.Next = next
	}
	if showStack && cause.Stack != "" {
		lines := strings.SplitN(cause.Stack, "\n", stackLines+1)
		out.Why += "\n" + strings.Join(lines[:min(len(lines), stackLines)], "\n")
	}
	return out
}

// foldersError says that the folders of a process cannot be made.
func (p *Provider) foldersError(err error) error {
	if err == nil {
		return nil
	}
	return &report.Error{Where: p.where(), What: "the folders for its files cannot be made", Err: err,
		Next: "make room there and have it writable, or name other places with CONDUIT_STATE and TMPDIR"}
}

// inputError says that an input does not reach the provider.
func (p *Provider) inputError(err error) error {
	return &report.Error{Where: p.where(), What: "an input cannot be handed on", Err: err, Next: "check that the file can be read, and that there is room for a copy of it in TMPDIR and in CONDUIT_STATE"}
}

// outputError says that a file that the provider made does not reach the caller.
func (p *Provider) outputError(err error) error {
	if known := (*report.Error)(nil); errors.As(err, &known) {
		known.Where = p.where() + ": " + known.Where
		return known
	}
	return &report.Error{Where: p.where(), What: "a file that it made cannot be put in its place", Err: err, Next: "make room for it, or name another folder"}
}

func (p *Provider) usageError(what string, err error) error {
	return &report.Error{Kind: report.Usage, Where: p.where(), What: what, Why: p.recorder.secrets.text(err.Error()),
		Next: "use values that can be written as JSON, and files of more than 1 MiB by their path"}
}

func nodeMissing(spec Spec, name string, err error) error {
	return &report.Error{
		Kind: report.Provider, Where: "provider " + spec.Name, What: "there is no Node to run it with: " + name + " was not found", Err: err,
		Next: "install Node 20 or newer so that `node --version` works, or write node = \"^22\" under [toolchain] in conduit.toml and run `conduit sync`",
	}
}

func nodeTooOld(spec Spec, path, why string) error {
	return &report.Error{
		Kind: report.Provider, Where: "provider " + spec.Name, What: "Node at " + path + " is too old", Why: why,
		Next: "install Node 20 or newer so that `node --version` shows it, or write node = \"^22\" under [toolchain] in conduit.toml and run `conduit sync`",
	}
}

// loaderWords is what glibc's and musl's loaders write when they cannot start a program that was made for another system.
var loaderWords = lazyregexp.New(`version .GLIBC|error while loading shared libraries|Error loading shared library|Error relocating`)

func nodeUnfit(spec Spec, path, why string) error {
	return &report.Error{
		Kind: report.Provider, Where: "provider " + spec.Name, What: "Node " + spec.NodeVersion + ", which conduit.lock provides, cannot run on this machine: " + path, Why: why,
		Next: "install the C and C++ libraries that it misses (glibc, libstdc++), or use a newer system such as Debian 12\nor take node out of [toolchain] in conduit.toml and have a Node made for this one in PATH",
	}
}
