package project

import (
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/exec/service"
)

func TestImageNotes(t *testing.T) {
	for name, images := range map[string][]service.Image{
		"none":     nil,
		"floating": {{Service: "app", Ref: "example.com/app:1"}},
		"build":    {{Service: "app", Digest: "build:h1:x="}, {Service: "app", Ref: "python:3", Digest: "sha256:1"}},
	} {
		if got, ok := notedImages(noteImages(images)); !ok || !slices.Equal(got, images) {
			t.Errorf("%s: %v came back as %v, %v", name, images, got, ok)
		}
	}
	if notes := noteImages([]service.Image{{Service: "app", Ref: "a b"}}); notes != nil {
		t.Errorf("a blank in a reference: %q", notes)
	}
	for _, notes := range [][]string{nil, {"images 0"}, {imageNotes, "app"}} {
		if got, ok := notedImages(notes); ok {
			t.Errorf("%q was read as %v", notes, got)
		}
	}
}
