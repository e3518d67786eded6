package lockfile

import (
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/manifest/permission"
)

// Permissions are what conduit.toml says of what a provider may reach. A list that is not written is nil, and leaves things as the
// provider's package declares them, else as by default; an empty one allows nothing of its kind.
type Permissions struct {
	Read  []string // files and folders besides those that every provider may read: absolute, from the project's folder on, or below ~/
	Write []string // files and folders besides its own, likewise; it may read them too
	Net   []string // HOST:PORT that it may connect to besides its services, with "*" for any host; "*" alone for no limit
	Run   []string // programs that it may start: names in PATH, or absolute paths; "*" for no limit
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
		{"net", "api.example.com:443", "HOST:PORT, or \"*\" for no limit", &out.Net, isHost},
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

func isHost(text string) bool {
	_, ok := permission.Port(text)
	return ok || text == permission.Any
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

// Overlay returns p with the lists that over has.
func (p Permissions) Overlay(over Permissions) Permissions {
	for _, each := range []struct{ to, from *[]string }{{&p.Read, &over.Read}, {&p.Write, &over.Write}, {&p.Net, &over.Net}, {&p.Run, &over.Run}} {
		if *each.from != nil {
			*each.to = *each.from
		}
	}
	return p
}

// Permitted is all that the entry says of what the provider may reach: under permissions, and under env.
func (e *Entry) Permitted() permission.Set {
	return permission.Set{Net: e.Permissions.Net, Env: e.Pass, Read: e.Permissions.Read, Write: e.Permissions.Write, Run: e.Permissions.Run}
}
