package manifest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/MediaConduit/conduit/manifest/suggest"
)

// Capabilities are the capabilities that the SDK has a model class for.
var Capabilities = []string{
	"text-to-text", "text-to-image", "image-to-image", "image-to-text", "text-to-video", "image-to-video", "video-to-video",
	"video-to-image", "video-to-audio", "text-to-audio", "audio-to-text", "audio-to-audio", "text-to-3d", "image-to-3d",
}

// Capability normalises a capability's spelling to kebab-case: TEXT_TO_TEXT, TextToText and "text to text" all become
// text-to-text. Names outside [Capabilities] are normalised too.
func Capability(name string) string {
	var b strings.Builder
	runes := []rune(strings.TrimSpace(name))
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return 0
		}
		return runes[i]
	}
	for i, c := range runes {
		if c == '_' || c == '-' || unicode.IsSpace(c) {
			b.WriteByte('-')
			continue
		}
		before, after := at(i-1), at(i+1)
		newWord := unicode.IsUpper(c) && (unicode.IsLower(before) || unicode.IsUpper(before) && unicode.IsLower(after)) ||
			unicode.IsDigit(c) && unicode.IsLower(before) && unicode.ToLower(after) == 'd' // TextTo3D
		if newWord {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	words := strings.FieldsFunc(b.String(), func(c rune) bool { return c == '-' })
	return strings.Join(words, "-")
}

// capabilities normalises a list of capabilities and warns about those that conduit does not know.
func (r *reader) capabilities(file string, n *node) []string {
	var out []string
	for _, item := range n.strings() {
		c := Capability(item.string())
		if c == "" || slices.Contains(out, c) {
			continue
		}
		out = append(out, c)
		if slices.Contains(Capabilities, c) {
			continue
		}
		message := fmt.Sprintf("capability %q is not one that conduit knows; it is kept as it is", c)
		if near := suggest.Nearest(c, Capabilities); near != "" {
			message += fmt.Sprintf(" (did you mean %q?)", near)
		}
		r.warn(file, item.line, message)
	}
	return out
}
