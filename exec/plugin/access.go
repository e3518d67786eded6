package plugin

import (
	"context"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/report"
)

// Access is what a provider's process, and what it starts, may reach of the machine. The kernel enforces it by Landlock; where it
// cannot, the process may reach what conduit may. [Start] adds what the process cannot do without: the system's folders, its
// program, its artifact, [Spec].Dir, a folder for temporary files, the inputs of its calls.
type Access struct {
	Read    []string // files and folders that it may read besides
	Run     []string // folders that it may read and run programs from
	Write   []string // files and folders that it may read and write besides
	Fixed   []FixedPath
	Limits  Limits
	Private []string            // folders of which no default may be a parent: the home folder, the project, what conduit keeps
	Allowed map[string][]string // by "net", "read", "write" and "run": what the lists above were made from, as conduit.toml would name it in a remedy
	Calls   string              // folder for the files of calls, on the disk where these are likely to be; "" for one of the temporary files
}

// FixedPath is a file or folder that a process may reach besides if no symbolic link leads there.
type FixedPath struct {
	Path  string
	Write bool // and change; else read
}

// Limits are what is less than by default. Nil lists limit nothing; empty ones allow nothing.
type Limits struct {
	Programs []string // that it may start: names in its PATH, or absolute paths
	Ports    []uint16 // of TCP that it may connect to, besides those of its services
}

// What every process may read, and run programs from. A path that is not there gives nothing.
var (
	systemPrograms = []string{
		"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/snap", "/nix/store", "/gnu/store", "/run/current-system", "/home/linuxbrew/.linuxbrew",
		"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/local", "/usr/share", "/usr/include",
	}
	systemFiles = []string{
		"/etc", "/proc", "/sys", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/etc/resolv.conf", "/run/nscd",
		"/run/opengl-driver", "/var/cache/fontconfig", "/var/lib/ca-certificates",
	}
	// systemDevices hold nobody's data. Terminals and shared memory (/dev/shm) are not among them: other programs use these.
	systemDevices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/dri", "/dev/kfd", "/dev/dxg", "/dev/nvidia*"}
	// beside are the neighbours of a folder of programs that these need.
	beside = []string{"lib", "lib64", "libexec"}
)

// fileVariables name files and folders that runtimes read before any code of ours or the provider's runs.
var fileVariables = []string{"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH", "OPENSSL_CONF", "NODE_ICU_DATA"}

// reach is what one process may reach, and its folders for what goes in and out.
type reach struct {
	rules landlock.Rules
	temp  string // its TMPDIR, in the folder of its socket
	calls string // the parent of the next two
	in    string // inputs that it could not read where they are; it may not write there
	out   string // what it makes for a call
	dir   string // Spec.Dir
	count counter
}

// newReach makes the folders of a process and the rules that it is held to. program is its executable.
func newReach(spec Spec, program, socketDir string) (*reach, error) {
	parent := spec.Access.Calls
	if parent == "" {
		parent = socketDir
	} else if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	calls, err := os.MkdirTemp(parent, "")
	if err != nil {
		return nil, err
	}
	r := &reach{temp: filepath.Join(socketDir, "tmp"), calls: calls, in: filepath.Join(calls, "in"), out: filepath.Join(calls, "out"), dir: spec.Dir}
	for _, dir := range []string{r.temp, r.in, r.out} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return r, err
		}
	}
	r.defaults(spec)
	const own = landlock.Read | landlock.Write | landlock.Run
	r.allow(landlock.Read|landlock.Run, program, spec.Artifact, filepath.Join(filepath.Dir(spec.Artifact), "node_modules"))
	r.allow(landlock.Read, filepath.Dir(spec.Host), r.in)
	r.allow(own, spec.Dir, socketDir, r.out)
	r.allow(landlock.Read, spec.Access.Read...)
	r.allow(landlock.Read|landlock.Run, spec.Access.Run...)
	r.allow(landlock.Read|landlock.Write, spec.Access.Write...)
	for _, fixed := range spec.Access.Fixed {
		rule := landlock.Rule{Path: fixed.Path, Access: landlock.Read}
		if fixed.Write {
			rule.Access |= landlock.Write
		}
		r.rules.Fixed = append(r.rules.Fixed, rule)
	}
	if programs := spec.Access.Limits.Programs; programs != nil {
		r.only(spec, append([]string{program}, programs...))
	}
	if ports := spec.Access.Limits.Ports; ports != nil {
		r.rules.Ports = append([]uint16{}, ports...)
		for _, service := range spec.Services {
			for _, port := range service.Ports {
				r.rules.Ports = append(r.rules.Ports, uint16(port))
			}
		}
	}
	return r, nil
}

// only takes the right to start programs from all folders, and gives it to some programs and to the loaders that these need.
func (r *reach) only(spec Spec, programs []string) {
	for i := range r.rules.Files {
		r.rules.Files[i].Access &^= landlock.Run
	}
	for _, program := range programs {
		path, err := lookPath(program, spec)
		if err != nil {
			continue // what is not there cannot be started
		}
		r.allow(landlock.Read|landlock.Run, path, loaderOf(path))
	}
}

// loaderOf is the program that loads another's libraries; "" where it has none.
func loaderOf(program string) string {
	f, err := elf.Open(program)
	if err != nil {
		return ""
	}
	defer f.Close()
	for _, part := range f.Progs {
		if part.Type == elf.PT_INTERP {
			name, err := io.ReadAll(part.Open())
			if err == nil {
				return strings.TrimRight(string(name), "\x00")
			}
		}
	}
	return ""
}

// defaults allows what every process needs of the system.
func (r *reach) defaults(spec Spec) {
	public := func(paths []string) (out []string) {
		for _, path := range paths {
			if !holdsAny(path, spec.Access.Private) {
				out = append(out, path)
			}
		}
		return out
	}
	r.allow(landlock.Read|landlock.Run, public(systemPrograms)...)
	r.allow(landlock.Read, public(systemFiles)...)
	for _, pattern := range systemDevices {
		devices, _ := filepath.Glob(pattern)
		r.allow(landlock.Read|landlock.Write|landlock.Device, devices...)
	}
	for _, entry := range spec.Env {
		name, value, _ := strings.Cut(entry, "=")
		if name == "PATH" {
			r.allow(landlock.Read|landlock.Run, public(programFolders(value))...)
		}
		for _, each := range fileVariables {
			if name == each {
				r.allow(landlock.Read, public(absolute(filepath.SplitList(value)))...)
			}
		}
	}
}

// programFolders are the folders of a PATH, and those that belong to one with the name bin.
func programFolders(path string) (out []string) {
	for _, dir := range absolute(filepath.SplitList(path)) {
		out = append(out, dir)
		if base := filepath.Base(dir); base == "bin" || base == "sbin" {
			for _, name := range beside {
				out = append(out, filepath.Join(filepath.Dir(dir), name))
			}
		}
	}
	return out
}

func absolute(paths []string) (out []string) {
	for _, path := range paths {
		if filepath.IsAbs(path) {
			out = append(out, filepath.Clean(path))
		}
	}
	return out
}

func (r *reach) allow(access landlock.Access, paths ...string) {
	for _, path := range paths {
		if filepath.IsAbs(path) { // the empty path is of nothing
			r.rules.Files = append(r.rules.Files, landlock.Rule{Path: path, Access: access})
		}
	}
}

// environment is the environment of the process: its temporary files and its home are folders of its own, because it reaches no others.
func (r *reach) environment(env []string) []string {
	env = append(env, "TMPDIR="+r.temp) // the last of a name counts, see [exec.Cmd]
	if r.dir != "" {
		env = append(env, "HOME="+r.dir)
	}
	return env
}

// reads reports whether the process may read a file. path is without symbolic links.
func (r *reach) reads(path string) bool {
	for _, rule := range r.rules.Files {
		if rule.Access&landlock.Read == 0 {
			continue
		}
		if root, err := filepath.EvalSymlinks(rule.Path); err == nil && holds(root, path) {
			return true
		}
	}
	return slices.ContainsFunc(r.rules.Fixed, func(rule landlock.Rule) bool { // path has no links
		return rule.Access&landlock.Read != 0 && holds(rule.Path, path)
	})
}

// holds reports whether path is parent or below it. Both are clean.
func holds(parent, path string) bool {
	return path == parent || strings.HasPrefix(path, strings.TrimSuffix(parent, string(filepath.Separator))+string(filepath.Separator))
}

func holdsAny(parent string, paths []string) bool {
	for _, path := range paths {
		if holds(parent, path) {
			return true
		}
	}
	return false
}

// nodes are the answers of programs with the name of Node.js that are something else.
var nodes sync.Map

// nodeProgram is the executable of Node.js behind path. Version managers have a program of that name in PATH, which looks for the right one
// in folders that a provider does not reach: conduit asks it where that is.
func nodeProgram(ctx context.Context, spec Spec, path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(filepath.Base(real), "node") && isMachineCode(real) {
		return real, nil
	}
	if known, ok := nodes.Load(path); ok {
		return known.(string), nil
	}
	cmd := exec.CommandContext(ctx, path, "-p", "process.execPath")
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	out, err := cmd.Output()
	answer := strings.TrimSpace(string(out))
	if err == nil && !filepath.IsAbs(answer) {
		err = errors.New("it says " + answer)
	}
	if err != nil {
		return "", &report.Error{Kind: report.Provider, Where: "provider " + spec.Name, What: path + " does not say which Node.js it starts", Err: err,
			Next: "check that this answers with a path: " + path + " -p process.execPath\nor write node = \"^22\" under [toolchain] in conduit.toml and run `conduit sync`"}
	}
	nodes.Store(path, answer)
	return answer, nil
}

func isMachineCode(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	return f.Close() == nil
}
