package project

import (
	"path"
	"strings"

	"github.com/MediaConduit/conduit/resolve"
)

// defaultName is the name under which conduit.toml lists src unless the user says otherwise: the last part of its path
// without what every package of its kind is called. "github:MediaConduit/cowsay-provider" is "cowsay".
func defaultName(src resolve.Source) string {
	full := strings.TrimSuffix(src.Path, "/")
	if src.Dir != "" {
		full += "/" + src.Dir
	}
	name := path.Base(full)
	if name == "provider" || name == "service" { // the folder above tells whose
		if above := path.Base(path.Dir(full)); strings.Trim(above, "./") != "" {
			name = strings.TrimPrefix(above, "@")
		}
	}
	name = strings.ToLower(strings.TrimSuffix(name, ".git"))
	for _, suffix := range []string{"-provider", "_provider", "-service", "_service"} {
		if cut, ok := strings.CutSuffix(name, suffix); ok && cut != "" {
			name = cut
			break
		}
	}
	name = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, name)
	return strings.Trim(name, "-")
}
