package sbom

import (
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/package-url/packageurl-go"
	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
)

// locate says where a module comes from. A folder is nowhere that others could look.
func (p *Component) locate(src resolve.Source, version, commit string) {
	switch src.Kind {
	case resolve.NPM:
		p.PURL = npm(src.Path, strings.TrimPrefix(version, "v"))
	case resolve.GitHub, resolve.Git:
		p.Repo, p.Commit, p.Dir = "https://"+src.Path, commit, src.Dir
		if src.Kind == resolve.GitHub {
			p.Repo = "https://github.com/" + src.Path
		}
		p.PURL = repository(src, version, commit)
	}
}

// find says where a library comes from.
func (p *Component) find(l *resolve.Library) {
	if l.Source == "" {
		p.PURL = npm(l.Name, l.Version)
		return
	}
	a, err := library.ParseLocked(*l)
	switch {
	case err != nil:
	case a.URL != "":
		p.URL = a.URL
		p.PURL = packageURL(packageurl.TypeGeneric, "", l.Name, l.Version, packageurl.Qualifiers{{Key: "download_url", Value: a.URL}}, "")
	default:
		p.locate(a.Git, "", a.Ref)
	}
}

// npm is the package URL of an npm package.
func npm(full, version string) string {
	namespace, base := "", full
	if scope, rest, ok := strings.Cut(full, "/"); ok {
		namespace, base = scope, rest
	}
	return packageURL(packageurl.TypeNPM, namespace, base, version, nil, "")
}

// repository is the package URL of a version in a repository: by its tag, or by its commit where it has none.
func repository(src resolve.Source, version, commit string) string {
	if version == "" || module.IsPseudoVersion(version) {
		version = commit
	}
	dir, base := path.Split(src.Path)
	dir = strings.TrimSuffix(dir, "/")
	if src.Kind == resolve.GitHub {
		return packageURL(packageurl.TypeGithub, dir, base, version, nil, src.Dir)
	}
	where := packageurl.Qualifiers{{Key: "vcs_url", Value: "git+https://" + src.Path + "@" + commit}}
	return packageURL(packageurl.TypeGeneric, "", base, version, where, src.Dir)
}

// oci is the package URL of an image; "" for a reference that cannot be read.
func oci(ref, digest string) string {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return ""
	}
	// The registry's own name for Docker Hub is index.docker.io; everybody else's is docker.io.
	where := strings.Replace(parsed.Context().Name(), name.DefaultRegistry+"/", "docker.io/", 1)
	q := packageurl.Qualifiers{{Key: "repository_url", Value: where}}
	if tag, ok := parsed.(name.Tag); ok {
		q = append(q, packageurl.Qualifier{Key: "tag", Value: tag.TagStr()})
	}
	return packageURL(packageurl.TypeOCI, "", path.Base(where), digest, q, "")
}

// packageURL is a package URL in its canonical form; "" for what none can name.
func packageURL(kind, namespace, name, version string, qualifiers packageurl.Qualifiers, dir string) string {
	u := packageurl.NewPackageURL(kind, namespace, name, version, qualifiers, dir)
	if u.Normalize() != nil {
		return ""
	}
	return u.ToString()
}
