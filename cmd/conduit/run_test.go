package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

func TestModelsThatATerminalCannotShow(t *testing.T) {
	for _, types := range [][]string{nil, {"text"}, {"text/plain"}, {"image", "text"}} {
		if err := textual(plugin.Model{ID: "m", OutputTypes: types}); err != nil {
			t.Errorf("%v: %v", types, err)
		}
	}
	err := textual(plugin.Model{ID: "flux", OutputTypes: []string{"image", "video"}})
	if report.KindOf(err) != report.Usage || !strings.Contains(err.Error(), "flux makes image and video") || !strings.Contains(err.Error(), "name a file with -o") {
		t.Errorf("got %v", err)
	}
}

func TestWhatRemainsOfAStreamedAnswer(t *testing.T) {
	for _, c := range []struct {
		pieces       []string
		answer, want string
	}{
		{nil, "all of it", "all of it"},
		{[]string{"all ", "of it"}, "all of it", "all of it"},
		{[]string{"all ", "of"}, "all of it\n", "all of it\n"},
		{[]string{" all of it"}, "all of it", " all of it"},
		{[]string{"a draft"}, "all of it", "a draft\nall of it"},
	} {
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		a := &app{stdout: out}
		p := &pieces{app: a}
		for _, text := range c.pieces {
			p.write(text)
		}
		if err := a.answer(p.rest(plugin.Response{Outputs: []plugin.Media{plugin.Text(c.answer)}}), ""); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(out.Name()); err != nil || string(got) != c.want {
			t.Errorf("%q and %q: printed %q (%v)", c.pieces, c.answer, got, err)
		}
	}
}

// The same name is the same type on every machine, whatever its table of types says.
func TestTypesOfFiles(t *testing.T) {
	for name, want := range map[string][3]string{
		"a.WAV": {"audio", "audio/wav", "RIFF"}, "a.flac": {"audio", "audio/flac", "x"}, "a.m4a": {"audio", "audio/mp4", "x"},
		"a.ogg": {"audio", "audio/ogg", "x"}, "noname": {"audio", "audio/ogg", "OggS\x00"}, "png": {"image", "image/png", "\x89PNG\x0d\x0a\x1a\x0a"},
		"a.glb": {"3d", "model/gltf-binary", "glTF"}, "a.ts": {"text", "text/plain", "const a = 1"}, "a.json": {"text", "application/json", "{}"},
		"a.pdf": {"file", "application/pdf", "%PDF-1.4"}, "a.mkv": {"video", "video/x-matroska", "x"}, "bin": {"file", "application/octet-stream", "\x00\x01"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(want[2]), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := (&inputFiles{ctx: t.Context()}).read(path)
		if err != nil {
			t.Fatal(err)
		}
		if m.Type != want[0] || m.MIME != want[1] {
			t.Errorf("%s: %s, %s; want %v", name, m.Type, m.MIME, want)
		}
		if (m.Type == "text") != (m.Text == want[2]) || (m.Type == "text") == (m.Path != "") {
			t.Errorf("%s: text %q, path %q", name, m.Text, m.Path)
		}
	}
}

// What a pipe holds is kept in a file: that this cannot be written is not the pipe's fault.
func TestInputThatCannotBeKept(t *testing.T) {
	in := &inputFiles{ctx: t.Context(), stdin: strings.NewReader("moo"), dir: filepath.Join(t.TempDir(), "gone")}
	_, err := in.read("-")
	if err == nil || !strings.Contains(err.Error(), "standard input") || !strings.Contains(err.Error(), "let TMPDIR name a writable folder with room") {
		t.Errorf("%v", err)
	}
}

func TestProgressText(t *testing.T) {
	for want, p := range map[string]plugin.Progress{
		"loading":      {Fraction: -1, Message: "loading"},
		"40 % loading": {Fraction: 0.4, Message: "loading"},
		"100 %":        {Fraction: 1},
		"":             {Fraction: -1, Partial: "text"},
	} {
		if got := progressText(p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
