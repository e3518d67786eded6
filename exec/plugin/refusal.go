package plugin

import (
	"fmt"
	"regexp"
)

// How Node.js words that the kernel has refused something.
var (
	refusedPath    = regexp.MustCompile(`E(?:ACCES|PERM): [a-z ]+, (\w+) '([^']+)'`)
	refusedProgram = regexp.MustCompile(`spawn(?:Sync)? (\S+) EACCES`)
	refusedPort    = regexp.MustCompile(`connect EACCES (\S+:\d+)`)
	refusedListen  = regexp.MustCompile(`listen EACCES`)
)

// writing are the system calls that change files.
var writing = map[string]bool{"mkdir": true, "unlink": true, "rename": true, "rmdir": true, "symlink": true, "link": true, "ftruncate": true, "copyfile": true, "mkdtemp": true}

// refusal is what to do about an error by which a process tells that it wanted more than it may have; "" for any other. It is logged: who
// reads the log is to see what a provider tries.
func (p *Provider) refusal(message string) string {
	if p.process.reach == nil {
		return ""
	}
	what, key, value := "", "", ""
	if m := refusedPath.FindStringSubmatch(message); m != nil {
		what, key, value = m[1]+" "+m[2], "read", m[2]
		if writing[m[1]] || p.process.reach.reads(m[2]) {
			key = "write"
		}
	} else if m := refusedProgram.FindStringSubmatch(message); m != nil {
		what, key, value = "start "+m[1], "run", m[1]
	} else if m := refusedPort.FindStringSubmatch(message); m != nil {
		what, key, value = "connect to "+m[1], "net", m[1]
	} else if refusedListen.MatchString(message) {
		p.recorder.emit("warn", "refused by the kernel: listen on a port; permissions.net allows none to listen on")
		return "take net out of permissions of " + p.spec.Name + " in conduit.toml if it is to listen on ports"
	}
	if key == "" {
		return ""
	}
	p.recorder.emit("warn", fmt.Sprintf("refused by the kernel: %s; permissions.%s does not allow it", what, key))
	next := fmt.Sprintf("if it is to have that, write under [providers.%s] in conduit.toml: permissions = { %s = [%q] }", p.spec.Name, key, value)
	if key == "read" {
		next += "    or write in place of read, if it is to change it"
	}
	return next
}
