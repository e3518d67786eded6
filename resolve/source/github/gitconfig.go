package github

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	format "github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/MediaConduit/conduit/report"
)

// rewriter is git's url.*.insteadOf.
type rewriter struct {
	rules    map[string]string // insteadOf to the beginning that replaces it
	warnings []string          // settings that could not be read
	told     *sync.Once
}

// rewrite replaces the longest beginning of url that a rule names, as git does.
func (w rewriter) rewrite(ctx context.Context, url string) string {
	w.told.Do(func() {
		for _, warning := range w.warnings {
			report.Warn(ctx, "git", "", warning)
		}
	})
	longest := ""
	for from := range w.rules {
		if strings.HasPrefix(url, from) && len(from) > len(longest) {
			longest = from
		}
	}
	if longest == "" {
		return url
	}
	return w.rules[longest] + url[len(longest):]
}

// readRewriter reads the settings of the system and of the user, and those that the environment holds
// (https://git-scm.com/docs/git-config#FILES). Settings of a repository do not count: which repository conduit happens to
// be called in must make no difference. Conditional includes are passed over.
func readRewriter(env func(string) string) rewriter {
	w := rewriter{rules: map[string]string{}, told: new(sync.Once)}
	home := env("HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	for _, file := range settingsFiles(env, home) {
		w.readFile(file, home, 0)
	}
	w.readEnvironment(env)
	return w
}

// settingsFiles are the files that git reads, in its order.
func settingsFiles(env func(string) string, home string) []string {
	var files []string
	if system := env("GIT_CONFIG_SYSTEM"); system != "" {
		files = append(files, system)
	} else if off, _ := strconv.ParseBool(env("GIT_CONFIG_NOSYSTEM")); !off {
		files = append(files, "/etc/gitconfig")
	}
	if global := env("GIT_CONFIG_GLOBAL"); global != "" {
		return append(files, global)
	}
	xdg := env("XDG_CONFIG_HOME")
	if xdg == "" {
		xdg = filepath.Join(home, ".config")
	}
	return append(files, filepath.Join(xdg, "git", "config"), filepath.Join(home, ".gitconfig"))
}

// maxIncludes is how deep included files may include others, as in git.
const maxIncludes = 10

func (w *rewriter) readFile(file, home string, depth int) {
	f, err := os.Open(file)
	if err != nil {
		if !os.IsNotExist(err) {
			w.warnings = append(w.warnings, "git's settings are passed over: "+err.Error())
		}
		return
	}
	defer f.Close()
	settings := format.New()
	if err := format.NewDecoder(f).Decode(settings); err != nil {
		w.warnings = append(w.warnings, "git's settings are passed over: "+file+": "+err.Error())
		return
	}
	for _, section := range settings.Sections {
		switch {
		case section.IsName("url"):
			for _, sub := range section.Subsections {
				for _, from := range sub.Options.GetAll("insteadOf") {
					w.rules[from] = sub.Name
				}
			}
		case section.IsName("include") && depth < maxIncludes:
			for _, path := range section.Options.GetAll("path") {
				if rest, ok := strings.CutPrefix(path, "~/"); ok {
					path = filepath.Join(home, rest)
				} else if !filepath.IsAbs(path) {
					path = filepath.Join(filepath.Dir(file), path)
				}
				w.readFile(path, home, depth+1)
			}
		}
	}
}

// readEnvironment reads GIT_CONFIG_COUNT, GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n.
func (w *rewriter) readEnvironment(env func(string) string) {
	count, err := strconv.Atoi(env("GIT_CONFIG_COUNT"))
	if err != nil {
		return
	}
	for i := range count {
		n := strconv.Itoa(i)
		key := env("GIT_CONFIG_KEY_" + n)
		first, last := strings.Index(key, "."), strings.LastIndex(key, ".")
		if first < last && strings.EqualFold(key[:first], "url") && strings.EqualFold(key[last+1:], "insteadOf") {
			w.rules[env("GIT_CONFIG_VALUE_"+n)] = key[first+1 : last]
		}
	}
}
