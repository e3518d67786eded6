package project

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// EnvVendor is the environment variable that names the vendor folder; without it, it is "vendor" beside conduit.toml.
const EnvVendor = "CONDUIT_VENDOR"

const (
	vendorMarkFile = "conduit-vendor.json"
	vendorVersion  = 1
)

// vendorMark is the content of the file that tells a vendor folder from any other.
type vendorMark struct {
	Version int `json:"version"`
}

// vendorDir is where the project's vendor folder is, if it has one.
func vendorDir(projectDir string) (string, error) {
	dir := os.Getenv(EnvVendor)
	if dir == "" {
		return filepath.Join(projectDir, "vendor"), nil
	}
	if !filepath.IsAbs(dir) {
		return "", &report.Error{Kind: report.Usage, What: EnvVendor + " is not an absolute path", Where: dir,
			Next: "set " + EnvVendor + " to the full path of a folder, or unset it"}
	}
	return filepath.Clean(dir), nil
}

// imageFolder is the OCI image layout in a vendor folder.
const imageFolder = "image"

// withVendor returns the cache that also finds what the project's vendor folder has, where there is one, and the images there.
func withVendor(store *cache.Cache, projectDir string) (*cache.Cache, image.Layout, error) {
	dir, err := vendorDir(projectDir)
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, vendorMarkFile)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv(EnvVendor) == "" {
		return store, "", nil
	}
	var mark vendorMark
	if err == nil {
		err = json.Unmarshal(data, &mark)
	}
	if err != nil {
		return nil, "", &report.Error{Kind: report.Usage, What: "cannot read the vendor folder", Where: file, Err: err,
			Next: "conduit vendor " + dir + "    writes it anew, where " + EnvVendor + " is unset"}
	}
	if mark.Version > vendorVersion {
		return nil, "", &report.Error{Kind: report.Usage, What: "a newer conduit wrote the vendor folder", Where: file,
			Next: "install a newer conduit, or remove the folder and type: conduit vendor"}
	}
	with, err := store.With(cache.Supply{Dir: dir, Wanted: lockedSums(projectDir)})
	return with, image.Layout(filepath.Join(dir, imageFolder)), err
}

// lockedSums tells which sums the project's lock and the provider host name. Nothing else of a vendor folder is used: a
// version that is not locked yet comes from where it is published.
func lockedSums(projectDir string) func(sum string) bool {
	sums := sync.OnceValue(func() map[string]bool {
		out := map[string]bool{}
		libraries := func(all []resolve.Library) {
			for _, l := range all {
				if want, err := verify.ParseIntegrity(l.Integrity); err == nil {
					out[want.String()] = true
				}
			}
		}
		if host, err := build.HostLibraries(); err == nil {
			libraries(host)
		}
		lock, err := lockfile.ReadLock(projectDir)
		if err != nil {
			return out // whoever needs the lock says what is wrong with it
		}
		libraries(lock.Libraries)
		for _, t := range lock.Toolchain {
			libraries([]resolve.Library{{Integrity: t.Integrity}})
		}
		for _, m := range lock.Modules {
			out[m.Sum] = true
		}
		for _, n := range lock.Natives {
			out[n.Output] = true
		}
		return out
	})
	return func(sum string) bool { return sums()[sum] }
}

// aboutVendor names the remedy for content that is wrong in the vendor folder: pruning the cache does not mend that.
func (p *Project) aboutVendor(err error) error {
	var e *report.Error
	dir, dirErr := vendorDir(p.dir)
	if !errors.As(err, &e) || e.Kind != report.Integrity || dirErr != nil {
		return err
	}
	if _, statErr := os.Stat(filepath.Join(dir, vendorMarkFile)); statErr != nil {
		return err
	}
	told := *e
	told.Next = "if it lies in " + dir + ", conduit vendor writes that folder anew; " + e.Next
	return &told
}

// inside reports whether a source is a folder below the project's.
func inside(projectDir, source string) bool {
	src, _, err := resolve.ParseSource(source)
	if err != nil {
		return false
	}
	path := filepath.FromSlash(src.Path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(projectDir, path)
	}
	rel, err := filepath.Rel(projectDir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
