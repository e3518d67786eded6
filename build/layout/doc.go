// Package layout lays a provider's libraries that cannot be bundled out beside its bundle, in a node_modules of their own:
//
//	KEY/artifact/provider.mjs     the artifact's files
//	KEY/node_modules/NAME/…       what the bundle imports, and what that uses
//
// The folder is an entry of the cache. It is a function of the artifact, the library tree and the platform. A library is
// unpacked once per machine; its files are hard links wherever it is laid out, and copies where the file system has none.
//
// Libraries are placed as npm places them: as high as they can stand without hiding another version from somebody who
// needs that, deeper where they cannot. So they find each other, and files in each other's folders, as after "npm ci", on
// every operating system and without symbolic links. Libraries for other platforms are left out.
package layout
