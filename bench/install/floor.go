package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/verify"
)

// floorWork is what a cold sync cannot do without, made before anything is measured.
type floorWork struct {
	Archives []floorArchive
	Entries  []string // src/index.ts of projects whose node_modules are there
}

type floorArchive struct{ URL, Integrity string }

// floor is a peer that does no more than a cold sync has to in Go: it fetches the archives of all libraries that bun installs,
// compares their hashes, uncompresses them in memory, and bundles the eight entries with esbuild from node_modules that are
// there already. It keeps nothing, and writes nothing.
func (w *world) floor() (measure.Peer, error) {
	work, err := w.floorWork()
	if err != nil {
		return measure.Peer{}, err
	}
	data, err := json.Marshal(work)
	if err != nil {
		return measure.Peer{}, err
	}
	file := filepath.Join(w.dir, "floor.json")
	if err := writeFile(file, data); err != nil {
		return measure.Peer{}, err
	}
	self, err := os.Executable()
	return measure.Peer{Name: "fetch, hash, uncompress, esbuild", Command: func(string) (*exec.Cmd, error) {
		return exec.Command(self, "-floor", file), nil
	}}, err
}

func (w *world) floorWork() (floorWork, error) {
	installed, err := packagesBelow(w.done["bun"])
	if err != nil {
		return floorWork{}, err
	}
	var work floorWork
	for _, p := range w.projects {
		work.Entries = append(work.Entries, filepath.Join(w.done["bun"], p, "src", "index.ts"))
		data, err := workload.ReadFile(path.Join("workload", p, "package-lock.json"))
		if err != nil {
			return floorWork{}, err
		}
		var lock struct {
			Packages map[string]struct{ Name, Version, Integrity string }
		}
		if err := json.Unmarshal(data, &lock); err != nil {
			return floorWork{}, err
		}
		for place, l := range lock.Packages {
			name := l.Name
			if name == "" {
				name = place[strings.LastIndex(place, "node_modules/")+len("node_modules/"):]
			}
			if !installed[name+"@"+l.Version] {
				continue
			}
			delete(installed, name+"@"+l.Version)
			url := fmt.Sprintf("%s/%s/-/%s-%s.tgz", w.registry.url, name, path.Base(name), l.Version)
			work.Archives = append(work.Archives, floorArchive{url, l.Integrity})
		}
	}
	if len(installed) > 0 {
		return floorWork{}, fmt.Errorf("no lock file has %v", installed)
	}
	return work, nil
}

// packagesBelow is what is installed in all node_modules below dir, as name@version.
func packagesBelow(dir string) (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "package.json" || !isPackage(filepath.Dir(file)) {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var manifest struct{ Name, Version string }
		if err := json.Unmarshal(data, &manifest); err != nil {
			return err
		}
		found[manifest.Name+"@"+manifest.Version] = true
		return nil
	})
	return found, err
}

// isPackage tells whether a folder is node_modules/name or node_modules/@scope/name.
func isPackage(dir string) bool {
	parent := filepath.Dir(dir)
	if strings.HasPrefix(filepath.Base(parent), "@") {
		parent = filepath.Dir(parent)
	}
	return filepath.Base(parent) == "node_modules"
}

// floorOnce does the work in the file. It runs as a process of its own.
func floorOnce(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var work floorWork
	if err := json.Unmarshal(data, &work); err != nil {
		return err
	}
	if err := fetchAll(work.Archives); err != nil {
		return err
	}
	var builds errgroup.Group
	builds.SetLimit(runtime.GOMAXPROCS(0))
	for _, entry := range work.Entries {
		builds.Go(func() error {
			out := api.Build(api.BuildOptions{
				EntryPoints: []string{entry}, Outfile: filepath.Join(filepath.Dir(entry), "provider.mjs"),
				Bundle: true, Platform: api.PlatformNode, Format: api.FormatESModule, Sourcemap: api.SourceMapLinked,
				External: []string{"*.node"}, LogLevel: api.LogLevelSilent,
			})
			if len(out.Errors) > 0 {
				return fmt.Errorf("%s: %s", entry, out.Errors[0].Text)
			}
			return nil
		})
	}
	return builds.Wait()
}

// fetchAll fetches all archives side by side, and uncompresses as many at once as there are processors.
func fetchAll(archives []floorArchive) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: parallelFetches}}
	processors := make(chan struct{}, runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(context.Background())
	group.SetLimit(parallelFetches)
	for _, a := range archives {
		group.Go(func() error {
			data, err := fetch(ctx, client, a.URL)
			if err != nil {
				return err
			}
			processors <- struct{}{}
			defer func() { <-processors }()
			want, err := verify.ParseIntegrity(a.Integrity)
			if err != nil {
				return err
			}
			if err := want.CheckBytes(a.URL, data); err != nil {
				return err
			}
			return uncompress(data)
		})
	}
	return group.Wait()
}

// parallelFetches is as many connections as conduit opens.
const parallelFetches = 48

func fetch(ctx context.Context, client *http.Client, url string) (data []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	data = make([]byte, resp.ContentLength)
	_, err = io.ReadFull(resp.Body, data)
	return data, err
}

func uncompress(data []byte) error {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return err
}
