package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() { commands["revalidated"] = revalidated }

// revalidated checks that there were requests to the npm registry since the last check of requests, that it answered all
// of them with "not modified", and that git hosts were asked for refs alone, each repository once. Then it forgets them.
func revalidated(ts *testscript.TestScript, _ bool, _ []string) {
	w := of(ts)
	if n := w.npm.Count(); n == 0 || n != w.npm.Unchanged() {
		ts.Fatalf("%d of %d requests found what the cache has:\n%s", w.npm.Unchanged(), n, strings.Join(w.npm.Requests(), "\n"))
	}
	seen := map[string]bool{}
	for _, r := range w.git.Requests("") {
		if r.Path != "info/refs" || seen[r.Repo] {
			ts.Fatalf("%s %s", r.Repo, r.Path)
		}
		seen[r.Repo] = true
	}
	w.git.ResetRequests()
	w.npm.Reset()
}
