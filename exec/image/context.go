package image

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/MediaConduit/conduit/verify"
)

const ignoreFile = ".dockerignore"

// Context is what a build reads: the files of its context as the docker command sends them, and the Dockerfile.
type Context struct {
	Dir        string            // absolute
	Dockerfile string            // absolute path; unused where Inline is set
	Inline     string            // the Dockerfile's text, where the compose file itself holds it
	Others     map[string]string // folders of additional contexts, absolute, by name
}

// Text is the Dockerfile.
func (c Context) Text() ([]byte, error) {
	if c.Inline != "" {
		return []byte(c.Inline), nil
	}
	return os.ReadFile(c.Dockerfile)
}

// Sum is the "h1:" sum (golang.org/x/mod/sumdb/dirhash) over the files that the build reads: what .dockerignore excludes
// is left out, so that changing a README need not make another image. Folders named .git are sent to the builder, but do
// not count: they differ between machines. A symbolic link counts as what it says.
func (c Context) Sum() (string, error) {
	files := map[string]func() (io.ReadCloser, error){"Dockerfile": func() (io.ReadCloser, error) {
		text, err := c.Text()
		return io.NopCloser(bytes.NewReader(text)), err
	}}
	add := func(prefix, dir string) error {
		return c.each(dir, func(path, name string, mode fs.FileMode) error {
			if mode.IsDir() || name == ".git" || strings.HasPrefix(name, ".git/") || strings.Contains(name, "/.git/") {
				return nil
			}
			files[prefix+name] = func() (io.ReadCloser, error) {
				if mode&fs.ModeSymlink == 0 {
					return os.Open(path)
				}
				target, err := os.Readlink(path)
				return io.NopCloser(strings.NewReader("link to " + filepath.ToSlash(target))), err
			}
			return nil
		})
	}
	if err := add("context/", c.Dir); err != nil {
		return "", err
	}
	for name, dir := range c.Others {
		if err := add("contexts/"+name+"/", dir); err != nil {
			return "", err
		}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	return verify.FilesSum(names, func(name string) (io.ReadCloser, error) { return files[name]() })
}

// each visits the folders, files and links of a context that the docker command sends.
func (c Context) each(dir string, visit func(path, name string, mode fs.FileMode) error) error {
	ignored, err := c.ignored(dir)
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		skip, err := ignored.MatchesOrParentMatches(name)
		switch {
		case err != nil:
			return err
		case skip && name != ignoreFile && path != c.Dockerfile:
			if e.IsDir() && !ignored.Exclusions() && !strings.HasPrefix(c.Dockerfile, path+string(filepath.Separator)) {
				return filepath.SkipDir
			}
			return nil
		case e.Type()&^(fs.ModeDir|fs.ModeSymlink) != 0:
			return nil // a socket or a pipe has no content to send
		}
		return visit(path, name, e.Type())
	})
}

// ignored is what .dockerignore excludes. Where the Dockerfile has an ignore file of its own, which only BuildKit reads,
// nothing is excluded here: the sum must not depend on who builds.
func (c Context) ignored(dir string) (*patternmatcher.PatternMatcher, error) {
	if _, err := os.Stat(c.Dockerfile + ignoreFile); err == nil {
		return patternmatcher.New(nil)
	}
	data, err := os.ReadFile(filepath.Join(dir, ignoreFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return patternmatcher.New(slices.Clone(patterns))
}

// Stage writes the context into the folder dir, with another text of the Dockerfile in its place, and returns the
// Dockerfile's path. Files are linked where the file system can do that: nothing of them may be written to.
func (c Context) Stage(dir string, dockerfile []byte) (string, error) {
	text := filepath.Join(dir, "Dockerfile")
	if rel, err := filepath.Rel(c.Dir, c.Dockerfile); err == nil && c.Inline == "" && filepath.IsLocal(rel) {
		text = filepath.Join(dir, rel)
	}
	err := c.each(c.Dir, func(path, name string, mode fs.FileMode) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if mode.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil || to == text && c.Inline == "" {
			return err
		}
		if mode&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		}
		if os.Link(path, to) == nil {
			return nil
		}
		return copyFile(path, to)
	})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(text), 0o755); err != nil {
		return "", err
	}
	for c.Inline != "" { // the context may have a file of that name
		if _, err := os.Lstat(text); errors.Is(err, fs.ErrNotExist) {
			break
		}
		text += ".inline"
	}
	return text, os.WriteFile(text, dockerfile, 0o644)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
