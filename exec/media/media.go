package media

import (
	"mime"
	"net/http"
	"path/filepath"
	"strings"
)

// HeadSize is how many first bytes [Type] looks at.
const HeadSize = 512

// types are types that systems know differently, or that the first bytes do not tell: the same file is to be the same
// input on every machine. As registered with IANA where they are. Of several extensions of one type, the first is the
// usual one.
var types = []struct{ extension, mime string }{
	{".txt", "text/plain"}, {".srt", "text/plain"}, {".ts", "text/plain"}, {".md", "text/markdown"}, {".csv", "text/csv"}, {".vtt", "text/vtt"},
	{".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".webp", "image/webp"}, {".gif", "image/gif"}, {".avif", "image/avif"},
	{".heic", "image/heic"}, {".tif", "image/tiff"}, {".tiff", "image/tiff"}, {".bmp", "image/bmp"}, {".svg", "image/svg+xml"},
	{".mp3", "audio/mpeg"}, {".wav", "audio/wav"}, {".ogg", "audio/ogg"}, {".oga", "audio/ogg"}, {".flac", "audio/flac"}, {".m4a", "audio/mp4"},
	{".aac", "audio/aac"}, {".opus", "audio/opus"}, {".weba", "audio/webm"}, {".aiff", "audio/aiff"},
	{".mp4", "video/mp4"}, {".m4v", "video/mp4"}, {".webm", "video/webm"}, {".mov", "video/quicktime"}, {".mkv", "video/x-matroska"},
	{".avi", "video/x-msvideo"}, {".mpeg", "video/mpeg"}, {".mpg", "video/mpeg"}, {".ogv", "video/ogg"},
	{".glb", "model/gltf-binary"}, {".gltf", "model/gltf+json"}, {".obj", "model/obj"}, {".stl", "model/stl"}, {".usdz", "model/vnd.usdz+zip"},
}

// Type is a file's media type, without parameters: by the extension of its name, else by its first bytes, of which it needs
// [HeadSize] where there are as many. head is called only when the name does not tell.
func Type(name string, head func() ([]byte, error)) (string, error) {
	ext := strings.ToLower(filepath.Ext(name))
	kind := ""
	for _, t := range types {
		if t.extension == ext {
			kind = t.mime
			break
		}
	}
	if kind == "" {
		kind = mime.TypeByExtension(ext)
	}
	if kind == "" {
		data, err := head()
		if err != nil {
			return "", err
		}
		kind = http.DetectContentType(data)
	}
	kind, _, _ = strings.Cut(kind, ";")
	switch kind {
	case "application/ogg": // most often sound, and then it has no other sign
		kind = "audio/ogg"
	case "audio/wave": // as net/http calls what the extension says is audio/wav
		kind = "audio/wav"
	}
	return kind, nil
}

// Kind is what a provider takes content of a media type as: "text", "image", "audio", "video", "3d", else "file".
func Kind(mimeType string) string {
	switch major, _, _ := strings.Cut(mimeType, "/"); major {
	case "text", "image", "audio", "video":
		return major
	case "model":
		return "3d"
	}
	return "file"
}

// Extension is how the name of a file of a media type ends, with the dot; ".bin" for a type that is not known.
func Extension(mimeType string) string {
	mimeType, _, _ = strings.Cut(mimeType, ";")
	for _, t := range types {
		if t.mime == mimeType {
			return t.extension
		}
	}
	if mimeType == "application/json" {
		return ".json"
	}
	return ".bin"
}
