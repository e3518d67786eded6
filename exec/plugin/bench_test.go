package plugin_test

import (
	"context"
	"testing"

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
