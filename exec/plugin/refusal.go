package plugin

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// How Node.js words that the kernel has refused something.
var (
	refusedPath    = lazyregexp.New(`E(?:ACCES|PERM): [a-z ]+, (\w+) '([^']+)'(?: -> '([^']+)')?`)
	refusedProgram = lazyregexp.New(`spawn(?:Sync)? (\S+) EACCES`)
	refusedPort    = lazyregexp.New(`connect EACCES (\S+):(\d+)`)
	refusedListen  = lazyregexp.New(`listen EACCES`)
	// of an error that ends Node.js before the host runs; its message is further up than the last lines that are kept
	refusedStart = lazyregexp.New(`code: 'EACCES',\s+(?:log:\s+)?syscall: '(\w+)',\s+(?:log:\s+)?path: '([^']+)'(?:,\s+(?:log:\s+)?dest: '([^']+)')?`)
)

// writing are the system calls that change files.
var writing = map[string]bool{"mkdir": true, "unlink": true, "rename": true, "rmdir": true, "symlink": true, "link": true, "ftruncate": true, "mkdtemp": true}

// refusal is what to do about an error by which a process tells that it wanted more than it may have; "" for any other. It is logged: who
// reads the log is to see what a provider tries.
func (p *Provider) refusal(message string) string {
	if p.process.reach == nil {
		return ""
	}
	what, key, value := "", "", ""
	m := refusedPath.FindStringSubmatch(message)
	if m == nil {
		m = refusedStart.FindStringSubmatch(message)
	}
	if m != nil {
		what, key, value = m[1]+" "+m[2], "read", p.refused(m[2])
		readable := p.process.reach.reads(value)
		if writing[m[1]] || readable {
			key = "write"
		}
		if to := m[3]; to != "" && (readable || m[1] == "symlink") { // then it is the other one
			what, key, value = m[1]+" "+m[2]+" to "+to, "write", p.refused(to)
		}
	} else if m := refusedProgram.FindStringSubmatch(message); m != nil {
		what, key, value = "start "+m[1], "run", m[1]
		if strings.HasPrefix(value, ".") {
			value = filepath.Join(p.spec.Dir, value)
		}
	} else if m := refusedPort.FindStringSubmatch(message); m != nil {
		address := net.JoinHostPort(m[1], m[2]) // Node.js writes IPv6 addresses without brackets
		what, key, value = "connect to "+address, "net", address
	} else if refusedListen.MatchString(message) {
		p.noteRefusal("refused by the kernel: listen on a port; permissions.net allows none to listen on")
		return "if it is to listen on ports, lift the limit in " + p.permit("net", "*")
	}
	if key == "" {
		return ""
	}
	p.noteRefusal(fmt.Sprintf("refused by the kernel: %s; permissions.%s does not allow it", what, key))
	next := "if it is to have that, add it to " + p.permit(key, value)
	if key == "read" {
		next += "    or write in place of read, if it is to change it"
	}
	return next
}

// mostRefusals is how many refusals of a process are told of besides its log, which is of a limited size.
const mostRefusals = 100

// noteRefusal has a refusal in the provider's log, and tells whoever keeps account of them.
func (p *Provider) noteRefusal(text string) {
	p.recorder.emit("warn", text)
	if p.spec.Refused != nil && p.refusals.Add(1) <= mostRefusals {
		p.spec.Refused(p.recorder.secrets.text(text))
	}
}

// refused is the path that the kernel looked at: conduit.toml would take a relative one from the project's folder on, and symbolic links
// are followed before it is asked.
func (p *Provider) refused(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.spec.Dir, path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// permit is where and what to write in conduit.toml for the process to have one thing more. What it may have of the kind already has to stand there
// too: the list takes the place of one that the provider's package declares.
func (p *Provider) permit(key, value string) string {
	list := []string{value}
	if access := p.spec.Access; access != nil && value != "*" {
		list = append(slices.Clone(access.Allowed[key]), value)
	}
	for i, text := range list {
		list[i] = strconv.Quote(text)
	}
	return fmt.Sprintf("permissions of %s under [providers] in conduit.toml: permissions = { %s = [%s] }", p.spec.Name, key, strings.Join(list, ", "))
}
