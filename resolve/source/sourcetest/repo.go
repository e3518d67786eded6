package sourcetest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// Commit is one commit. Its files are all that the repository holds then.
type Commit struct {
	Files      map[string]string // slash-separated name to content
	Executable []string          // names in Files that are executable
	Links      map[string]string // symbolic links: name to target
	Submodules map[string]string // name to the commit of another repository
	Branch     string            // "main" if empty; a new branch starts from the commit before
	Tags       []string          // lightweight tags
	Annotated  []string          // annotated tags
	Time       time.Time         // when it is made; a minute after the one before if zero, see epoch
}

// epoch is the time of a repository's first commit (2025-06-30 00:00:00 UTC); each later commit or tag follows a minute
// after the one before.
const epoch = 1751241600

// AddRepo adds commits to the repository called name ("OWNER/REPO", or "HOST/PATH" for other hosts than GitHub), which is
// created if it does not exist, and returns their hashes. The same calls give the same hashes everywhere.
func (g *Git) AddRepo(name string, commits ...Commit) ([]string, error) {
	at := place(name)
	dir := filepath.Join(g.dir, filepath.FromSlash(at))
	if _, err := os.Stat(dir); err != nil {
		if err := g.create(at, dir); err != nil {
			return nil, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	marks := filepath.Join(dir, "marks")
	var stream bytes.Buffer
	last := ""
	if out, err := g.git(dir, nil, "rev-parse", "--verify", "--quiet", "HEAD"); err == nil {
		last = strings.TrimSpace(string(out))
	}
	for i, c := range commits {
		mark := fmt.Sprintf(":%d", i+1)
		now := epoch + 60*g.clock[at]
		if !c.Time.IsZero() {
			now = int(c.Time.Unix())
		}
		writeCommit(&stream, c, mark, last, now)
		last = mark
		g.clock[at]++
		for _, t := range c.Annotated {
			fmt.Fprintf(&stream, "tag %s\nfrom %s\ntagger %s %d +0000\n%s", t, mark, author, epoch+60*g.clock[at], data(t))
			g.clock[at]++
		}
	}
	if _, err := g.git(dir, &stream, "fast-import", "--quiet", "--force", "--export-marks="+marks); err != nil {
		return nil, err
	}
	return readMarks(marks, len(commits))
}

// AddFolder adds one commit that holds the files of a folder, with the given tags.
func (g *Git) AddFolder(name, folder string, tags ...string) (string, error) {
	return g.AddFolderAt(name, folder, time.Time{}, tags...)
}

// AddFolderAt is AddFolder for a commit that was made at that time.
func (g *Git) AddFolderAt(name, folder string, at time.Time, tags ...string) (string, error) {
	c := Commit{Files: map[string]string{}, Links: map[string]string{}, Tags: tags, Time: at}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.Name() == ".git" && e.IsDir() {
			return filepath.SkipDir
		}
		rel, _ := filepath.Rel(folder, path)
		rel = filepath.ToSlash(rel)
		switch {
		case e.IsDir():
			return nil
		case e.Type()&fs.ModeSymlink != 0:
			c.Links[rel], err = os.Readlink(path)
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c.Files[rel] = string(content)
		if info, err := e.Info(); err == nil && info.Mode()&0o111 != 0 {
			c.Executable = append(c.Executable, rel)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	hashes, err := g.AddRepo(name, c)
	if err != nil {
		return "", err
	}
	return hashes[0], nil
}

// AddClone adds a copy of the git repository at dir, with all its branches and tags.
func (g *Git) AddClone(name, dir string) error {
	at := place(name)
	to := filepath.Join(g.dir, filepath.FromSlash(at))
	if _, err := g.git(g.dir, nil, "clone", "--quiet", "--bare", dir, to); err != nil {
		return err
	}
	return g.serve(at, to)
}

// AddArchive adds the repositories of a txtar archive. Its files are named "OWNER/REPO@REF/PATH": those with one
// OWNER/REPO@REF are one commit on main, in the order in which they first appear. REF becomes a tag, unless it is "main".
// In a tag, "+" stands for "/" ("sub+v1.0.0").
func (g *Git) AddArchive(archive *txtar.Archive) error {
	type state struct{ repo, ref string }
	var order []state
	commits := map[state]*Commit{}
	for _, f := range archive.Files {
		repo, rest, ok := strings.Cut(f.Name, "@")
		ref, path, found := strings.Cut(rest, "/")
		if !ok || !found {
			return fmt.Errorf("%s: want OWNER/REPO@REF/PATH", f.Name)
		}
		s := state{repo, strings.ReplaceAll(ref, "+", "/")}
		if commits[s] == nil {
			commits[s] = &Commit{Files: map[string]string{}}
			if s.ref != "main" {
				commits[s].Tags = []string{s.ref}
			}
			order = append(order, s)
		}
		commits[s].Files[path] = string(f.Data)
	}
	for _, s := range order {
		if _, err := g.AddRepo(s.repo, *commits[s]); err != nil {
			return err
		}
	}
	return nil
}

// MoveTag makes a tag name another revision; a tag that does not exist is created.
func (g *Git) MoveTag(repo, tag, revision string) error {
	_, err := g.git(g.repoDir(repo), nil, "tag", "--force", tag, revision)
	return err
}

// DeleteTag removes a tag.
func (g *Git) DeleteTag(repo, tag string) error {
	_, err := g.git(g.repoDir(repo), nil, "tag", "--delete", tag)
	return err
}

// Config sets one of the repository's git settings, such as uploadpack.allowFilter.
func (g *Git) Config(repo, key, value string) error {
	_, err := g.git(g.repoDir(repo), nil, "config", key, value)
	return err
}

// Commit is the full hash of the commit that a revision names.
func (g *Git) Commit(repo, revision string) (string, error) {
	out, err := g.git(g.repoDir(repo), nil, "rev-parse", "--verify", revision+"^{commit}")
	return strings.TrimSpace(string(out)), err
}

func (g *Git) repoDir(name string) string {
	return filepath.Join(g.dir, filepath.FromSlash(place(name)))
}

func (g *Git) create(at, dir string) error {
	if _, err := g.git(g.dir, nil, "init", "--quiet", "--bare", "--initial-branch=main", dir); err != nil {
		return err
	}
	return g.serve(at, dir)
}

// serve makes a repository answer as those on GitHub do.
func (g *Git) serve(at, dir string) error {
	for _, key := range []string{"uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"} {
		if _, err := g.git(dir, nil, "config", key, "true"); err != nil {
			return err
		}
	}
	host, _, _ := strings.Cut(at, "/")
	g.mu.Lock()
	g.hosts[host] = true
	g.mu.Unlock()
	return nil
}

const author = "Fixture <fixture@example.com>"

// writeCommit writes one commit in the language of git fast-import.
func writeCommit(b *bytes.Buffer, c Commit, mark, parent string, at int) {
	branch := c.Branch
	if branch == "" {
		branch = "main"
	}
	fmt.Fprintf(b, "commit refs/heads/%s\nmark %s\nauthor %s %d +0000\ncommitter %s %d +0000\n%s", branch, mark, author, at, author, at, data("A state of the fixture"))
	if parent != "" {
		fmt.Fprintf(b, "from %s\n", parent)
	}
	b.WriteString("deleteall\n")
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		mode := "100644"
		if slices.Contains(c.Executable, name) {
			mode = "100755"
		}
		fmt.Fprintf(b, "M %s inline %s\n%s", mode, quote(name), data(c.Files[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Links)) {
		fmt.Fprintf(b, "M 120000 inline %s\n%s", quote(name), data(c.Links[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Submodules)) {
		fmt.Fprintf(b, "M 160000 %s %s\n", c.Submodules[name], quote(name))
	}
	for _, t := range c.Tags {
		fmt.Fprintf(b, "reset refs/tags/%s\nfrom %s\n\n", t, mark)
	}
}

func data(s string) string { return fmt.Sprintf("data %d\n%s\n", len(s), s) }

func quote(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// readMarks reads the hashes of the marks :1 to :n.
func readMarks(file string, n int) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	hashes := make([]string, n)
	for line := range strings.Lines(string(text)) {
		var mark int
		var hash string
		if _, err := fmt.Sscanf(line, ":%d %s", &mark, &hash); err == nil && mark >= 1 && mark <= n {
			hashes[mark-1] = hash
		}
	}
	return hashes, nil
}

// git runs git in dir, without anybody's settings.
func (g *Git) git(dir string, in *bytes.Buffer, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = gitEnv(g.dir)
	if in != nil {
		cmd.Stdin = in
	}
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return out, fmt.Errorf("git %s: %w\n%s", args[0], err, exit.Stderr)
	}
	return out, err
}

// gitEnv is the environment of git, which no settings of the machine or of the user reach.
func gitEnv(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
	}
}
