package native

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/build/sandbox"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// limit is how long a library's scripts may take. The longest known to compile, such as TensorFlow's, take minutes.
const limit = 30 * time.Minute

// keyHeader numbers the way in which steps are run: with another way an output is not the same any more.
const keyHeader = "conduit native 1\n"

// Step is a library to build on this machine.
type Step struct {
	Library resolve.Library
	Plan    *layout.Plan // the library, by its own name, with what it uses
	Node    Node
}

func (s Step) id() string { return s.Library.Name + "@" + s.Library.Version }

func (s Step) key() cache.Key {
	sum := sha256.Sum256([]byte(keyHeader + s.Plan.Key().ID + "\n" + layout.Here().String() + "\n" + s.Node.Version + " " + s.Node.ABI))
	return cache.Key{Kind: cache.Build, ID: fmt.Sprintf("native %x", sum)}
}

// Make returns the digest and the folder of what the library's scripts make, having run them if the cache does not tell.
// made is false for a library that has none. A machine that has no sandbox gives an error of kind Policy, a script that
// fails one of kind Failure.
func Make(ctx context.Context, c *cache.Cache, s Step) (digest string, made bool, err error) {
	key := s.key()
	known := func() bool {
		_, rec, ok := c.Lookup(key)
		if ok && rec.Sum != "" {
			_, _, ok = c.Lookup(cache.Key{Kind: cache.Artifact, ID: rec.Sum})
		}
		digest = rec.Sum
		return ok
	}
	if known() {
		return digest, digest != "", nil
	}
	unlock, err := c.Lock(ctx, key)
	if err != nil {
		return "", false, err
	}
	defer unlock()
	if known() {
		return digest, digest != "", nil
	}
	if digest, made, err = s.run(ctx, c); err != nil {
		return "", false, err
	}
	return digest, made, c.Put(key, cache.Record{Sum: digest})
}

func (s Step) run(ctx context.Context, c *cache.Cache) (digest string, made bool, err error) {
	scratch, release, err := c.Scratch(ctx)
	if err != nil {
		return "", false, err
	}
	defer release()
	plain, err := s.Plan.Copy(ctx, c, scratch)
	if err != nil {
		return "", false, err
	}
	pkg := filepath.Join(scratch, "node_modules", filepath.FromSlash(s.Library.Name))
	scripts := layout.InstallScripts(pkg)
	if len(scripts) == 0 {
		return "", false, nil
	}
	if err := s.furnish(scratch); err != nil {
		return "", false, err
	}
	for _, each := range scripts {
		if err := s.script(ctx, scratch, each); err != nil {
			return "", false, err
		}
	}
	_, digest, err = c.AddTree(ctx, func(_ context.Context, dir string) error { return collect(scratch, pkg, plain, dir) })
	return digest, true, err
}

// script runs one script.
func (s Step) script(ctx context.Context, scratch string, each layout.Script) error {
	report.Emit(ctx, report.Event{Type: report.Start, Step: "run " + each.Event, Subject: s.id(), Message: each.Command})
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out := &lines{emit: func(line string) {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: each.Event, Subject: s.id(), Message: line})
	}}
	err := sandbox.Run(limited, sandbox.Command{
		Dir: scratch, Work: sandbox.Root + "/node_modules/" + s.Library.Name, Args: []string{"/bin/sh", "-c", each.Command},
		Env: s.env(each.Event), Readable: s.Node.readable(), Output: out,
	})
	out.end()
	switch {
	case err == nil:
		report.Emit(ctx, report.Event{Type: report.Done, Step: "run " + each.Event, Subject: s.id()})
		report.Record(ctx, report.Action{Act: report.Ran, Subject: s.id(), Name: each.Event})
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, sandbox.ErrUnavailable):
		return &report.Error{Kind: report.Policy, What: "the install script of " + s.id() + " was not run: there is no sandbox for it here", Err: err,
			Next: "lock and sync on Linux, with user namespaces allowed (in a container: --security-opt seccomp=unconfined --security-opt apparmor=unconfined)\n" +
				"or use a version that needs no install script, in conduit.toml: [replace] \"npm:" + s.Library.Name + "\" = \"VERSION\""}
	case errors.Is(err, context.DeadlineExceeded):
		return &report.Error{What: fmt.Sprintf("the %s script of %s did not end in %s", each.Event, s.id(), limit), Where: each.Command, Why: out.text(), Next: s.remedy(each)}
	}
	return &report.Error{What: fmt.Sprintf("the %s script of %s failed: %v", each.Event, s.id(), err), Where: each.Command,
		Why: strings.TrimSpace(out.text() + "\n" + s.lacking(each)), Err: err, Next: s.remedy(each)}
}

// lacking says what a script that compiles has not found on this machine.
func (s Step) lacking(each layout.Script) string {
	if !each.Compiles {
		return "(it ran without a network, and saw nothing of this machine but its programs and libraries)"
	}
	var tools []string
	for _, tool := range []string{"python3", "make", "g++"} {
		if !holds(searchPath, tool) {
			tools = append(tools, tool)
		}
	}
	var out []string
	if len(tools) > 0 {
		out = append(out, "this machine lacks "+strings.Join(tools, ", ")+" (looked in "+strings.Join(searchPath, ":")+")")
	}
	if s.Node.Headers == "" {
		out = append(out, "there are no headers of Node.js "+s.Node.Version+": no include/node for ABI "+s.Node.ABI+" beside "+s.Node.Path)
	}
	if s.Node.Gyp == "" {
		out = append(out, "there is no node-gyp: npm, which brings it along, is neither beside "+s.Node.Path+" nor in PATH")
	}
	return strings.Join(out, "\n")
}

func (s Step) remedy(each layout.Script) string {
	next := "conduit lock -v    shows all that it printed\n"
	if each.Compiles {
		next = "install python3, make, g++ and a Node.js with its headers and npm, then type: conduit lock -v\n"
	}
	return next + "or use a version that needs no install script, in conduit.toml: [replace] \"npm:" + s.Library.Name + "\" = \"VERSION\""
}

// holds reports whether one of the folders holds a program.
func holds(folders []string, program string) bool {
	for _, dir := range folders {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil && path != "" {
			return true
		}
	}
	return false
}

// write makes an executable file in the scratch folder.
func write(path, content string) error {
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o777))
}
