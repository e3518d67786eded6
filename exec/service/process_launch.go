package service

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// launch starts the process and writes down which one it is. Its log begins a new file; the last ones are kept.
func (d *processDriver) launch(in *instance, path string, spec Spec) error {
	data := filepath.Join(in.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	if err := in.rotate(); err != nil {
		return err
	}
	log, err := os.OpenFile(in.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(path, spec.manifest().Process.Command[1:]...)
	cmd.Dir = spec.Dir
	cmd.Env = processEnv(spec, in, data)
	cmd.Stdout, cmd.Stderr = log, log
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	in.PID, in.Started = cmd.Process.Pid, time.Now().UTC()
	in.Birth, err = birth(in.PID)
	if err == nil {
		err = in.save()
	}
	d.own.collect(in, cmd)
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		err = in.save() // it ended at once; the probe says so, with its log
	}
	if err != nil { // nobody would find it again
		_ = cmd.Process.Kill()
		at, cancel := context.WithCancel(context.Background())
		cancel() // without asking
		return errors.Join(err, in.end(at))
	}
	return nil
}

// hostVariables are what a process gets of the user's environment.
var hostVariables = []string{"PATH", "HOME", "LANG", "TMPDIR", "SystemRoot", "SystemDrive", "TEMP", "TMP", "USERPROFILE", "PATHEXT", "ComSpec"}

// processEnv is the whole environment of a process: a few variables of the user's, what is declared, and where to listen
// (PORT, HOST) and write (STATE_DIR).
func processEnv(spec Spec, in *instance, data string) []string {
	env := map[string]string{}
	for _, k := range hostVariables {
		if v, ok := os.LookupEnv(k); ok {
			env[k] = v
		}
	}
	declared := spec.environment()
	for k, v := range spec.manifest().Process.Env {
		if _, user := spec.Env[k]; !user {
			declared[k] = v
		}
	}
	for k, v := range declared {
		env[k] = v
	}
	env["PORT"], env["HOST"], env["STATE_DIR"] = strconv.Itoa(in.Port), "127.0.0.1", data
	env[marker] = in.dir
	var list []string
	for _, k := range sortedKeys(env) {
		list = append(list, k+"="+env[k])
	}
	return list
}
