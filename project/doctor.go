package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npm"
)

// The states of a [Finding].
const (
	Healthy = "ok"
	Warned  = "warning" // something that only some projects need
	Broken  = "problem"
)

// Finding is one thing that [Doctor] looked at.
type Finding struct {
	Name   string `json:"name"`
	State  string `json:"state"` // Healthy, Warned or Broken
	Detail string `json:"detail"`
	Next   string `json:"next,omitempty"` // what mends it
}

// Doctor looks at what conduit needs of this machine and, in a project, at what the project needs: it reads and asks, and
// changes nothing but that the folders of the cache and of the state are there afterwards. What is wrong is in the findings, not an error.
func Doctor(ctx context.Context, opts Options) []Finding {
	checks := []Finding{
		{Name: "conduit", State: Healthy, Detail: "builds with " + build.Version()},
		checkCacheFolder(ctx, opts),
		checkStateFolder(),
		checkLandlock(),
		checkEngine(ctx),
	}
	if !opts.Offline {
		checks = append(checks, checkRegistry(ctx, opts))
	}
	p, err := Open(ctx, opts)
	if err != nil {
		if _, findErr := find(opts.Dir); findErr != nil {
			return append(checks, nodeFinding(ctx, Node{Path: "node"}), Finding{Name: "project", State: Healthy, Detail: "none here: a conduit.toml makes one (conduit init)"})
		}
		return append(checks, failed("project", Broken, err))
	}
	return append(checks, p.checkProject(ctx)...)
}

// failed is the check that ended with err.
func failed(name, state string, err error) Finding {
	var e *report.Error
	if !errors.As(err, &e) {
		return Finding{Name: name, State: state, Detail: err.Error()}
	}
	plain := *e
	plain.Next = ""
	return Finding{Name: name, State: state, Detail: plain.Error(), Next: e.Next}
}

func checkCacheFolder(ctx context.Context, opts Options) Finding {
	_, release, err := opts.Cache.Scratch(ctx)
	if err != nil {
		return failed("cache", Broken, err)
	}
	release()
	return Finding{Name: "cache", State: Healthy, Detail: opts.Cache.Dir()}
}

func checkStateFolder() Finding {
	dir, err := service.StateDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		c := failed("state", Broken, err)
		c.Next = "make that folder writable for this user, or set CONDUIT_STATE to one that is"
		return c
	}
	return Finding{Name: "state", State: Healthy, Detail: dir}
}

// checkLandlock tells what the kernel keeps providers from, and which permissions it enforces. Without it they run all the same.
func checkLandlock() Finding {
	f := Finding{Name: "landlock", State: Healthy}
	kernel := landlock.Supported()
	if !kernel.Files {
		f.State = Warned
		f.Detail = "nothing keeps providers from files of yours, of each other and of conduit, and of permissions env alone is enforced: the rest takes Linux 5.13 or newer with Landlock (macOS and Windows have nothing like it), and a container's seccomp profile that lets it be used"
		f.Next = "run providers that you trust, or conduit as a user who owns nothing"
		return f
	}
	enforced, open := "env, read, write, run", []string(nil)
	if kernel.Ports {
		enforced += ", net (TCP by port; names of hosts are not compared, UDP is not limited)"
	} else {
		open = append(open, "ports of the network: permissions.net is not enforced (that takes Linux 6.7)")
	}
	if !kernel.Truncate {
		open = append(open, "emptying files whose path they know (6.2)")
	}
	if !kernel.Signals {
		open = append(open, "ending other processes of yours (6.12)")
	}
	f.Detail = fmt.Sprintf("the kernel (ABI %d) keeps providers from files of yours, of each other and of conduit; it enforces permissions: %s", kernel.Version, enforced)
	if len(open) > 0 {
		f.Detail += "; it is too old to keep them from " + strings.Join(open, ", ")
	}
	return f
}

// checkEngine warns only: a service may bring a process command, and a provider may need no service.
func checkEngine(ctx context.Context) Finding {
	manager, err := service.New(service.Options{Driver: service.Docker})
	if err != nil {
		return failed("docker", Warned, err)
	}
	defer manager.Close()
	if err := manager.Ping(ctx); err != nil {
		c := failed("docker", Warned, err)
		c.Detail += "; services that bring no command of their own cannot be started here"
		return c
	}
	return Finding{Name: "docker", State: Healthy, Detail: "an engine answers"}
}

// checkRegistry asks for the document of a library that every conduit needs.
func checkRegistry(ctx context.Context, opts Options) Finding {
	libraries, err := build.HostLibraries()
	if err != nil || len(libraries) == 0 {
		return failed("npm", Broken, err)
	}
	dir, err := find(opts.Dir)
	if err != nil {
		dir = opts.Dir
	}
	client, err := npm.New(npm.Options{Cache: opts.Cache, Dir: dir})
	if err == nil {
		_, err = client.Packument(npm.Revalidate(ctx), libraries[0].Name, false)
	}
	if err != nil {
		return failed("npm", Broken, err)
	}
	return Finding{Name: "npm", State: Healthy, Detail: "the npm registry answers"}
}

// checkProject looks at conduit.toml, at the lock, and at what each of its providers needs to start.
func (p *Project) checkProject(ctx context.Context) []Finding {
	m, lock, err := p.current(ctx)
	if err != nil {
		return []Finding{nodeFinding(ctx, Node{Path: "node"}), failed("project", Broken, err)}
	}
	checks := []Finding{{Name: "project", State: Healthy, Detail: p.dir}}
	node, err := p.node(ctx, m, lock)
	if err != nil {
		checks = append(checks, failed("node", Broken, err))
	} else {
		checks = append(checks, nodeFinding(ctx, node))
	}
	if !p.offline {
		checks = append(checks, p.checkHosts(ctx, lock)...)
	}
	for i := range lock.Modules {
		module := &lock.Modules[i]
		if _, ok := p.runnable(lock, module); module.Kind == lockfile.KindProvider && !ok {
			checks = append(checks, failed(subject(module), Broken, notSynced(subject(module))))
		}
	}
	for _, r := range m.Providers {
		set, _, err := p.providerSettings(m, lock, r.Name)
		if err == nil {
			_, _, err = p.secrets(ctx, m, r.Name, set)
		}
		if err != nil {
			checks = append(checks, failed("provider "+r.Name, Broken, err))
		}
	}
	return checks
}

// checkHosts asks each git host of the lock for the refs of one of its repositories.
func (p *Project) checkHosts(ctx context.Context, lock *lockfile.Lock) (checks []Finding) {
	var asked []string
	for i := range lock.Modules {
		src, _, err := resolve.ParseSource(lock.Modules[i].Source)
		if err != nil || src.Kind != resolve.Git && src.Kind != resolve.GitHub {
			continue
		}
		host := "github.com"
		if src.Kind == resolve.Git {
			host, _, _ = strings.Cut(src.Path, "/")
		}
		if slices.Contains(asked, host) {
			continue
		}
		asked = append(asked, host)
		if _, err := p.origin.Releases(ctx, src); err != nil {
			checks = append(checks, failed(host, Broken, err))
			continue
		}
		checks = append(checks, Finding{Name: host, State: Healthy, Detail: "answers for " + src.String()})
	}
	return checks
}

// nodeFinding asks the Node.js in PATH for its version; one that is locked was checked when it was chosen.
func nodeFinding(ctx context.Context, node Node) Finding {
	if node.Version != "" {
		return Finding{Name: "node", State: Healthy, Detail: node.Version + ", locked by the project"}
	}
	const fetch = "write node = \"^22\" under [toolchain] in " + lockfile.ManifestName + ", then type: conduit sync    which fetches it\nor install Node.js 20 or newer and have it in PATH"
	path, err := exec.LookPath(node.Path)
	if err != nil {
		return Finding{Name: "node", State: Broken, Detail: "there is no Node.js in PATH", Next: fetch}
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	if err != nil || semver.Compare("v"+version, "v"+oldestNode) < 0 {
		return Finding{Name: "node", State: Broken, Detail: fmt.Sprintf("%s is version %q; providers need %s or newer", path, version, oldestNode), Next: fetch}
	}
	return Finding{Name: "node", State: Healthy, Detail: version + ", " + path}
}
