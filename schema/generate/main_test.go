package main

import (
	"bytes"
	"testing"

	files "github.com/MediaConduit/conduit/schema"
)

// TestCurrent fails when the types were changed and the files were not written again.
func TestCurrent(t *testing.T) {
	texts := schemas()
	for _, name := range files.Names {
		got, ok := files.Text(name)
		if !ok || !bytes.Equal(got, texts[name]) {
			t.Errorf("%s.schema.json is not what the types say: go generate ./schema", name)
		}
		delete(texts, name)
	}
	for name := range texts {
		t.Errorf("schema.Names does not name %q", name)
	}
}
