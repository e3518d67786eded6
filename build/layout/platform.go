package layout

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/resolve"
)

// Platform is a machine as npm describes it.
type Platform struct {
	OS   string // "linux", "darwin", "win32"
	CPU  string // "x64", "arm64"
	Libc string // "glibc" or "musl" on Linux; else ""
}

// String is "linux-x64-glibc".
func (p Platform) String() string {
	return strings.TrimSuffix(p.OS+"-"+p.CPU+"-"+p.Libc, "-")
}

// Here is the platform of this machine.
func Here() Platform { return here() }

var here = sync.OnceValue(func() Platform {
	p := Platform{OS: runtime.GOOS, CPU: runtime.GOARCH}
	switch runtime.GOOS {
	case "windows":
		p.OS = "win32"
	case "linux":
		p.Libc = "glibc"
		// musl's loader is called ld-musl-ARCH.so.1 wherever musl is the system's C library.
		loaders, _ := filepath.Glob("/lib/ld-musl-*.so.1")
		if _, err := os.Stat("/etc/alpine-release"); err == nil || len(loaders) > 0 && !hasGlibc() {
			p.Libc = "musl"
		}
	}
	switch runtime.GOARCH {
	case "amd64":
		p.CPU = "x64"
	case "386":
		p.CPU = "ia32"
	case "ppc64le":
		p.CPU = "ppc64"
	}
	return p
})

// hasGlibc looks for glibc's loaders, which a machine with both libraries has too.
func hasGlibc() bool {
	for _, pattern := range []string{"/lib64/ld-linux*.so*", "/lib/ld-linux*.so*"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return true
		}
	}
	return false
}

// Runs reports whether a library is for the platform.
func (p Platform) Runs(lib resolve.Library) bool {
	return listed(lib.OS, p.OS) && listed(lib.CPU, p.CPU) && (p.Libc == "" && len(lib.Libc) == 0 || p.Libc != "" && listed(lib.Libc, p.Libc))
}

// listed is npm's reading of os, cpu and libc: no list means all, "!x" all but x.
func listed(list []string, value string) bool {
	only := false
	for _, entry := range list {
		excluded, not := strings.CutPrefix(entry, "!")
		switch {
		case not && excluded == value:
			return false
		case !not && (entry == value || entry == "any"):
			return true
		case !not:
			only = true
		}
	}
	return !only
}
