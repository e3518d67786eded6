package lockfile

import "time"

// ManifestName and LocalName are the names of the files that people write.
const (
	ManifestName = "conduit.toml"
	LocalName    = "conduit.local.toml"
)

// Manifest is the content of conduit.toml, with conduit.local.toml's replacements merged in. Maps keep the order of the
// file in the Order fields.
type Manifest struct {
	Conduit   string // lowest conduit that may read the file
	Node      string // [toolchain] node, "" for the node on PATH
	Providers []Entry
	Services  []Entry
	Replace   []Replacement
	Exclude   map[string][]string // source to versions
	Policy    Policy
	Aliases   map[string]string // name to source with query
	Profiles  map[string]Profile
	Line      map[string]int // position of a key path such as "providers.cowsay" in conduit.toml, from 1
}

// Entry is one provider or service in conduit.toml.
type Entry struct {
	Name        string            // the key
	Source      string            // as written, without the range
	Range       string            // "" when none is written
	Config      map[string]any    // providers: handed to configure()
	Pass        []string          // providers: names of environment variables to hand on (env = ["HF_TOKEN"])
	Bundling                      // providers
	Env         map[string]string // services: set in the service's environment
	Port        int               // services: fixed host port, 0 for any
	Driver      string            // services: "auto" (default), "docker" or "process"
	Idle        time.Duration     // services: how long one may be unused until it is stopped, where its address is held; 0 for ever
	Limits                        // services; of providers Memory alone
	Permissions                   // providers
	Line        int
}

// Replacement is one line of [replace].
type Replacement struct {
	Old   string // source, or npm:NAME for a library
	New   string // source, or a version for a library
	Local bool   // it stands in conduit.local.toml
	Line  int
}

// Profile is a [profile.NAME] table: settings laid over those of the same provider or service.
type Profile struct {
	Providers []Entry
	Services  []Entry
}
