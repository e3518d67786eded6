package manners

import (
	"errors"
	"net/http"
	"testing"
)

type answer struct{ asked int }

func (a *answer) RoundTrip(*http.Request) (*http.Response, error) {
	a.asked++
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestGuard(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	for address, want := range map[string]error{
		"https://example.com/a":           nil,
		"http://example.com/a":            refused,
		"http://allowed.example.com:81/a": nil,
		"http://allowed.example.com/a":    refused,
		"http://localhost:4873/a":         nil,
		"http://127.1.2.3/a":              nil,
		"http://[::1]:80/a":               nil,
		"http://127.0.0.1.example.com/a":  refused,
		"http://10.0.0.1/a":               refused,
	} {
		var a answer
		g := Guard(&a, func(host string) error {
			if host == "allowed.example.com:81" {
				return nil
			}
			return refused
		})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := g.RoundTrip(r)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, want) || (want == nil) != (a.asked == 1) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
