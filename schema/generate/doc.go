// Generate writes the JSON Schemas of package schema from the Go types in conduit.go, provider.go and service.go, which say
// how the files are written. (The types of packages lockfile and manifest say what they mean: many ways to write a thing
// are one field there.) Run it with "go generate ./schema".
package main
