package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workload holds the eight projects: what they depend on, npm's lock file, the entry that imports their libraries, and
// what makes them providers.
//
//go:embed workload
var workload embed.FS

// world is everything that the measurements share.
type world struct {
	dir      string // of all runs
	registry *registryProcess
	conduit  string // the program
	peers    string // the folder of the peers' programs
	projects []string
	locks    map[string]map[string][]byte // tool to project to lock file, as the tool itself converted it from npm's
	full     map[string]string            // tool to a home with a filled cache
	done     map[string]string            // tool to a folder of synced projects, made with that home
}

// setUp converts the lock files, and fills one cache for each tool; all of them ask the registry for everything that any
// later run needs.
func (w *world) setUp() error {
	entries, err := workload.ReadDir("workload")
	if err != nil {
		return err
	}
	for _, e := range entries {
		w.projects = append(w.projects, e.Name())
	}
	w.locks, w.full, w.done = map[string]map[string][]byte{}, map[string]string{}, map[string]string{}
	for _, t := range w.tools() {
		if err := w.convert(t); err != nil {
			return err
		}
		work := filepath.Join(w.dir, "set-up", t.name)
		w.full[t.name], w.done[t.name] = filepath.Join(work, "home"), filepath.Join(work, "projects")
		for _, script := range []string{t.resolve, t.install, t.build} {
			if script == "" {
				continue
			}
			at := w.done[t.name]
			if script == t.resolve {
				at = filepath.Join(work, "unlocked")
			}
			if err := w.lay(t, at, script != t.resolve); err != nil {
				return err
			}
			if err := run(w.command(t, script, at, w.full[t.name])); err != nil {
				return err
			}
		}
	}
	return nil
}

// convert makes the lock files of a tool from npm's.
func (w *world) convert(t tool) error {
	w.locks[t.name] = map[string][]byte{}
	at := filepath.Join(w.dir, "convert", t.name)
	if err := w.lay(t, at, true); err != nil {
		return err
	}
	if t.convert != "" {
		if err := run(w.command(t, t.convert, at, filepath.Join(w.dir, "convert", t.name+"-home"))); err != nil {
			return err
		}
	}
	for _, p := range w.lockPlaces(t) {
		data, err := os.ReadFile(filepath.Join(at, p, t.lock))
		if err != nil {
			return err
		}
		w.locks[t.name][p] = data
	}
	return nil
}

// lockPlaces are the folders that have a lock file: conduit has one for all providers.
func (w *world) lockPlaces(t tool) []string {
	if t.name == "conduit" {
		return []string{"."}
	}
	return w.projects
}

// lay writes the projects into the folder at as a tool expects them, with or without lock files.
func (w *world) lay(t tool, at string, locked bool) error {
	toml := "[providers]\n"
	for _, p := range w.projects {
		toml += fmt.Sprintf("%s = \"file:./%[1]s\"\n", p)
		err := fs.WalkDir(workload, "workload/"+p, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			isLock := e.Name() == "package-lock.json"
			if isLock && (!locked || t.lock != "package-lock.json" && t.name != "conduit" && w.locks[t.name][p] != nil) {
				return nil
			}
			data, err := workload.ReadFile(name)
			if err != nil {
				return err
			}
			return writeFile(filepath.Join(at, filepath.FromSlash(strings.TrimPrefix(name, "workload/"))), data)
		})
		if err != nil {
			return err
		}
	}
	if t.name == "conduit" {
		if err := writeFile(filepath.Join(at, "conduit.toml"), []byte(toml)); err != nil {
			return err
		}
	}
	if locked {
		for p, data := range w.locks[t.name] {
			if err := writeFile(filepath.Join(at, p, t.lock), data); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

func run(cmd *exec.Cmd, err error) error {
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
