package cache_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/cache"
)

// BenchmarkBlobs writes 500 blobs of 20 kB, sixteen at a time, as an installer does.
func BenchmarkBlobs(b *testing.B) {
	for b.Loop() {
		c := reopenB(b, b.TempDir())
		work := make(chan int)
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				for i := range work {
					content := fmt.Sprint(i) + strings.Repeat("x", 20_000)
					if _, err := c.Blob(b.Context(), library(content), writes(content)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for i := range 500 {
			work <- i
		}
		close(work)
		group.Wait()
	}
}

// BenchmarkLookup finds an entry that is there.
func BenchmarkLookup(b *testing.B) {
	c := reopenB(b, b.TempDir())
	if _, err := c.Blob(b.Context(), library("x"), writes("x")); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, ok := c.Lookup(library("x")); !ok {
			b.Fatal("not there")
		}
	}
}

func reopenB(b *testing.B, dir string) *cache.Cache {
	c, err := cache.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	return c
}
