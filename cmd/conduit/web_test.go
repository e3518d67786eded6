package main

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// webHost is where a script's tarballs stand: what its archive holds below web/FILE.tgz/ is https://example.com/FILE.tgz. The
// proxy of the script leads there.
const webHost = "example.com"

// newWeb serves tarballs over https, with a certificate that the script's conduit trusts. It returns nil where there are none.
func newWeb(env *testscript.Env, archive *txtar.Archive) (*httptest.Server, error) {
	files, manifests := map[string]map[string]string{}, map[string]map[string]any{}
	for _, f := range archive.Files {
		name, file, _ := strings.Cut(f.Name, "/")
		if files[name] == nil {
			files[name] = map[string]string{}
		}
		if file != "package.json" {
			files[name][file] = string(f.Data)
			continue
		}
		var manifest map[string]any
		if err := json.Unmarshal(f.Data, &manifest); err != nil {
			return nil, err
		}
		manifests[name] = manifest
	}
	if len(files) == 0 {
		return nil, nil
	}
	tarballs := map[string][]byte{}
	for name := range files {
		data, err := npmtest.Tarball(manifests[name], files[name])
		if err != nil {
			return nil, err
		}
		tarballs["/"+name] = data
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		data, ok := tarballs[r.URL.Path]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		_, _ = rw.Write(data)
	}))
	env.Defer(server.Close)
	certificate := filepath.Join(env.WorkDir, "ca.pem")
	env.Setenv("SSL_CERT_FILE", certificate)
	return server, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600)
}

// tunnel joins a client of the proxy with address.
func tunnel(rw http.ResponseWriter, address string) {
	there, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	rw.WriteHeader(http.StatusOK)
	here, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	go func() {
		_, _ = io.Copy(there, here)
		there.Close()
	}()
	_, _ = io.Copy(here, there)
}
