package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-shellwords"

	"github.com/MediaConduit/conduit/lazyregexp"
)

const (
	// most is how many bytes a secret may have; a file or answer that is larger was not meant as one.
	most = 64 << 10
	// programTime is for a program to answer. A password manager may ask its user first.
	programTime = time.Minute
)

var variableName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// asItStands is the remedy for a text that was never meant as a reference.
const asItStands = "write the text as \"" + literal + "…\" if it is meant as it stands"

// variable follows env:NAME.
func (w *walk) variable(name string) (string, *failure) {
	if !variableName.MatchString(name) {
		return "", &failure{why: "that is no name of a variable", next: asItStands}
	}
	value, ok := w.Lookup(name)
	switch {
	case !ok:
		return "", &failure{why: "the variable " + name + " is not set", next: "export " + name + "=…"}
	case value == "":
		return "", &failure{why: "the variable " + name + " is empty", next: "export " + name + "=…"}
	}
	return value, nil
}

// file follows file:PATH; PATH is relative to the settings' file, or begins with ~/ or //.
func (w *walk) file(path string) (string, *failure) {
	path = strings.TrimPrefix(path, "//")
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", &failure{why: "there is no home folder", next: "name the file by its full path"}
		}
		path = filepath.Join(home, rest)
	}
	if path == "" {
		return "", &failure{why: "it names no file", next: asItStands}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.Dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		why := "there is no such file"
		if !errors.Is(err, fs.ErrNotExist) {
			why = "the file cannot be read: " + cause(err)
		}
		return "", &failure{why: why, next: "put the secret into " + path + "\nor " + asItStands}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return "", &failure{why: "the file cannot be read: " + cause(err), next: "put the secret into " + path + "\nor " + asItStands}
	}
	return string(data), nil
}

// cause is an error without the path, which the message shows already.
func cause(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// program follows cmd:PROGRAM ARG…: it runs without a shell, in the folder of the settings, with conduit's environment and
// no standard input. A program that asks its user opens the terminal itself, which is why it stays in conduit's group of
// processes. Nothing of what it writes is shown.
func (w *walk) program(line string) (string, *failure) {
	words := shellwords.NewParser()
	argv, err := words.Parse(line)
	switch {
	case err != nil:
		return "", &failure{why: "the command's quotes do not match", next: "close them"}
	case words.Position >= 0:
		return "", &failure{why: "the command needs a shell, and none is used", next: "put it in quotes after the name of a shell: cmd:sh -c '…'"}
	case len(argv) == 0:
		return "", &failure{why: "it names no command", next: asItStands}
	}
	if filepath.Base(argv[0]) != argv[0] && !filepath.IsAbs(argv[0]) {
		argv[0] = filepath.Join(w.Dir, argv[0])
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return "", &failure{why: "there is no program " + argv[0], next: "install " + filepath.Base(argv[0]) + ", or name the program by its full path"}
	}
	ctx, cancel := context.WithTimeout(w.ctx, programTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.Dir = w.Dir
	cmd.WaitDelay = time.Second // what it started may hold its output open
	out := &limited{}
	cmd.Stdout = out
	err = cmd.Run()
	byHand := "see what it says when you type: " + line
	var exit *exec.ExitError
	switch {
	case w.ctx.Err() != nil:
		return "", &failure{why: "the command was stopped"}
	case ctx.Err() != nil:
		return "", &failure{why: "the command did not end within " + programTime.String(), next: byHand}
	case errors.As(err, &exit):
		return "", &failure{why: fmt.Sprintf("the command failed (%s)", exit.ProcessState), next: byHand}
	case err != nil:
		return "", &failure{why: "the command cannot be run: " + cause(err), next: byHand}
	}
	return out.String(), nil
}

// limited keeps what is written to it up to one byte more than a secret may have.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	_, err := l.Buffer.Write(p[:min(len(p), most+1-l.Len())])
	return len(p), err
}

// clean takes the line break off a value's end that editors and programs put there, and refuses what no secret looks like.
func clean(value string) (string, *failure) {
	if len(value) > most {
		return "", &failure{why: fmt.Sprintf("that has more than %d KiB and is no secret", most>>10), next: asItStands}
	}
	value = strings.TrimRight(value, "\r\n")
	switch {
	case value == "":
		return "", &failure{why: "that is empty", next: "put the secret there"}
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return "", &failure{why: "that is not text in UTF-8", next: "keep it there in base64, if the provider takes that"}
	}
	return value, nil
}
