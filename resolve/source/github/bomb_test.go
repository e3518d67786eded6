package github_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// packed is an object as a pack holds it (gitformat-pack(5)): a blob (3), or a difference to the object of a hash (7).
func packed(kind byte, base, content []byte) []byte {
	size := len(content)
	head := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		head[len(head)-1] |= 0x80
		head = append(head, byte(size&0x7f))
	}
	var b bytes.Buffer
	b.Write(head)
	b.Write(base)
	z := zlib.NewWriter(&b)
	_, _ = z.Write(content) // to memory
	_ = z.Close()
	return b.Bytes()
}

// copies is the difference that makes n copies of the 16 MiB less a byte at the beginning of a blob of size bytes.
func copies(size uint64, n int) []byte {
	const most = 1<<24 - 1
	delta := binary.AppendUvarint(binary.AppendUvarint(nil, size), uint64(n)*most)
	return append(delta, bytes.Repeat([]byte{0xf0, 0xff, 0xff, 0xff}, n)...)
}

// smuggle serves what a host does, with more objects in each pack.
func smuggle(t *testing.T, host string, objects ...[]byte) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := http.NewRequestWithContext(r.Context(), r.Method, host+r.URL.RequestURI(), r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		q.Header, q.ContentLength = r.Header.Clone(), r.ContentLength
		answer, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		if strings.HasSuffix(r.URL.Path, "/git-upload-pack") {
			body = enlarged(t, body, objects)
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

// enlarged is git's answer with more objects in the pack, which comes in lines of band 1 (gitprotocol-pack(5)).
func enlarged(t *testing.T, body []byte, objects [][]byte) []byte {
	var before, pack []byte
	for rest := body; len(rest) >= 4; {
		n, err := strconv.ParseUint(string(rest[:4]), 16, 16)
		if err != nil || n > uint64(len(rest)) {
			t.Errorf("git's answer: %q, %v", rest[:4], err)
			return body
		}
		line := rest[:max(n, 4)]
		rest = rest[len(line):]
		switch {
		case len(line) > 5 && line[4] == 1:
			pack = append(pack, line[5:]...)
		case pack == nil:
			before = append(before, line...)
		}
	}
	pack = pack[:len(pack)-sha1.Size]
	binary.BigEndian.PutUint32(pack[8:], binary.BigEndian.Uint32(pack[8:])+uint32(len(objects)))
	pack = append(pack, bytes.Join(objects, nil)...)
	sum := sha1.Sum(pack)
	pack = append(pack, sum[:]...)
	for len(pack) > 0 {
		part := pack[:min(len(pack), 65000)]
		pack = pack[len(part):]
		before = append(append(before, fmt.Sprintf("%04x\x01", len(part)+5)...), part...)
	}
	return append(before, "0000"...)
}

// TestPackBombs refuses packs that unfold to more than a package may hold, without unfolding them.
func TestPackBombs(t *testing.T) {
	zeros := make([]byte, 1<<24)
	hash := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(zeros)), zeros...))
	blob := packed(3, nil, zeros)
	many := [][]byte{blob}
	for i := range 10 {
		many = append(many, packed(7, hash[:], copies(1<<24, 8+i%4))) // 1.5 GiB together
	}
	for name, test := range map[string]struct {
		objects [][]byte
		limits  extract.Limits
		says    string
	}{
		"a difference that makes gigabytes": {objects: [][]byte{blob, packed(7, hash[:], copies(1<<24, 1<<17))}, says: "more than 268435456 bytes"},
		"many differences":                  {objects: many, says: "more than 256 times its size"},
		"a blob of zeros":                   {objects: [][]byte{blob}, limits: extract.Limits{Bytes: 1 << 20}, says: "more than 256 times its size"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			commit := w.add(t, sourcetest.Commit{Files: files("a"), Tags: []string{"v1.0.0"}})[0]
			s := smuggle(t, w.git.URL, test.objects...)
			o := w.origin(t, func(o *github.Options) { o.Limits = test.limits })
			file := filepath.Join(w.env["HOME"], ".gitconfig")
			if err := os.WriteFile(file, []byte(strings.ReplaceAll(w.git.GitConfig(), w.git.URL, s.URL)), 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := o.Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0", Commit: commit})
			runtime.ReadMemStats(&after)
			wantError(t, err, report.Policy, "github:"+repo, test.says, "nothing of it was kept", "use another version")
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("%d MiB of memory were used", used>>20)
			}
			if left, err := os.ReadDir(filepath.Join(w.cache.Dir(), "tmp")); err != nil || len(left) > 0 {
				t.Errorf("left are %v, %v", left, err)
			}
			// The same objects are no harm where they are few.
			w.emptyCache(t)
			if name == "a difference that makes gigabytes" {
				s := smuggle(t, w.git.URL, blob, packed(7, hash[:], copies(1<<24, 2)))
				o := w.origin(t)
				if err := os.WriteFile(file, []byte(strings.ReplaceAll(w.git.GitConfig(), w.git.URL, s.URL)), 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := o.Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0", Commit: commit}); err != nil {
					t.Errorf("32 MiB: %v", err)
				}
			}
		})
	}
}
