package redirect

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// names are the addresses that lookups give here.
var names = map[string][]string{
	"registry.example.com": {"203.0.114.7"}, "cdn.example.com": {"2606:4700::1"}, "rebound.example.com": {"203.0.114.8", "10.0.0.1"},
	"registry.corp": {"10.1.2.3"}, "files.corp": {"10.1.2.4"}, "localhost": {"127.0.0.1"},
}

func TestCheck(t *testing.T) {
	lookup = func(_ context.Context, _, host string) (out []netip.Addr, err error) {
		for _, a := range names[host] {
			out = append(out, netip.MustParseAddr(a))
		}
		if out == nil {
			err = errors.New("no such host")
		}
		return out, err
	}
	for _, test := range []struct {
		from, to string
		refused  bool
	}{
		{"https://registry.example.com/a", "https://cdn.example.com/a", false},
		{"https://registry.example.com/a", "https://behind-a-proxy.example.com/a", false},
		{"https://registry.example.com/a", "https://169.254.169.254/latest/meta-data", true},
		{"https://registry.example.com/a", "https://127.0.0.1:8080/", true},
		{"https://registry.example.com/a", "https://localhost/", true},
		{"https://registry.example.com/a", "https://[::1]/", true},
		{"https://registry.example.com/a", "https://[::ffff:10.0.0.1]/", true},
		{"https://registry.example.com/a", "https://[fe80::1]/", true},
		{"https://registry.example.com/a", "https://[fd00::1]/", true},
		{"https://registry.example.com/a", "https://192.168.1.1/", true},
		{"https://registry.example.com/a", "https://100.100.100.200/", true},
		{"https://registry.example.com/a", "https://0.0.0.0/", true},
		{"https://registry.example.com/a", "https://rebound.example.com/", true},
		{"https://registry.corp/a", "https://files.corp/a", false},
		{"https://registry.corp/a", "https://registry.example.com/a", false},
		{"http://127.0.0.1:4873/a", "http://127.0.0.1:4874/a", false},
	} {
		from, _ := http.NewRequest(http.MethodGet, test.from, nil)
		to, _ := http.NewRequest(http.MethodGet, test.to, nil)
		err := Follow(to, []*http.Request{from})
		if (err != nil) != test.refused {
			t.Errorf("%s → %s: %v", test.from, test.to, err)
		}
		if err != nil && (report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), from.URL.Host)) {
			t.Errorf("%s → %s: %v", test.from, test.to, err)
		}
	}
}
