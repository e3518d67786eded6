package npm

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// maxFresh is how long a document may be used without asking, whatever the registry says. The npm registry says the same.
const maxFresh = 5 * time.Minute

type revalidateKey struct{}

// Revalidate returns a context with which documents are always asked for: for those who want to know what is newest, and
// not only what fits. Without it a document is taken from the cache for as long as the registry's Cache-Control allows
// (RFC 9111), as npm does.
func Revalidate(ctx context.Context) context.Context {
	return context.WithValue(ctx, revalidateKey{}, true)
}

func revalidates(ctx context.Context) bool { return ctx.Value(revalidateKey{}) != nil }

// freshUntil is the end of an answer's freshness in seconds since 1970, 0 where it has none.
func freshUntil(h http.Header, now time.Time) int64 {
	var fresh time.Duration
	for directive := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if seconds, err := strconv.Atoi(strings.Trim(value, `"`)); err == nil && seconds > 0 {
				fresh = min(time.Duration(seconds)*time.Second, maxFresh)
			}
		}
	}
	if age, err := strconv.Atoi(h.Get("Age")); err == nil && age > 0 {
		fresh -= time.Duration(min(age, int(maxFresh/time.Second))) * time.Second
	}
	if fresh <= 0 {
		return 0
	}
	return now.Add(fresh).Unix()
}

// unzip uncompresses a body that was asked for with gzip. Go's own reader is slower.
func unzip(r *http.Response) error {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return nil
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return err
	}
	r.Body = z // whoever opened the body closes it
	r.ContentLength = -1
	return nil
}
