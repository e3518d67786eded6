package native

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/build/sandbox"
)

// Folders inside of the sandbox that scripts are run with.
const (
	home     = sandbox.Root + "/home"
	temp     = sandbox.Root + "/tmp"
	programs = sandbox.Root + "/bin"
)

// searchPath is where scripts find the machine's programs: the same on all machines, and nothing in home folders.
var searchPath = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// env is the whole environment of a script. npm sets much more; these are what scripts are known to read.
func (s Step) env(event string) []string {
	own := sandbox.Root + "/node_modules/" + s.Library.Name
	search := append([]string{own + "/node_modules/.bin", sandbox.Root + "/node_modules/.bin", programs, filepath.Dir(s.Node.Path)}, searchPath...)
	env := []string{
		"PATH=" + strings.Join(search, ":"), "HOME=" + home, "TMPDIR=" + temp, "CI=1", "LANG=C.UTF-8", "TZ=UTC", "SOURCE_DATE_EPOCH=0", "INIT_CWD=" + sandbox.Root,
		"npm_lifecycle_event=" + event, "npm_package_name=" + s.Library.Name, "npm_package_version=" + s.Library.Version,
		"npm_node_execpath=" + s.Node.Path, "npm_config_update_notifier=false", "npm_config_cache=" + home + "/.npm",
	}
	if s.Node.Headers != "" {
		env = append(env, "npm_config_nodedir="+s.Node.Headers)
	}
	if s.Node.Gyp != "" {
		env = append(env, "npm_config_node_gyp="+s.Node.Gyp)
	}
	return env
}

// furnish adds to the laid out libraries what npm has beside them: their commands, node-gyp, and a home.
func (s Step) furnish(scratch string) error {
	inside := func(p string) string { return filepath.Join(scratch, strings.TrimPrefix(p, sandbox.Root)) }
	for _, dir := range []string{home, temp, programs} {
		if err := os.MkdirAll(inside(dir), 0o777); err != nil {
			return err
		}
	}
	if s.Node.Gyp != "" {
		if err := write(inside(programs+"/node-gyp"), "#!/bin/sh\nexec \""+s.Node.Path+"\" \""+s.Node.Gyp+"\" \"$@\"\n"); err != nil {
			return err
		}
	}
	return filepath.WalkDir(scratch, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() != "package.json" {
			return err
		}
		parent := filepath.Dir(filepath.Dir(name))
		if strings.HasPrefix(filepath.Base(parent), "@") {
			parent = filepath.Dir(parent)
		}
		if filepath.Base(parent) != "node_modules" {
			return nil
		}
		return linkCommands(filepath.Dir(name), filepath.Join(parent, ".bin"))
	})
}

// linkCommands makes the commands of a package, "bin" in its package.json, known in the folder bin.
func linkCommands(pkg, bin string) error {
	var about struct {
		Name string          `json:"name"`
		Bin  json.RawMessage `json:"bin"`
	}
	data, err := os.ReadFile(filepath.Join(pkg, "package.json"))
	if err != nil || json.Unmarshal(data, &about) != nil || len(about.Bin) == 0 {
		return err // npm reads past what it does not understand, too
	}
	var one string
	commands := map[string]string{}
	if json.Unmarshal(about.Bin, &one) == nil {
		commands[path.Base(about.Name)] = one
	} else if json.Unmarshal(about.Bin, &commands) != nil {
		return nil
	}
	for name, file := range commands {
		target := filepath.Join(pkg, filepath.FromSlash(path.Clean("/"+file)))
		info, err := os.Stat(target)
		if err != nil || name != path.Base(name) || name == ".." || name == "." {
			continue
		}
		rel, err := filepath.Rel(bin, target)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(bin, 0o777); err != nil {
			return err
		}
		if err := os.Chmod(target, info.Mode().Perm()|0o111); err != nil {
			return err
		}
		if err := os.Symlink(rel, filepath.Join(bin, name)); err != nil && !os.IsExist(err) {
			return err
		}
	}
	return nil
}
