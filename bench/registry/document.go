package registry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"path"
	"strconv"
)

// abbreviated is the media type of documents without what nobody needs to install a package.
const abbreviated = "application/vnd.npm.install-v1+json"

// inAbbreviated are the members of a version that npm's description of the format lists. The npm registry leaves libc out.
var inAbbreviated = []string{"name", "version", "deprecated", "dependencies", "optionalDependencies", "devDependencies",
	"bundleDependencies", "bundledDependencies", "peerDependencies", "peerDependenciesMeta", "bin", "directories", "dist",
	"engines", "os", "cpu", "funding", "_hasShrinkwrap", "hasInstallScript"}

// documentFile is a package's full document in the folder, as the npm registry sent it.
const documentFile = "packument.json"

func (r *Registry) tarball(ctx context.Context, name, file string) (*answer, error) {
	data, err := r.upstream.tarball(ctx, name, file, !r.frozen.Load())
	if err != nil {
		return nil, err
	}
	return &answer{plain: tagged(data)}, nil
}

// document is a package's document with tarballs at this registry's address.
func (r *Registry) document(ctx context.Context, name string, brief bool) (*answer, error) {
	data, err := r.upstream.document(ctx, name, !r.frozen.Load())
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	versions, _ := doc["versions"].(map[string]any)
	for _, v := range versions {
		if m, ok := v.(map[string]any); ok {
			r.rebase(name, m)
		}
	}
	if brief {
		doc = abbreviate(doc, versions)
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write(plain) // to memory: never fails
	_ = zip.Close()
	return &answer{plain: tagged(plain), zip: tagged(zipped.Bytes())}, nil
}

func (r *Registry) rebase(name string, version map[string]any) {
	dist, _ := version["dist"].(map[string]any)
	if address, ok := dist["tarball"].(string); ok {
		if u, err := url.Parse(address); err == nil {
			dist["tarball"] = r.base + "/" + name + "/-/" + path.Base(u.Path)
		}
	}
}

func abbreviate(doc, versions map[string]any) map[string]any {
	brief := map[string]any{}
	for v, m := range versions {
		full, _ := m.(map[string]any)
		out := map[string]any{}
		for _, key := range inAbbreviated {
			if value, ok := full[key]; ok {
				out[key] = value
			}
		}
		scripts, _ := full["scripts"].(map[string]any)
		if scripts["preinstall"] != nil || scripts["install"] != nil || scripts["postinstall"] != nil {
			out["hasInstallScript"] = true
		}
		brief[v] = out
	}
	out := map[string]any{"name": doc["name"], "dist-tags": doc["dist-tags"], "versions": brief}
	if times, ok := doc["time"].(map[string]any); ok && times["modified"] != nil {
		out["modified"] = times["modified"]
	}
	return out
}

func tagged(data []byte) body {
	sum := sha256.Sum256(data)
	return body{data, strconv.Quote(hex.EncodeToString(sum[:12]))}
}

func lengthOf(data []byte) string { return strconv.Itoa(len(data)) }
