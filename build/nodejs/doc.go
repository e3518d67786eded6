// Package nodejs resolves import specifiers as Node.js does: package.json "exports" and "imports" with conditions and
// patterns, self-references, and the older lookup by "main", extensions and index files. It is pure: packages are given
// as sets of files, so that libraries resolve straight from their tarballs.
//
// Source: https://nodejs.org/api/esm.html#resolution-algorithm-specification and
// https://nodejs.org/api/modules.html#all-together, Node.js 20.
package nodejs
