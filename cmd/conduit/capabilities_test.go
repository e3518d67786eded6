//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

const spoken = "Conduit carries media"

// capability is one call: of a provider of the same name, with a text or with what another call made.
type capability struct {
	name   string
	from   string // the capability whose output is the input; "" for the text
	params map[string]any
	file   string // name of the output's file
	check  func(t *testing.T, in, out []byte)
}

// capabilities are in an order in which each finds its input made. What comes out is checked with decoders of Go's own or
// of this file, which share nothing with the providers' library.
var capabilities = []capability{
	{name: "text-to-text", params: map[string]any{"upper": true}, file: "out.txt", check: func(t *testing.T, in, out []byte) {
		turned := []rune(strings.ToUpper(string(in)))
		slices.Reverse(turned)
		equal(t, string(out), string(turned))
	}},
	{name: "text-to-image", params: map[string]any{"height": 2}, file: "out.png", check: func(t *testing.T, in, out []byte) {
		p := pixels(t, out)
		equal(t, len(p), 2)
		for _, row := range p {
			for x, c := range in {
				equal(t, row[x], [3]byte{c, c, c})
			}
		}
	}},
	{name: "text-to-audio", file: "out.wav", check: func(t *testing.T, in, out []byte) {
		rate, samples := sound(t, out)
		equal(t, rate, 8000)
		equal(t, len(samples), 40*len(in))
		for i, s := range samples {
			equal(t, s, 128*int16(in[i/40]))
		}
	}},
	{name: "text-to-video", params: map[string]any{"fps": 50}, file: "out.avi", check: func(t *testing.T, in, out []byte) {
		frames := riff(t, out, "AVI ")["00dc"]
		equal(t, len(frames), len(in))
		for i, f := range frames {
			equal(t, pixels(t, f)[3][3], [3]byte{in[i], in[i], in[i]})
		}
		equal(t, binary.LittleEndian.Uint32(riff(t, out, "AVI ")["avih"][0]), 20_000)
	}},
	{name: "text-to-3d", file: "out.glb", check: func(t *testing.T, in, out []byte) {
		positions, _ := mesh(t, out)
		equal(t, len(positions), len(in))
		for i, p := range positions {
			equal(t, p, [3]float32{float32(i), float32(in[i]) / 128, 0})
		}
	}},
	{name: "image-to-image", from: "text-to-image", file: "out.png", check: func(t *testing.T, in, out []byte) {
		before, after := pixels(t, in), pixels(t, out)
		for y, row := range before {
			for x, p := range row {
				equal(t, after[y][x], [3]byte{255 - p[0], 255 - p[1], 255 - p[2]})
			}
		}
	}},
	{name: "image-to-text", from: "text-to-image", file: "out.txt", check: func(t *testing.T, in, out []byte) {
		sum := 0
		for _, c := range spoken {
			sum += int(c)
		}
		mean := sum / len(spoken)
		equal(t, string(out), fmt.Sprintf("%dx2 png, rgb(%d, %d, %d)", len(spoken), mean, mean, mean))
	}},
	{name: "image-to-video", from: "text-to-image", params: map[string]any{"frames": 2}, file: "out.avi", check: func(t *testing.T, in, out []byte) {
		frames := riff(t, out, "AVI ")["00dc"]
		equal(t, len(frames), 2)
		for y, row := range pixels(t, in) {
			for x, p := range row {
				equal(t, pixels(t, frames[0])[y][x], [3]byte{p[0] / 2, p[1] / 2, p[2] / 2})
				equal(t, pixels(t, frames[1])[y][x], p)
			}
		}
	}},
	{name: "image-to-3d", from: "text-to-image", file: "out.glb", check: func(t *testing.T, in, out []byte) {
		positions, triangles := mesh(t, out)
		p := pixels(t, in)
		equal(t, len(positions), 2*len(spoken))
		equal(t, len(triangles), 2*3*(len(spoken)-1))
		for i, v := range positions {
			x, y := i%len(spoken), i/len(spoken)
			equal(t, v, [3]float32{float32(x), float32(float64(p[y][x][0]) / 255), float32(y)})
		}
	}},
	{name: "audio-to-audio", from: "text-to-audio", params: map[string]any{"gain": 0.5}, file: "out.wav", check: func(t *testing.T, in, out []byte) {
		_, before := sound(t, in)
		_, after := sound(t, out)
		slices.Reverse(before)
		for i, s := range before {
			equal(t, after[i], s/2)
		}
	}},
	{name: "audio-to-text", from: "text-to-audio", file: "out.txt", check: func(t *testing.T, in, out []byte) {
		equal(t, string(out), fmt.Sprintf("%d samples at 8000 Hz, peak %d", 40*len(spoken), 128*int(slices.Max([]byte(spoken)))))
	}},
	{name: "video-to-audio", from: "text-to-video", file: "out.wav", check: func(t *testing.T, in, out []byte) {
		_, samples := sound(t, out)
		equal(t, len(samples), 160*len(spoken)) // 8000 samples a second, 50 frames a second
		for i, s := range samples {
			equal(t, s, 128*int16(spoken[i/160]))
		}
	}},
	{name: "video-to-image", from: "text-to-video", params: map[string]any{"timestamp": 0.1}, file: "out.png", check: func(t *testing.T, in, out []byte) {
		equal(t, string(out), string(riff(t, in, "AVI ")["00dc"][5]))
	}},
	{name: "video-to-video", from: "text-to-video", file: "out.avi", check: func(t *testing.T, in, out []byte) {
		before, after := riff(t, in, "AVI "), riff(t, out, "AVI ")
		slices.Reverse(before["00dc"])
		equal(t, string(bytes.Join(after["00dc"], nil)), string(bytes.Join(before["00dc"], nil)))
		equal(t, string(bytes.Join(after["01wb"], nil)), string(bytes.Join(before["01wb"], nil)))
	}},
}

// door is a way to call a provider.
type door struct {
	name string
	// call runs the capability's only model on a text, or where there is one on a file, and returns what it made.
	call func(t *testing.T, c capability, text, file string) []byte
}

// TestCapabilities calls a provider of each capability, and checks what it makes of real files. Every door leads to the same bytes.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	m := capabilityMachine(t)
	gateway, tools := serving(t, m, "serve", "--listen", "127.0.0.1:0", "--json"), mcpSession(t, m, nil)
	doors := []door{
		{"run", func(t *testing.T, c capability, text, file string) []byte { return runCapability(t, m, c, text, file) }},
		{"serve", func(t *testing.T, c capability, text, file string) []byte {
			return serveCapability(t, gateway, c, text, file)
		}},
		{"mcp", func(t *testing.T, c capability, text, file string) []byte {
			return mcpCapability(t, tools, c, text, file)
		}},
	}
	made := map[string][]byte{}
	files := map[string]string{}
	for _, c := range capabilities {
		in := made[c.from]
		if c.from == "" {
			in = []byte(spoken)
		}
		for _, d := range doors {
			t.Run(c.name+"/"+d.name, func(t *testing.T) {
				text := ""
				if c.from == "" {
					text = spoken
				}
				out := d.call(t, c, text, files[c.from])
				if before, ok := made[c.name]; ok {
					if !bytes.Equal(out, before) {
						t.Errorf("%d bytes, and others than the %d of run", len(out), len(before))
					}
					return
				}
				c.check(t, in, out)
				made[c.name] = out
			})
		}
		if made[c.name] == nil {
			t.FailNow() // others need it
		}
		files[c.name] = filepath.Join(m.project, c.name+filepath.Ext(c.file))
		if err := os.WriteFile(files[c.name], made[c.name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// capabilityMachine has a project with the providers of testdata/capabilities, each under its capability's name.
func capabilityMachine(t *testing.T) *machine {
	t.Helper()
	npm := hostRegistry(t)
	folder := filepath.Join(testdata, "capabilities")
	library := npmtest.Package{Name: "@acme/media-files", Version: "1.0.0", Files: map[string]string{}}
	entries, err := os.ReadDir(filepath.Join(folder, "media-files"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, "media-files", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		library.Files[e.Name()] = string(data)
		if e.Name() == "package.json" {
			if err := json.Unmarshal(data, &library.Manifest); err != nil {
				t.Fatal(err)
			}
		}
	}
	delete(library.Files, "package.json")
	if err := npm.Publish(library); err != nil {
		t.Fatal(err)
	}
	m := newMachine(t, sourcetest.NewGit(t), npm)
	if err := os.CopyFS(filepath.Join(m.project, "providers"), os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	manifest := "conduit = \"0.1\"\n[providers]\n"
	for _, c := range capabilities {
		manifest += fmt.Sprintf("%s = \"file:providers/%s\"\n", c.name, c.name)
	}
	if err := os.WriteFile(filepath.Join(m.project, "conduit.toml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, ok := m.conduit("sync"); !ok {
		t.Fatal(out)
	}
	return m
}

// runCapability calls by the command line.
func runCapability(t *testing.T, m *machine, c capability, text, file string) []byte {
	t.Helper()
	output := filepath.Join(t.TempDir(), c.file)
	args := []string{"run", c.name, "-o", output, "--capability", c.name}
	if file != "" {
		args = append(args, "-i", file)
	} else {
		args = append(args, text)
	}
	for name, value := range c.params {
		args = append(args, "-p", fmt.Sprintf("%s=%v", name, value))
	}
	if out, ok := m.conduit(args...); !ok {
		t.Fatal(out)
	}
	data, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// serveCapability calls over HTTP, by a form.
func serveCapability(t *testing.T, address string, c capability, text, file string) []byte {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	parameters, err := json.Marshal(c.params)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"model": c.name, "capability": c.name, "delivery": "inline"}
	if text != "" {
		fields["text"] = text
	}
	if c.params != nil {
		fields["parameters"] = string(parameters)
	}
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		part, err := form.CreateFormFile("input", filepath.Base(file))
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(address+"/api/v1/transform", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Error   any
		Outputs []struct {
			Text *string
			Data []byte
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || len(answer.Outputs) != 1 {
		t.Fatalf("%s %v, %v", resp.Status, answer.Error, err)
	}
	if text := answer.Outputs[0].Text; text != nil {
		return []byte(*text)
	}
	return answer.Outputs[0].Data
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%v, want %v", got, want)
	}
}

// pixels reads a PNG, rows of red, green and blue.
func pixels(t *testing.T, file []byte) [][][3]byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds()
	rows := make([][][3]byte, size.Dy())
	for y := range rows {
		for x := range size.Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			rows[y] = append(rows[y], [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
		}
	}
	return rows
}

// riff reads the chunks of a RIFF file by their names.
func riff(t *testing.T, file []byte, kind string) map[string][][]byte {
	t.Helper()
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != kind || int(binary.LittleEndian.Uint32(file[4:])) != len(file)-8 {
		t.Fatalf("no whole %s file: %q", kind, file[:min(len(file), 12)])
	}
	out := map[string][][]byte{}
	var read func([]byte)
	read = func(rest []byte) {
		for len(rest) >= 8 {
			size := int(binary.LittleEndian.Uint32(rest[4:]))
			if len(rest) < 8+size {
				t.Fatalf("chunk %q is cut off", rest[:4])
			}
			if name, data := string(rest[:4]), rest[8:8+size]; name == "LIST" {
				read(data[4:])
			} else {
				out[name] = append(out[name], data)
			}
			rest = rest[min(len(rest), 8+size+size%2):]
		}
	}
	read(file[12:])
	return out
}

// sound reads a WAV of one channel with 16 bits.
func sound(t *testing.T, file []byte) (rate int, samples []int16) {
	t.Helper()
	chunks := riff(t, file, "WAVE")
	format, data := chunks["fmt "][0], chunks["data"][0]
	equal(t, [3]uint16{binary.LittleEndian.Uint16(format), binary.LittleEndian.Uint16(format[2:]), binary.LittleEndian.Uint16(format[14:])}, [3]uint16{1, 1, 16})
	samples = make([]int16, len(data)/2)
	if _, err := binary.Decode(data, binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	return int(binary.LittleEndian.Uint32(format[4:])), samples
}

// mesh reads the positions and triangles of a GLB with one mesh.
func mesh(t *testing.T, file []byte) (positions [][3]float32, triangles []uint32) {
	t.Helper()
	if len(file) < 20 || string(file[:4]) != "glTF" || int(binary.LittleEndian.Uint32(file[8:])) != len(file) {
		t.Fatalf("no whole GLB file: %q", file[:min(len(file), 12)])
	}
	size := binary.LittleEndian.Uint32(file[12:])
	var scene struct {
		Accessors []struct {
			BufferView, Count int
		}
		BufferViews []struct{ ByteOffset, ByteLength int }
	}
	if err := json.Unmarshal(file[20:20+size], &scene); err != nil {
		t.Fatal(err)
	}
	data := file[20+size+8:]
	for i, a := range scene.Accessors {
		view := scene.BufferViews[a.BufferView]
		part := data[view.ByteOffset : view.ByteOffset+view.ByteLength]
		for at := 0; i == 0 && at < len(part); at += 12 {
			var p [3]float32
			for axis := range p {
				p[axis] = math.Float32frombits(binary.LittleEndian.Uint32(part[at+4*axis:]))
			}
			positions = append(positions, p)
		}
		for at := 0; i == 1 && at < len(part); at += 4 {
			triangles = append(triangles, binary.LittleEndian.Uint32(part[at:]))
		}
	}
	return positions, triangles
}
