package npmtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
)

// Epoch is the publication time of packages that state none.
var Epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Package is one version of a package to publish.
type Package struct {
	Name       string
	Version    string
	Manifest   map[string]any    // further members of package.json: "dependencies", "os", "scripts", …
	Files      map[string]string // content of the tarball besides package.json; without any, an index.js
	Tarball    []byte            // sent in place of one that is made of Manifest and Files
	Time       time.Time         // publication time, [Epoch] if zero
	Tags       []string          // dist-tags; a release that is higher than latest, or the first version, becomes latest too
	NoLatest   bool              // leave the dist-tag latest alone
	Deprecated string
	Attest     *sigstoretest.Build // what a build attests of it, by the registry's own Sigstore instance; name, version and integrity are added
	Lost       bool                // the attestations are stated, and not there
}

type packageState struct {
	versions map[string]*release
	tags     map[string]string
}

type release struct {
	manifest  map[string]any
	tarball   []byte
	integrity string
	shasum    string
	signature map[string]any
	time      time.Time
	attested  bool
	attests   []byte // nil for none
}

// Publish adds a version, or replaces one.
func (r *Registry) Publish(p Package) error {
	if p.Name == "" || p.Version == "" {
		return fmt.Errorf("npmtest: a package needs a name and a version")
	}
	manifest := map[string]any{"name": p.Name, "version": p.Version}
	maps.Copy(manifest, p.Manifest)
	if p.Files["index.js"] == "" && manifest["main"] == nil && manifest["exports"] == nil && len(p.Files) == 0 {
		p.Files = map[string]string{"index.js": "module.exports = " + fmt.Sprintf("%q", p.Name+"@"+p.Version) + "\n"}
	}
	data := p.Tarball
	if data == nil {
		var err error
		if data, err = Tarball(manifest, p.Files); err != nil {
			return err
		}
	}
	if p.Deprecated != "" {
		manifest["deprecated"] = p.Deprecated
	}
	if p.Time.IsZero() {
		p.Time = Epoch
	}
	sum1, sum512 := sha1.Sum(data), sha512.Sum512(data)
	rel := &release{manifest: manifest, tarball: data, time: p.Time.UTC(), shasum: hex.EncodeToString(sum1[:]), integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum512[:])}
	var err error
	if rel.signature, err = r.signing.sign(p.Name, p.Version, rel.integrity); err != nil {
		return err
	}
	if rel.attests, err = r.attest(&p, rel.integrity); err != nil {
		return err
	}
	rel.attested = p.Attest != nil
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.packages[p.Name]
	if s == nil {
		s = &packageState{versions: map[string]*release{}, tags: map[string]string{}}
		r.packages[p.Name] = s
	}
	s.versions[p.Version] = rel
	for _, t := range p.Tags {
		s.tags[t] = p.Version
	}
	if latest, ok := s.tags["latest"]; !p.NoLatest && (!ok || !strings.Contains(p.Version, "-") && newer(p.Version, latest)) {
		s.tags["latest"] = p.Version
	}
	return nil
}

// newer compares releases of plain numbers.
func newer(a, b string) bool {
	var x, y [3]int
	_, _ = fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2]) // what is no number counts as 0
	_, _ = fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	return slices.Compare(x[:], y[:]) > 0
}

// PublishArchive publishes packages from a txtar archive whose files are named NAME@VERSION/PATH. The member "npmtest" of
// a package.json, an object with "time" (RFC 3339), "tags", "noLatest", "deprecated", "attest" (a sigstoretest.Build, {} for the
// usual one) and "lost", is taken out and says how to
// publish; name and version are added.
func (r *Registry) PublishArchive(a *txtar.Archive) error {
	packages := map[string]*Package{}
	var order []string
	for _, f := range a.Files {
		at := strings.LastIndex(f.Name, "@")
		version, path, ok := strings.Cut(f.Name[at+1:], "/")
		if at <= 0 || !ok {
			return fmt.Errorf("npmtest: the file %q is not named NAME@VERSION/PATH", f.Name)
		}
		id := f.Name[:at] + "@" + version
		p := packages[id]
		if p == nil {
			p = &Package{Name: f.Name[:at], Version: version, Files: map[string]string{}}
			packages[id] = p
			order = append(order, id)
		}
		if path != "package.json" {
			p.Files[path] = string(f.Data)
			continue
		}
		if err := p.readManifest(f.Data); err != nil {
			return fmt.Errorf("npmtest: %s: %w", f.Name, err)
		}
	}
	for _, id := range order {
		if err := r.Publish(*packages[id]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Package) readManifest(data []byte) error {
	if err := json.Unmarshal(data, &p.Manifest); err != nil {
		return err
	}
	var how struct {
		Npmtest struct {
			Time       time.Time
			Tags       []string
			NoLatest   bool
			Deprecated string
			Attest     *sigstoretest.Build
			Lost       bool
		}
	}
	if err := json.Unmarshal(data, &how); err != nil {
		return err
	}
	delete(p.Manifest, "npmtest")
	p.Time, p.Tags, p.NoLatest, p.Deprecated = how.Npmtest.Time, how.Npmtest.Tags, how.Npmtest.NoLatest, how.Npmtest.Deprecated
	p.Attest, p.Lost = how.Npmtest.Attest, how.Npmtest.Lost
	return nil
}

// Tarball packs files and the package.json that manifest makes, below "package/" as npm does. The same input gives the
// same bytes.
func Tarball(manifest map[string]any, files map[string]string) ([]byte, error) {
	pkg, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return nil, err
	}
	all := map[string]string{"package.json": string(pkg) + "\n"}
	maps.Copy(all, files)
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	out := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		// npm itself gives all files this time.
		h := &tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(all[name])), ModTime: time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC), Format: tar.FormatPAX}
		if err := out.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := out.Write([]byte(all[name])); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
