package npmtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"
	"time"
)

func start(t *testing.T, opts Options) *Registry {
	t.Helper()
	r, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestUpstreamAndSnapshot(t *testing.T) {
	real := start(t, Options{})
	if err := real.Publish(Package{Name: "@s/a", Version: "1.0.0"}); err != nil {
		t.Fatal(err)
	}
	if err := real.Publish(Package{Name: "secret", Version: "1.0.0"}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NPM_CONFIG_REGISTRY", real.URL())
	dir := t.TempDir()
	front := start(t, Options{Upstream: []string{"@s/a"}, Dir: dir})
	var first [][]byte
	for _, r := range []*Registry{front, front, start(t, Options{})} {
		r.Serve(dir) // the third has nothing but the snapshot
		status, doc := get(t, r.URL()+"@s%2fa")
		var d struct {
			Versions map[string]struct{ Dist struct{ Tarball string } }
		}
		if err := json.Unmarshal(doc, &d); status != 200 || err != nil {
			t.Fatalf("%d, %v", status, err)
		}
		address := d.Versions["1.0.0"].Dist.Tarball
		if want := r.URL() + "@s/a/-/a-1.0.0.tgz"; address != want {
			t.Errorf("the tarball is at %s, want %s", address, want)
		}
		_, tgz := get(t, address)
		first = append(first, tgz)
		if !bytes.Equal(tgz, first[0]) || len(tgz) == 0 {
			t.Error("another tarball")
		}
		if status, _ := get(t, r.URL()+"secret"); status != 404 {
			t.Errorf("a package that was not selected: %d", status)
		}
	}
	if got := real.Requests(); !reflect.DeepEqual(got, []string{"GET /@s/a", "GET /@s/a/-/a-1.0.0.tgz"}) {
		t.Errorf("upstream was asked for %v", got)
	}
}

func TestTarballIsDeterministic(t *testing.T) {
	manifest := map[string]any{"name": "a", "version": "1.0.0", "dependencies": map[string]any{"b": "1", "c": "1"}}
	files := map[string]string{"x": "1", "y": "2", "z/w": "3"}
	first, err := Tarball(manifest, files)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := Tarball(manifest, files); err != nil || !bytes.Equal(again, first) {
			t.Fatal("the bytes differ: ", err)
		}
	}
}

func TestParseFault(t *testing.T) {
	got, err := ParseFault("package=@s/a", "on=tarball", "times=2", "status=503", "after=1", "delay=10ms")
	want := Fault{Package: "@s/a", On: "tarball", Times: 2, Status: 503, After: 1, Delay: 10 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"times=x", "statuss=1", "delay=soon"} {
		if _, err := ParseFault(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
