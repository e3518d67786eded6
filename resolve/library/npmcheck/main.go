package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/direct"
	"github.com/MediaConduit/conduit/resolve/source/npm"
)

//go:embed popular.txt
var popular string

// options are what the flags say.
type options struct {
	before   time.Time
	offline  bool // npm and conduit take only what their caches hold
	parallel int
	cacheDir string // conduit's cache
	npmCache string // npm's cache, "" for the user's
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "npmcheck:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run checks what args name and outcomes whether every difference is explained.
func run(ctx context.Context, args []string, out io.Writer) (ok bool, err error) {
	flags := flag.NewFlagSet("npmcheck", flag.ContinueOnError)
	before := flags.String("before", "", "the date that both choose as of: 2006-01-02, or with a time as RFC 3339")
	names := flags.String("names", "", "file with a package a line, NAME or NAME@RANGE (default: the list of popular packages)")
	o := options{}
	flags.IntVar(&o.parallel, "p", 2, "how many packages are checked at once")
	flags.BoolVar(&o.offline, "offline", false, "ask no registry: npm and conduit take what their caches hold")
	flags.StringVar(&o.cacheDir, "cache", "", "conduit's cache (default: a temporary one)")
	flags.StringVar(&o.npmCache, "npm-cache", "", "npm's cache (default: the user's)")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if o.before, err = parseDate(*before); err != nil {
		return false, err
	}
	list := popular
	if *names != "" {
		data, err := os.ReadFile(*names)
		if err != nil {
			return false, err
		}
		list = string(data)
	}
	if flags.NArg() > 0 {
		list = strings.Join(flags.Args(), "\n")
	}
	if o.cacheDir == "" {
		dir, err := os.MkdirTemp("", "npmcheck-")
		if err != nil {
			return false, err
		}
		defer func() { _ = cache.RemoveAll(dir) }()
		o.cacheDir = filepath.Join(dir, "cache")
	}
	return check(ctx, o, parseNames(list), out)
}

func parseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("-before %q is no date: write it as 2006-01-02", s)
}

// wanted is a package to check.
type wanted struct{ name, spec string }

// parseNames reads a package a line; # begins a comment.
func parseNames(list string) []wanted {
	var out []wanted
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		w := wanted{line, "latest"}
		if at := strings.LastIndex(line, "@"); at > 0 {
			w = wanted{line[:at], line[at+1:]}
		}
		out = append(out, w)
	}
	return out
}

// check checks all of list and prints what it finds in the order of the list.
func check(ctx context.Context, o options, list []wanted, out io.Writer) (bool, error) {
	c, err := cache.Open(o.cacheDir)
	if err != nil {
		return false, err
	}
	registry, err := npm.New(npm.Options{Cache: c, Offline: o.offline})
	if err != nil {
		return false, err
	}
	git := source.New(source.Options{Cache: c, Offline: o.offline, NPM: npm.NewOrigin(registry)})
	client := direct.New(registry, git, c)
	judge, err := newJudge()
	if err != nil {
		return false, err
	}
	outcomes := make([]*outcome, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.parallel)
	for i, w := range list {
		group.Go(func() (err error) {
			outcomes[i], err = checkOne(ctx, o, client, judge, w)
			if err != nil && ctx.Err() == nil {
				outcomes[i], err = &outcome{wanted: w, failed: 1, wrong: []string{err.Error()}}, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return false, err
	}
	var all outcome
	for _, r := range outcomes {
		r.print(out)
		all.add(r)
	}
	fmt.Fprintf(out, "%d packages as of %s, %d could not be compared: %d imports compared, %d mean the same version; %d differences, %d of them not explained; %d edges checked by npm's semver, %d wrong\n",
		len(list), o.before.Format(time.RFC3339), all.failed, all.compared, all.compared-len(all.differences), len(all.differences), all.unexplained(), all.edges, len(all.wrong)-all.failed)
	return all.unexplained() == 0 && len(all.wrong) == 0, nil
}
