package build

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkBundle bundles a provider with a library of 200 modules and 1 MB, about what an HTTP client with its
// dependencies has.
func BenchmarkBundle(b *testing.B) {
	files := map[string]string{}
	var index strings.Builder
	for i := range 200 {
		var body strings.Builder
		for j := range 50 {
			fmt.Fprintf(&body, "exports.f%d = function (a, b) { if (a > b) { return a * %d; } return { a: a, b: [b, %d] }; };\n", j, i, j)
		}
		files[fmt.Sprintf("lib/m%d.js", i)] = body.String()
		fmt.Fprintf(&index, "exports.m%d = require('./lib/m%d');\n", i, i)
	}
	files["index.js"] = index.String()
	f := &fixture{files: map[string]string{}, tarballs: map[string][]byte{}}
	f.addLibraries(b, map[string]map[string]string{"big@1.0.0": files})
	dir := b.TempDir()
	writeFile(b, dir+"/src/index.ts", "import big from 'big';\nexport default class { big = big; }\n")
	tree, err := openTree(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer tree.Close()
	builder := newBuilder(b)
	in := BundleInput{Subject: "bench", Label: "provider", FS: tree.FS(), Entry: "src/index.ts", Provider: true,
		Nodes: f.input.Nodes, Libraries: f.input.Libraries, Tarball: f.tarball(b)}
	for b.Loop() {
		out, err := builder.Bundle(b.Context(), in)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(out.Code)))
	}
}
