// Package project is what conduit does for one project: it keeps conduit.toml and conduit.lock, fetches and builds what
// the lock names, starts its services and runs its providers. It joins the packages that each know one part (resolve,
// lockfile, cache, build, exec) and is the Go API of the command line:
//
//	p, err := project.Open(ctx, project.Options{Dir: "."})
//	_, err = p.Sync(ctx, project.SyncOptions{Locked: true})
//	answer, err := p.Run(ctx, project.RunRequest{Provider: "cowsay", Inputs: []plugin.Media{plugin.Text("moo")}})
//
// An operation that fails leaves conduit.toml and conduit.lock as they were: both are written at the very end, after
// everything that they name has been fetched, verified and built.
package project
