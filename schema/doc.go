// Package schema holds JSON Schemas of the files that people write: conduit.toml, MediaConduit.provider.yml and
// MediaConduit.service.yml. Editors complete and check these files with them ("conduit schema" prints them); conduit itself
// does not, since its readers give better messages.
//
// The schemas are generated from the Go types in package generate. Tests hold them to what the readers know and to every
// example of the repository. They name the preferred spellings only: what the readers take for the sake of older packages
// is marked in an editor.
package schema
