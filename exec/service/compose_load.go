package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// composeNames are tried where the package names no compose file, in compose's own order of preference after the one
// that the packages use.
var composeNames = []string{"docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml"}

// composeFile is the absolute path of the package's compose file: the declared one, else the first usual name that exists,
// else the first usual name.
func composeFile(spec Spec) string {
	declared := spec.manifest().ComposeFile
	if declared == "" {
		declared = spec.Hint.ComposeFile
	}
	if declared != "" && declared != composeNames[0] {
		return filepath.Join(spec.Dir, filepath.FromSlash(declared))
	}
	for _, name := range composeNames {
		if path := filepath.Join(spec.Dir, name); exists(path) {
			return path
		}
	}
	return filepath.Join(spec.Dir, composeNames[0])
}

func hasCompose(spec Spec) bool { return exists(composeFile(spec)) }

// composeName is the compose project of one instance.
func composeName(project, name string) string {
	return "conduit-" + unique(project) + "-" + unique(name)
}

// load reads the package's compose file as compose does, but with the variables of the package and of conduit.toml only:
// what the user's shell happens to export changes nothing.
func load(ctx context.Context, spec Spec) (*types.Project, error) {
	quiet()
	rawFormat()
	file := composeFile(spec)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, composeMissing(spec, file, err)
	}
	if err := inside(spec, file); err != nil {
		return nil, refused(spec, file, "the compose file lies outside of the package", err)
	}
	if why := outOfBounds(data); why != "" {
		return nil, refused(spec, file, why, nil)
	}
	dir := filepath.Dir(file)
	env, err := interpolation(spec, dir)
	if err != nil {
		return nil, err
	}
	if err := includes(spec, file, map[string]bool{}); err != nil {
		return nil, err
	}
	project, err := loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: data}},
		Environment: env,
	}, func(o *loader.Options) {
		o.SetProjectName(composeName(spec.Project, spec.Name), true)
		o.Profiles = profiles(env)
		o.ResolvePaths = true
		// Files that containers get their environment from are read after the policy has seen where they lie.
		o.SkipResolveEnvironment = true
		o.SkipResolveLabels = true
		plain := o.Interpolate.LookupValue
		o.Interpolate.LookupValue = func(name string) (string, bool) {
			if v, ok := plain(name); ok {
				return v, true
			}
			if strings.HasSuffix(name, "_HOST_PORT") {
				return "0", true // lets the engine pick a free port
			}
			return "", false
		}
	})
	if err != nil {
		return nil, composeInvalid(spec, file, data, err)
	}
	return enabled(spec, file, data, project)
}

// profiles are the enabled ones, as compose reads them from its environment.
func profiles(env types.Mapping) []string {
	var out []string
	for _, name := range strings.Split(env[consts.ComposeProfiles], ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// enabled makes sure that the service that providers talk to is among those that run: naming it is asking for it, whatever
// its profile.
func enabled(spec Spec, file string, data []byte, p *types.Project) (*types.Project, error) {
	for _, name := range []string{spec.manifest().ServiceName, spec.Hint.ServiceName} {
		if _, ok := p.DisabledServices[name]; ok {
			on, err := p.WithServicesEnabled(name)
			if err != nil {
				return nil, composeInvalid(spec, file, data, err)
			}
			return on, nil
		}
	}
	switch {
	case len(p.Services) > 0:
		return p, nil
	case len(p.DisabledServices) == 0:
		return nil, composeInvalid(spec, file, data, errors.New("no services are declared"))
	}
	first := sortedKeys(p.DisabledServices)[0]
	return nil, &report.Error{Kind: report.Service, What: "no container of service " + spec.Name + " is enabled", Where: file,
		Why:  "each of " + strings.Join(sortedKeys(p.DisabledServices), ", ") + " belongs to a profile",
		Next: spec.variable(consts.ComposeProfiles, strings.Join(p.DisabledServices[first].Profiles, ","))}
}

// interpolation holds the variables for ${…} in the compose file: its .env, then what the manifests and the user declare.
func interpolation(spec Spec, dir string) (types.Mapping, error) {
	env := types.Mapping{}
	path := filepath.Join(dir, ".env")
	if exists(path) {
		if err := inside(spec, path); err != nil {
			return nil, refused(spec, path, ".env lies outside of the package", err)
		}
		vars, err := dotenv.ReadWithLookup(func(string) (string, bool) { return "", false }, path)
		if err != nil {
			return nil, &report.Error{Kind: report.Service, What: "cannot read the variables of service " + spec.Name, Where: path, Err: err, Next: "mend the .env file in the package " + spec.place()}
		}
		for k, v := range vars {
			env[k] = v
		}
	}
	for k, v := range spec.environment() {
		env[k] = v
	}
	return env, nil
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func composeMissing(spec Spec, file string, err error) error {
	if !errors.Is(err, os.ErrNotExist) {
		return &report.Error{Kind: report.Service, What: "cannot read the compose file of service " + spec.Name, Where: file, Err: err, Next: "check the permissions of " + file}
	}
	return &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("service %s has no compose file", spec.Name),
		Where: file,
		Why:   fmt.Sprintf("%s contains no %s", spec.place(), filepath.Base(file)),
		Next:  "add the file to the package, or name the right one as docker: {composeFile: …} in its MediaConduit.service.yml",
		Err:   err,
	}
}

var (
	lineOf     = lazyregexp.New(`line (\d+)(?:[,:] ?(?:column|col) ?(\d+))?`)
	unknownOf  = lazyregexp.New(`additional properties '([^']+)'`)
	propertyOf = lazyregexp.New(`\b((?:services|networks|volumes|secrets|configs)(?:\.[A-Za-z0-9_-]+)+)`)
)

// composeInvalid is the error for a compose file that compose does not accept, with the line where one can be told.
func composeInvalid(spec Spec, file string, data []byte, err error) error {
	text := strings.TrimPrefix(err.Error(), "validating "+file+": ")
	where := file
	if m := lineOf.FindStringSubmatch(text); m != nil {
		where += ":" + m[1]
		if m[2] != "" {
			where += ":" + m[2]
		}
	} else if m := propertyOf.FindStringSubmatch(text); m != nil {
		path := strings.Split(m[1], ".")
		if unknown := unknownOf.FindStringSubmatch(text); unknown != nil {
			path = append(path, unknown[1])
		}
		if line := lineOfPath(data, path); line > 0 {
			where += ":" + strconv.Itoa(line)
		}
	}
	return &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("the compose file of service %s is not valid", spec.Name),
		Where: where,
		Why:   text,
		Next:  fmt.Sprintf("mend the file in a copy of the package and put the copy in its place: [replace] \"%s\" = \"file:…\" in conduit.toml", spec.Source),
		Err:   err,
	}
}

// lineOfPath finds the line of the deepest key of path that the document has; 0 when it has none.
func lineOfPath(data []byte, path []string) int {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return 0
	}
	node, line := doc.Content[0], 0
	for _, key := range path {
		var next *yaml.Node
		for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
			if node.Content[i].Value == key {
				line, next = node.Content[i].Line, node.Content[i+1]
			}
		}
		if next == nil {
			break
		}
		node = next
	}
	return line
}
