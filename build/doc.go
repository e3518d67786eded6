// Package build turns a provider's source tree and its libraries into an artifact: one folder with provider.mjs, its
// source map and artifact.json, whose digest goes into the lock. Same input, same bytes, on every machine and in every
// folder.
//
// esbuild bundles TypeScript or JavaScript into one ES module. It never reads the machine's files: a resolver plugin
// answers every import from the provider's tree, from the verified tarballs of its libraries, which are read in memory,
// or from the embedded SDK. No node_modules is written, and nothing of a package runs.
package build
