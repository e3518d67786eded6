package plugin_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// BenchmarkStart is the way from nothing to a provider that can be called, and back to nothing.
func BenchmarkStart(b *testing.B) {
	s, _ := spec(b, "echo")
	for b.Loop() {
		p, err := plugin.Start(context.Background(), s, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTransform is one call of a model that does nothing.
func BenchmarkTransform(b *testing.B) {
	s, _ := spec(b, "echo")
	p := start(b, s, nil)
	request := plugin.Request{Model: "echo", Inputs: []plugin.Media{plugin.Text("hello")}}
	for b.Loop() {
		if _, err := p.Transform(context.Background(), request); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDescribe is one unary call.
func BenchmarkDescribe(b *testing.B) {
	s, _ := spec(b, "echo")
	p := start(b, s, nil)
	for b.Loop() {
		if _, err := p.Describe(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAccess starts a provider that the kernel keeps to its own files and one that it does not, in turns, and tells the ratio
// of the medians.
func BenchmarkAccess(b *testing.B) {
	open, _ := spec(b, "echo")
	kept, _ := spec(b, "echo")
	kept.Access = &plugin.Access{Calls: filepath.Join(b.TempDir(), "calls"), Private: []string{b.TempDir()}}
	took := make([][]time.Duration, 2)
	for b.Loop() {
		for i, s := range []plugin.Spec{open, kept} {
			began := time.Now()
			p, err := plugin.Start(context.Background(), s, nil)
			took[i] = append(took[i], time.Since(began))
			if err != nil {
				b.Fatal(err)
			}
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)/2].Seconds() * 1000
	}
	b.ReportMetric(median(took[0]), "open-ms")
	b.ReportMetric(median(took[1]), "kept-ms")
	b.ReportMetric(median(took[1])/median(took[0]), "ratio")
}
