package permission

import (
	"errors"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The kinds of permissions, as files name them.
const (
	Net   = "net"   // HOST:PORT of TCP that may be connected to, besides the provider's services
	Env   = "env"   // names of variables of the environment
	Read  = "read"  // files and folders that may be read besides those that every provider may
	Write = "write" // files and folders that may be changed besides the provider's own; they may be read, too
	Run   = "run"   // programs that may be started
)

// Keys are all kinds, in the order in which they are shown.
var Keys = []string{Net, Env, Read, Write, Run}

// Any stands in a list of [Net] or [Run] for no limit.
const Any = "*"

// Set says what a provider may reach. A list that nobody wrote is nil and leaves things as they are by default: any [Net], any [Run],
// nothing besides of the others. An empty list allows nothing of its kind.
type Set struct {
	Net, Env, Read, Write, Run []string
}

// List is the list of a kind; nil for a word that is none.
func (s *Set) List(key string) *[]string {
	switch key {
	case Net:
		return &s.Net
	case Env:
		return &s.Env
	case Read:
		return &s.Read
	case Write:
		return &s.Write
	case Run:
		return &s.Run
	}
	return nil
}

// Limited tells whether a list of the kind [Net] or [Run] limits anything. The other kinds always do.
func Limited(key string, list []string) bool {
	return key != Net && key != Run || list != nil && !slices.Contains(list, Any)
}

// Port is the port of an element of [Net]; ok is false where that is none.
func Port(text string) (port uint16, ok bool) {
	host, digits, err := net.SplitHostPort(text)
	n, portErr := strconv.ParseUint(digits, 10, 16)
	return uint16(n), err == nil && portErr == nil && n > 0 && host != "" && !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == '/' || r == 0x7f })
}

// Example is an element of a kind as a package may write it.
func Example(key string) string {
	return map[string]string{Net: "api.example.com:443", Env: "EXAMPLE_API_KEY", Read: "~/models", Write: "~/pictures", Run: "ffmpeg"}[key]
}

// Check tells what is wrong with an element that a package declares; nil for nothing. A package may name less than conduit.toml: nothing
// that depends on the machine, on where conduit runs, or on how programs are loaded.
func Check(key, text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("it holds control characters")
	}
	switch key {
	case Net:
		if _, ok := Port(text); !ok && text != Any {
			return errors.New("it is not HOST:PORT")
		}
	case Env:
		return checkName(text)
	case Read, Write:
		return checkPath(text)
	case Run:
		if text == "" || text == "." || text == ".." || strings.ContainsAny(text, `/\ `) {
			return errors.New("it is not the name of a program in PATH")
		}
	}
	return nil
}

// checkPath takes absolute paths and those below the home folder, in one spelling each.
func checkPath(text string) error {
	rest, home := strings.CutPrefix(text, "~/")
	switch {
	case !home && !strings.HasPrefix(text, "/"):
		return errors.New("it is neither absolute nor begins with ~/")
	case home && rest == "" || text == "/":
		return errors.New("it is a whole home folder or disk")
	case path.Clean("/"+rest) != "/"+rest && home, path.Clean(text) != text && !home:
		return errors.New(`it has ".", "..", "//" or a slash at its end`)
	}
	return nil
}

// loading are the beginnings of names that change which code runs, or what conduit does. Who runs a provider may hand them on in
// conduit.toml; a package may not ask for them.
var loading = []string{"LD_", "DYLD_", "NODE_", "UV_", "OPENSSL_", "GLIBC_", "MALLOC_", "CONDUIT_", "BASH_"}

func checkName(text string) error {
	for i, r := range text {
		if r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9' || i == 0) {
			return errors.New("it is no name of an environment variable")
		}
	}
	upper := strings.ToUpper(text)
	switch {
	case text == "":
		return errors.New("it is no name of an environment variable")
	case slices.ContainsFunc(loading, func(prefix string) bool { return strings.HasPrefix(upper, prefix) }), upper == "PATH", upper == "HOME", upper == "TMPDIR", upper == "ENV":
		return errors.New("it is for conduit and whoever runs it to set")
	}
	return nil
}
