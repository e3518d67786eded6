// Package sdk holds conduit's own TypeScript: the SDK that providers import as "@mediaconduit/mediaconduit", and the
// host that runs a provider as a plugin process. Both are embedded in the binary and bundled by package build; nothing
// of them is fetched. The folder is also the npm package of that name, which authors install for its types.
//
// The paths under src/ are part of the contract: providers import them by deep paths, see [File].
package sdk
