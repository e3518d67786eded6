// Package source joins the places where modules are published into one [resolve.Origin]: GitHub and other git hosts
// (source/github), the npm registry (source/npm, given by the caller) and folders (source/file).
package source
