package plugin

import (
	"runtime"
	"strings"
)

// baseNames are the variables that every provider gets, because programs do not work without them. Nothing else of
// conduit's environment reaches a provider: tokens and proxies only where conduit.toml names them.
var baseNames = []string{"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"}

// windowsNames are what Windows programs need besides.
var windowsNames = []string{"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "COMSPEC"}

// Environment is the whole environment of a provider: PATH, HOME, TMPDIR, the locale, the time zone, and the variables
// that conduit.toml declares for it (declared), as far as lookup (usually [os.LookupEnv]) knows them.
func Environment(declared []string, lookup func(string) (string, bool)) []string {
	names := append([]string(nil), baseNames...)
	if runtime.GOOS == "windows" {
		names = append(names, windowsNames...)
	}
	names = append(names, declared...)
	seen := make(map[string]bool, len(names))
	var env []string
	for _, name := range names {
		if name == "" || strings.Contains(name, "=") || seen[name] {
			continue
		}
		seen[name] = true
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
