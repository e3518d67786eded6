package lockfile

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// Permissions are what conduit.toml says of what a provider may reach. A list that is not written is nil, and leaves things as they are
// by default; an empty one allows nothing of its kind.
type Permissions struct {
	Read  []string // files and folders besides those that every provider may read: absolute, from the project's folder on, or below ~/
	Write []string // files and folders besides its own, likewise; it may read them too
	Net   []string // HOST:PORT that it may connect to besides its services; "*" for any host
	Run   []string // programs that it may start: names in PATH, or absolute paths
}

var permissionKeys = []string{"read", "write", "net", "run"}

// permissions reads the table of a provider.
func (d *decoder) permissions(t map[string]any, path []string) (out Permissions, err error) {
	path = append(path[:len(path):len(path)], "permissions")
	table, err := d.table(t["permissions"], path...)
	if err != nil || table == nil {
		return out, err
	}
	if err := d.only(permissionKeys, path...); err != nil {
		return out, err
	}
	for _, each := range []struct {
		key, example, want string
		to                 *[]string
		fits               func(string) bool
	}{
		{"read", "~/models", "a path: absolute, or beginning with ./, ../ or ~/", &out.Read, isPath},
		{"write", "~/pictures", "a path: absolute, or beginning with ./, ../ or ~/", &out.Write, isPath},
		{"net", "api.example.com:443", "HOST:PORT", &out.Net, func(s string) bool { _, ok := PermittedPort(s); return ok }},
		{"run", "ffmpeg", "a program: a name in PATH, or an absolute path", &out.Run, isProgram},
	} {
		at := append(path[:len(path):len(path)], each.key)
		if *each.to, err = d.texts(table[each.key], each.example, at...); err != nil {
			return out, err
		}
		for _, text := range *each.to {
			if !each.fits(text) {
				return out, d.fail(quote(text)+" is not "+each.want, "write it as\n  "+each.key+" = ["+quote(each.example)+"]", at...)
			}
		}
	}
	return out, nil
}

func isPath(text string) bool {
	for _, prefix := range []string{"~/", "./", "../"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return filepath.IsAbs(text)
}

func isProgram(text string) bool {
	return filepath.IsAbs(text) || text != "" && text != "." && text != ".." && !strings.ContainsAny(text, `/\`)
}

// PermittedPort is the port of a [Permissions.Net]; ok is false where that is none.
func PermittedPort(permission string) (port uint16, ok bool) {
	host, text, err := net.SplitHostPort(permission)
	n, portErr := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil && portErr == nil && n > 0 && host != "" && !strings.ContainsAny(host, "/ ")
}

// Overlay returns p with the lists that over has.
func (p Permissions) Overlay(over Permissions) Permissions {
	for _, each := range []struct{ to, from *[]string }{{&p.Read, &over.Read}, {&p.Write, &over.Write}, {&p.Net, &over.Net}, {&p.Run, &over.Run}} {
		if *each.from != nil {
			*each.to = *each.from
		}
	}
	return p
}
