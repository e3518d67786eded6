package schema

import (
	"embed"
	"slices"
)

//go:generate go run ./generate .

// Names are the schemas that there are, by the file that they describe: conduit.toml, MediaConduit.provider.yml and
// MediaConduit.service.yml.
var Names = []string{"conduit", "provider", "service"}

//go:embed *.schema.json
var files embed.FS

// Text is the schema called name, JSON Schema draft 2020-12; false if name is not one of [Names].
func Text(name string) ([]byte, bool) {
	if !slices.Contains(Names, name) {
		return nil, false
	}
	data, err := files.ReadFile(name + ".schema.json")
	return data, err == nil
}
