package gateway

import (
	"net/http"
	"os"

	"github.com/MediaConduit/conduit/exec/media"
)

// readFile answers GET /files/{name}: what a model made and was too large for its answer. Ranges work.
func (g *Gateway) readFile(w http.ResponseWriter, r *http.Request) error {
	f, err := g.files.Open(r.PathValue("name"))
	if err != nil {
		return err
	}
	defer f.Close()
	kind, err := media.Type(f.Name(), func() ([]byte, error) { return nil, nil })
	if err != nil {
		return err
	}
	return serveFile(w, r, f, kind)
}

// serveFile answers with a file that a model made. Ranges work.
func serveFile(w http.ResponseWriter, r *http.Request, f *os.File, kind string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	mediaHeader(w.Header(), kind)
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}
