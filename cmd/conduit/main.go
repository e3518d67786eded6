package main

import (
	"cmp"
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/report"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run executes one command line and returns the exit code. The first interrupt cancels the command's context, so that it
// can put things away; a second one ends the process at once.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, journal: newJournal()}
	root := newRoot(a, args)
	err := root.ExecuteContext(report.Recording(ctx, a.journal))
	if err != nil {
		a.journal.Closing()
		report.RecordRefusals(report.Recording(a.context(ctx), a.journal), err)
	}
	a.finish()
	return a.fail(ctx, cmp.Or(err, a.noCommand, a.lost, a.journal.Close()))
}
