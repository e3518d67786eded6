package github

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// netrcFile is the file that NETRC names, else ~/.netrc (~/_netrc on Windows).
func netrcFile(env func(string) string) string {
	if file := env("NETRC"); file != "" {
		return file
	}
	home := env("HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	name := ".netrc"
	if runtime.GOOS == "windows" {
		name = "_netrc"
	}
	return filepath.Join(home, name)
}

// readNetrc finds the login for host in [netrcFile]. A "default" entry is not used: nobody means to send his password to
// every host that a package names.
func readNetrc(env func(string) string, host string) (user, password string, ok bool) {
	text, err := os.ReadFile(netrcFile(env))
	if err != nil {
		return "", "", false
	}
	return findNetrc(string(text), host)
}

// findNetrc reads the format of https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html.
func findNetrc(text, host string) (user, password string, ok bool) {
	inMacro, mine := false, false
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			inMacro = false // an empty line ends a macro
			continue
		}
		if inMacro {
			continue
		}
		for i := 0; i < len(fields); i++ {
			value := ""
			if i+1 < len(fields) {
				value = fields[i+1]
			}
			switch key := fields[i]; {
			case strings.HasPrefix(key, "#"):
				i = len(fields)
			case key == "machine" || key == "default":
				if mine && password != "" {
					return user, password, true
				}
				mine = key == "machine" && strings.EqualFold(value, host)
				user, password = "", ""
				if key == "machine" {
					i++
				}
			case key == "login" || key == "password" || key == "account":
				if mine && key == "login" {
					user = value
				} else if mine && key == "password" {
					password = value
				}
				i++
			case key == "macdef":
				inMacro = true
				i = len(fields)
			}
		}
	}
	return user, password, mine && password != ""
}
