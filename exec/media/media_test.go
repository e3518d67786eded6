package media

import (
	"errors"
	"testing"
)

func TestType(t *testing.T) {
	png := func() ([]byte, error) { return []byte("\x89PNG\r\n\x1a\n"), nil }
	for name, want := range map[string]string{
		"a.PNG": "image/png", "speech.opus": "audio/opus", "clip.ts": "text/plain", "b.glb": "model/gltf-binary", "unnamed": "image/png", "x.svg": "image/svg+xml",
	} {
		if got, err := Type(name, png); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, want)
		}
	}
	if got, err := Type("x", func() ([]byte, error) { return []byte("OggS\x00"), nil }); err != nil || got != "audio/ogg" {
		t.Errorf("got %s, %v", got, err)
	}
	broken := errors.New("broken")
	if _, err := Type("x", func() ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestKindAndExtension(t *testing.T) {
	for mime, want := range map[string][2]string{
		"text/plain": {"text", ".txt"}, "image/jpeg": {"image", ".jpg"}, "audio/mpeg": {"audio", ".mp3"}, "video/mp4": {"video", ".mp4"},
		"model/stl": {"3d", ".stl"}, "application/pdf": {"file", ".bin"}, "text/plain; charset=utf-8": {"text", ".txt"},
	} {
		if got := [2]string{Kind(mime), Extension(mime)}; got != want {
			t.Errorf("%s: got %v, want %v", mime, got, want)
		}
	}
}
