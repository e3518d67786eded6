package manners

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// Version is conduit's own as the Go tool recorded it, without "v": a tag where it was installed from one, else "devel".
var Version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
})

// module is conduit's path; another main module is a program that conduit is a library of.
const module = "github.com/MediaConduit/conduit"

// UserAgent tells hosts who asks, and where to complain (RFC 9110, section 10.1.5).
func UserAgent() string {
	return fmt.Sprintf("conduit/%s (%s/%s; +https://%s)", Version(), runtime.GOOS, runtime.GOARCH, module)
}

// GitAgent is [UserAgent] for git hosts, of which some serve only what begins with "git/".
func GitAgent() string { return "git/2.0 (" + UserAgent() + ")" }
