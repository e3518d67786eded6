package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFuzzCorpora: each fuzz target has a corpus beside it, of texts that once reached code which its own seeds do not. All tests run
// them. Together they stay small.
func TestFuzzCorpora(t *testing.T) {
	root := filepath.Join("..", "..")
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	targets, size := 0, int64(0)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "node_modules" || e.Name() == ".git"):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range target.FindAllStringSubmatch(string(text), -1) {
			targets++
			dir := filepath.Join(filepath.Dir(path), "testdata", "fuzz", m[1])
			corpus, err := os.ReadDir(dir)
			if err != nil || len(corpus) == 0 {
				t.Errorf("%s has no corpus: fuzz it for some minutes and keep in %s what found new code (go env GOCACHE, fuzz/)", m[1], dir)
			}
			for _, f := range corpus {
				info, err := f.Info()
				if err != nil {
					return err
				}
				size += info.Size()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if targets < 12 || size > 1<<20 {
		t.Errorf("%d targets with %d bytes of corpora", targets, size)
	}
}
