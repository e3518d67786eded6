package npm

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/osv-scalibr/clients/datasource"

	"github.com/MediaConduit/conduit/report"
)

// config is what npm's configuration says about registries and how to reach them.
type config struct {
	registries  map[string]string // by scope, "" for the default; each ends in a slash
	builtin     string            // the registry that is used where none is configured
	credentials credentials
	settings    settings
}

// loadConfig reads npm's configuration as npm does: files of npm itself, of the machine, of the user and of the project in
// dir ("" for none), and over them variables named npm_config_*.
func loadConfig(dir string) (*config, error) {
	all, err := readSettings(dir, os.Environ())
	if err != nil {
		return nil, err
	}
	c := &config{registries: map[string]string{}, credentials: credentials{}, settings: all,
		builtin: withSlash(datasource.ParseNPMRegistryInfo(nil).ScopeURLs[""])}
	c.registries[""] = c.builtin
	for name := range all {
		setting, value := name, all.get(name)
		scope, scoped := strings.CutSuffix(name, ":registry")
		switch {
		case strings.HasPrefix(name, "//"):
			c.credentials.set(name, value)
			continue
		case name == "registry":
			scope = ""
		case !scoped || !strings.HasPrefix(scope, "@"):
			continue
		}
		if value == "" { // as if it were not set
			continue
		}
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return nil, &report.Error{Kind: report.Usage, What: "the npm setting " + setting + " is no address of a registry", Why: "it is " + value,
				Next: "set it with 'npm config set " + setting + " https://HOST/'"}
		}
		c.registries[scope] = withSlash(c.credentials.takeUser(u))
	}
	return c, nil
}

func withSlash(s string) string { return strings.TrimRight(s, "/") + "/" }

// readSettings reads the files and variables, the weakest first.
func readSettings(dir string, environ []string) (settings, error) {
	env := lookupIn(environ)
	read := func(path string) (settings, error) {
		if path == "" {
			return settings{}, nil
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return settings{}, nil
		}
		if err != nil {
			return nil, &report.Error{Kind: report.Usage, What: "npm's configuration cannot be read", Where: path, Err: err, Next: "make the file readable, or move it away"}
		}
		return parseNpmrc(string(data), env), nil
	}
	all, err := read(builtinFile())
	if err != nil {
		return nil, err
	}
	own, err := read(projectFile(dir))
	if err != nil {
		return nil, err
	}
	variables := environmentSettings(environ)
	// The places of the user's and the machine's file are settings themselves.
	at := func(name string, below settings) string {
		for _, s := range []settings{variables, own, below} {
			if v := s.get(name); v != "" {
				return v
			}
		}
		return ""
	}
	userPath := at("userconfig", all)
	if home, err := os.UserHomeDir(); userPath == "" && err == nil {
		userPath = filepath.Join(home, ".npmrc")
	}
	user, err := read(userPath)
	if err != nil {
		return nil, err
	}
	globalPath := at("globalconfig", user.over(all))
	if globalPath == "" {
		globalPath = globalFile(at("prefix", user.over(all)), env)
	}
	global, err := read(globalPath)
	if err != nil {
		return nil, err
	}
	all = global.over(all)
	return variables.over(own.over(user.over(all))), nil
}

func projectFile(dir string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, ".npmrc")
}

// builtinFile is the npmrc that npm itself was installed with, "" without npm.
func builtinFile() string {
	npm, err := exec.LookPath("npm")
	if err == nil {
		npm, err = filepath.EvalSymlinks(npm)
	}
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(npm), "..", "npmrc")
}

// globalFile is the machine's npmrc: below npm's prefix, which is where node is installed unless it is set.
func globalFile(prefix string, env func(string) (string, bool)) string {
	if prefix == "" {
		prefix, _ = env("PREFIX")
	}
	if prefix == "" {
		node, err := exec.LookPath("node")
		if err == nil {
			node, err = filepath.EvalSymlinks(node)
		}
		if err != nil {
			return ""
		}
		if prefix = filepath.Dir(node); filepath.Base(prefix) == "bin" { // on Windows programs lie in the prefix itself
			prefix = filepath.Dir(prefix)
		}
	}
	return filepath.Join(prefix, "etc", "npmrc")
}

// registry is the base address for a package, ending in a slash.
func (c *config) registry(name string) string {
	if scope, _, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(scope, "@") {
		if address, ok := c.registries[scope]; ok {
			return address
		}
	}
	return c.registries[""]
}

// documentURL is the address of a package's document.
func (c *config) documentURL(name string) string {
	return c.registry(name) + strings.Replace(url.PathEscape(name), "%2F", "%2f", 1)
}

// tarballURL is where every registry known to us keeps a version's tarball.
func (c *config) tarballURL(name, version string) string {
	base := name[strings.LastIndex(name, "/")+1:]
	return c.registry(name) + name + "/-/" + base + "-" + version + ".tgz"
}

// rebase replaces the default registry's address by the configured one, as npm does: mirrors pass documents on without
// rewriting the addresses in them.
func (c *config) rebase(name, tarball string) string {
	if rest, ok := strings.CutPrefix(tarball, c.builtin); ok {
		return c.registry(name) + rest
	}
	return tarball
}
