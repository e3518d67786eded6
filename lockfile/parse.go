package lockfile

import "context"

// Language is the version of conduit.toml's language that this conduit reads. A file that asks for a newer one in its
// key conduit is refused with advice.
const Language = "0.1"

// ReadManifest reads conduit.toml in the folder dir, and conduit.local.toml beside it if there is one. Errors are
// [*report.Error] with the line in Where; without conduit.toml the error has [io/fs.ErrNotExist] in its chain.
func ReadManifest(ctx context.Context, dir string) (*Manifest, error) { return nil, nil }

// ParseManifest parses the content of a conduit.toml; name is used in messages. Unknown keys are errors with a suggestion.
func ParseManifest(name string, data []byte) (*Manifest, error) { return nil, nil }

// NewManifest is the conduit.toml that a new project starts with.
func NewManifest() []byte { return nil }
