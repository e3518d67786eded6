package tarball

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// CheckIdentity fails with an error of kind Integrity if the package.json in the archive is that of another package or
// version than name and version. What it leaves out is not held against it, nor is a build part or a leading "v", which
// registries drop from versions.
func (a *Archive) CheckIdentity(name, version string) error {
	data, ok := a.File("package.json")
	if !ok {
		return nil
	}
	var says struct {
		Name    any `json:"name"`
		Version any `json:"version"`
	}
	if json.Unmarshal(data, &says) != nil {
		return nil // whoever needs it says what is wrong with it
	}
	theirName, named := says.Name.(string)
	theirVersion, versioned := says.Version.(string)
	if (!named || strings.TrimSpace(theirName) == name) && (!versioned || plain(theirVersion) == plain(version)) {
		return nil
	}
	return &report.Error{Kind: report.Integrity, What: "the tarball of " + a.subject + " is that of another package",
		Why:  fmt.Sprintf("its package.json says %s@%s", theirName, theirVersion),
		Next: fmt.Sprintf("nothing of it was used; choose another version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml, and tell its publisher", name)}
}

// plain is a version as registries list it.
func plain(version string) string {
	version, _, _ = strings.Cut(strings.TrimLeft(strings.TrimSpace(version), "v="), "+")
	return strings.TrimSpace(version)
}
