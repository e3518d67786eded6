// Package sourcetest is GitHub, in process, for tests: real git repositories behind the real `git http-backend`, with
// commits that have the same hashes everywhere, requests that are counted, and faults on demand.
//
// Production code has no switch for it. A test writes [Git.GitConfig] into a file and names that file in
// GIT_CONFIG_GLOBAL: git's own url.*.insteadOf then leads https://github.com/ here.
package sourcetest
