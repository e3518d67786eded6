// Command npmcheck proves that conduit chooses the libraries that npm chooses.
//
// It resolves each package of a list, alone, as of a date: with conduit, and with npm install --before=DATE
// --package-lock-only. Then it walks both trees side by side. Every import that means another version in one than in the
// other is listed. It is explained where npm's version satisfies the range but is not the one that npm would pick for it
// (npm-pick-manifest, npm's own code): then npm has reused a version that stood in its tree already. A difference with any
// other cause is a failure, and so is an edge in conduit's tree that does not satisfy its range by npm's own semver.
//
//	go run ./resolve/library/npmcheck -before 2026-11-01                    the 200 of popular.txt
//	go run ./resolve/library/npmcheck -before 2026-11-01 -names providers.txt
//	go run ./resolve/library/npmcheck -before 2026-11-01 axios@^1.6.0 sharp
//
// Registry and credentials are those of the user's .npmrc, for both. npm runs on PATH. The exit code is 1 where anything is
// not explained. The figures on standard output end with one line for all of them.
package main
