// Package corpus holds a test and nothing else: real libraries of the npm registry, each imported by a small member of
// testdata that does one real thing with it. What a member says from an artifact, run by conduit, has to be what it says
// under plain Node.js from what "npm ci" installed; and its artifact has to be the same bytes wherever it is built.
//
// testdata/module holds ES modules, testdata/commonjs modules that compile to CommonJS; package-lock.json has all versions.
// A member's libraries are those that it imports. Members listen on this machine only, and say the same at every run.
//
// To add a library, in testdata: npm install --save-exact --package-lock-only --omit-lockfile-registry-resolved NAME, and a
// file that imports it. What npm sends and what it installed are kept in the user's cache folder, conduit-test-corpus.
package corpus
