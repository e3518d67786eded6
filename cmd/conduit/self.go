package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

func (a *app) cacheCommand() *cobra.Command {
	c := &cobra.Command{Use: "cache", Short: "Show, check and clean the cache", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	c.AddCommand(
		&cobra.Command{Use: "dir", Short: "Print the cache's folder", Args: noArgs, RunE: func(*cobra.Command, []string) error {
			store, err := openCache()
			if err != nil {
				return err
			}
			return a.result(store.Dir())
		}},
		&cobra.Command{Use: "size", Short: "Print how much the cache holds", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := openCache()
			if err != nil {
				return err
			}
			size, err := store.Size(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				out := map[cache.Kind]any{}
				for _, kind := range cache.Kinds {
					out[kind] = usageJSON(size[kind])
				}
				a.printJSON(map[string]any{"result": out})
				return nil
			}
			var all cache.Usage
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, kind := range cache.Kinds {
				fmt.Fprintf(w, "%s\t%d\t%s\n", kind, size[kind].Entries, bytesText(size[kind].Bytes))
				all.Entries += size[kind].Entries
				all.Bytes += size[kind].Bytes
			}
			fmt.Fprintf(w, "all\t%d\t%s\n", all.Entries, bytesText(all.Bytes))
			return w.Flush()
		}},
		&cobra.Command{Use: "verify", Short: "Hash every entry anew", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := openCache()
			if err != nil {
				return err
			}
			if err := store.Verify(a.context(cmd.Context())); err != nil {
				return err
			}
			return a.say("every entry is as it was written")
		}},
		a.pruneCommand(),
	)
	return c
}

func (a *app) pruneCommand() *cobra.Command {
	var opts cache.PruneOptions
	c := &cobra.Command{
		Use:   "prune",
		Short: "Remove what has not been used for 30 days, or everything",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := openCache()
			if err != nil {
				return err
			}
			done, err := store.Prune(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if opts.All {
				opts.OlderThan = 0
			}
			project.Witness().Prune(opts.OlderThan)
			if a.json {
				out := usageJSON(done.Removed)
				out["busy"] = int64(done.Busy)
				a.printJSON(map[string]any{"result": out})
				return nil
			}
			text := fmt.Sprintf("removed %d entries, %s", done.Removed.Entries, bytesText(done.Removed.Bytes))
			if done.Busy > 0 {
				text += fmt.Sprintf("; %d are in use and were left", done.Busy)
			}
			return a.say(text)
		},
	}
	c.Flags().BoolVar(&opts.All, "all", false, "remove everything")
	c.Flags().DurationVar(&opts.OlderThan, "older-than", 30*24*time.Hour, "remove what has not been used for so long")
	return c
}

// usageJSON is u as --json shows it.
func usageJSON(u cache.Usage) map[string]int64 {
	return map[string]int64{"entries": int64(u.Entries), "bytes": u.Bytes}
}

func openCache() (*cache.Cache, error) {
	dir, err := cache.DefaultDir()
	if err != nil {
		return nil, err
	}
	return cache.Open(dir)
}

func (a *app) envCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print what conduit works with",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := openCache()
			if err != nil {
				return err
			}
			dir, node := a.projectAndNode(cmd)
			values := [][2]string{
				{"CONDUIT_VERSION", manners.Version()},
				{"CONDUIT_BUILDER", build.Version()},
				{"CONDUIT_CACHE", store.Dir()},
				{"CONDUIT_AUDIT_LOG", cmp.Or(a.journal.Path(), "off")},
				{"CONDUIT_OFFLINE", fmt.Sprint(a.offline)},
				{"CONDUIT_PLATFORM", runtime.GOOS + "-" + runtime.GOARCH},
				{"CONDUIT_PROJECT", dir},
				{"NODE", node.Path},
				{"NODE_VERSION", node.Version},
				{"DOCKER_HOST", os.Getenv("DOCKER_HOST")},
			}
			network, err := networkVariables()
			if err != nil {
				return err
			}
			values = append(values, network...)
			if a.json {
				out := map[string]string{}
				for _, v := range values {
					out[v[0]] = v[1]
				}
				a.printJSON(map[string]any{"result": out})
				return nil
			}
			for _, v := range values {
				if _, err := fmt.Fprintf(a.stdout, "%s=%q\n", v[0], v[1]); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// projectAndNode are the folder of the project that commands would work on, "" outside of one, and the Node.js that would
// start its providers: nothing where conduit.toml asks for one that is not synced yet.
func (a *app) projectAndNode(cmd *cobra.Command) (string, project.Node) {
	dir, node := "", project.Node{Path: "node"}
	if p, err := a.open(cmd.Context()); err == nil {
		dir = p.Dir()
		if node, err = p.Node(cmd.Context()); err != nil {
			return dir, project.Node{}
		}
	}
	path, err := exec.LookPath(node.Path)
	if err != nil {
		return dir, project.Node{}
	}
	node.Path = path
	if node.Version == "" { // the one in PATH: nobody but itself knows
		out, _ := exec.CommandContext(cmd.Context(), path, "--version").Output() // one that does not answer has no version
		node.Version = strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	}
	return dir, node
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of conduit, its builder and its lock format",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				a.printJSON(map[string]any{"result": map[string]any{"version": manners.Version(), "builder": build.Version(), "lock": lockfile.Version, "go": runtime.Version()}})
				return nil
			}
			return a.result(versionText())
		},
	}
}

// versionText is what version and --version print.
func versionText() string {
	return fmt.Sprintf("conduit %s (%s; lock format %d; %s %s/%s)", manners.Version(), build.Version(), lockfile.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// result prints a command's result.
func (a *app) result(text string) error {
	if a.json {
		a.printJSON(map[string]any{"result": text})
		return nil
	}
	_, err := fmt.Fprintln(a.stdout, text)
	return err
}

func bytesText(n int64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 1000 {
			return fmt.Sprint(n, " ", unit)
		}
		n /= 1000
	}
	return fmt.Sprint(n, " GB")
}
