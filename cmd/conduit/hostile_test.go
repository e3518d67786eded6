package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

func init() {
	commands["hostile"] = hostile
	commands["nothing"] = nothing
}

// entry is a regular file of a tarball.
func entry(name, content string) func(*tar.Writer) error {
	return func(w *tar.Writer) error {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err := io.WriteString(w, content)
		return err
	}
}

func special(h tar.Header) func(*tar.Writer) error {
	return func(w *tar.Writer) error { return w.WriteHeader(&h) }
}

// hostileEntries are what the tarballs of hostile packages hold besides a harmless index.js. A package.json of another
// identity comes later in the tarball, and so counts.
var hostileEntries = map[string][]func(*tar.Writer) error{
	"traversal":    {entry("package/../../escaped", "x")},
	"absolute":     {entry("/tmp/escaped", "x")},
	"backslash":    {entry(`package/..\..\escaped`, "x")},
	"symlink":      {special(tar.Header{Name: "package/link", Typeflag: tar.TypeSymlink, Linkname: "../../../etc/passwd"})},
	"hardlink":     {special(tar.Header{Name: "package/link", Typeflag: tar.TypeLink, Linkname: "../../escaped"})},
	"absolutelink": {special(tar.Header{Name: "package/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"})},
	"linkloop":     {special(tar.Header{Name: "package/a", Typeflag: tar.TypeSymlink, Linkname: "b"}), special(tar.Header{Name: "package/b", Typeflag: tar.TypeSymlink, Linkname: "a"})},
	"throughlink":  {special(tar.Header{Name: "package/d", Typeflag: tar.TypeSymlink, Linkname: ".."}), entry("package/d/escaped", "x")},
	"case":         {entry("package/README", "x"), entry("package/Readme", "y")},
	"device":       {special(tar.Header{Name: "package/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3})},
	"otherpackage": {entry("package/package.json", `{"name": "innocent", "version": "1.0.0", "main": "index.js"}`)},
	"otherversion": {entry("package/package.json", `{"name": "bad", "version": "9.9.9", "main": "index.js"}`)},
	"bomb":         {zeros},
}

// zeros is a file of 100 MB of nothing.
func zeros(w *tar.Writer) error {
	const size = 100 << 20
	if err := w.WriteHeader(&tar.Header{Name: "package/zeros", Typeflag: tar.TypeReg, Mode: 0o644, Size: size}); err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	for range size / len(block) {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// hostile KIND publishes bad@1.0.0, a provider whose tarball is as KIND says, and uses-bad@1.0.0, a harmless provider
// that imports it. KIND "cut" is a tarball whose last entry is longer than what follows, "none" a harmless one.
func hostile(ts *testscript.TestScript, _ bool, args []string) {
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	harmless := []func(*tar.Writer) error{
		entry("package/package.json", `{"name": "bad", "version": "1.0.0", "main": "index.js"}`),
		entry("package/MediaConduit.provider.yml", "id: bad\ntype: remote\nmain: index.js\n"),
		entry("package/index.js", "export default class Bad { id = 'bad'; }\n"),
	}
	for _, write := range append(harmless, hostileEntries[args[0]]...) {
		ts.Check(write(w))
	}
	ts.Check(w.Close())
	data := raw.Bytes()
	switch {
	case args[0] == "cut":
		data = data[:len(data)-1024-512+10] // in the middle of the last file
	case args[0] != "none" && hostileEntries[args[0]] == nil:
		ts.Fatalf("no hostile package %q", args[0])
	}
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestSpeed) // a bomb takes long under the race detector
	ts.Check(err)
	_, err = z.Write(data)
	ts.Check(err)
	ts.Check(z.Close())
	sum := sha512.Sum512(zipped.Bytes())
	of(ts).saved["hostile"] = hex.EncodeToString(sum[:])
	npm := of(ts).npm
	ts.Check(npm.Publish(npmtest.Package{Name: "bad", Version: "1.0.0", Tarball: zipped.Bytes()}))
	ts.Check(npm.Publish(npmtest.Package{Name: "uses-bad", Version: "1.0.0",
		Manifest: map[string]any{"dependencies": map[string]string{"bad": "1.0.0"}, "main": "index.js"},
		Files: map[string]string{"MediaConduit.provider.yml": "id: uses-bad\ntype: remote\nmain: index.js\n",
			"index.js": "import bad from 'bad';\nexport default class Uses { id = 'uses-bad'; library = bad; }\n"}}))
}

// nothing checks that the cache holds nothing of bad@1.0.0, neither its tarball nor files, nor unfinished work, and that no
// file called "escaped" lies in the script's folder.
func nothing(ts *testscript.TestScript, _ bool, _ []string) {
	work, tarball := ts.Getenv("WORK"), of(ts).saved["hostile"]
	ts.Check(filepath.WalkDir(work, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(work, path)
		if err != nil {
			return err
		}
		unfinished := filepath.Dir(rel) == filepath.Join("cache", "tmp")
		if unfinished || e.Name() == "escaped" || strings.Contains(rel, tarball) || strings.Contains(rel, "npm~bad@") {
			ts.Fatalf("left behind: %s", rel)
		}
		return nil
	}))
}
