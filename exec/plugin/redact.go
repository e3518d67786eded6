package plugin

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"google.golang.org/protobuf/proto"
)

// Secret is a value that the provider knows and nobody else may read in what conduit says of the provider.
type Secret struct {
	Name  string // what stands in the value's place, in brackets: "apiKey"
	Value string
}

const (
	leastSecret = 4  // bytes; shorter values would black out ordinary words
	leastPart   = 12 // bytes of a line of a secret of several, or of a form that is only part of the value
	leastStart  = 6  // bytes of a secret's beginning where the text was cut in the middle of it
)

// redactor takes secrets out of texts: the values themselves and the forms in which they usually occur, which are those of
// JSON, of addresses and of base64. What a provider disguises in another way it does not know.
type redactor struct {
	replacer *strings.Replacer
	values   []Secret // every form, the longest first
}

func newRedactor(secrets []Secret) *redactor {
	r := &redactor{}
	for _, s := range secrets {
		for _, form := range forms(s.Value) {
			r.values = append(r.values, Secret{Name: "[" + s.Name + "]", Value: form})
		}
	}
	// The longest first, since one secret may be part of another.
	slices.SortStableFunc(r.values, func(a, b Secret) int { return len(b.Value) - len(a.Value) })
	var pairs []string
	for _, v := range r.values {
		pairs = append(pairs, v.Value, v.Name)
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// forms are the texts in which a value may occur.
func forms(value string) []string {
	if len(value) < leastSecret {
		return nil
	}
	query := url.QueryEscape(value)
	component := strings.ReplaceAll(query, "+", "%20")
	out := []string{value, query, component, url.PathEscape(value),
		strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(component)} // JavaScript's
	if quoted, err := json.Marshal(value); err == nil {
		out = append(out, string(quoted[1:len(quoted)-1]))
	}
	out = append(out, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value)) // JSON without Go's care for HTML
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before, skip := range []int{0, 2, 3} { // behind a user's name, say, it begins anywhere in a group of three bytes
			whole := (before + len(value)) / 3 * 4
			if part := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + value)); whole-skip >= leastPart {
				out = append(out, part[skip:whole])
			}
		}
	}
	for _, line := range strings.Split(value, "\n") { // what a provider writes is read line by line
		if line = strings.TrimSpace(line); len(line) >= leastPart && !strings.HasPrefix(line, "-----") {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// text returns text without the secrets, and without the beginning of one at its end: long texts of providers are cut.
func (r *redactor) text(text string) string {
	if len(r.values) == 0 || text == "" {
		return text
	}
	text = r.replacer.Replace(text)
	body, cut := strings.CutSuffix(text, " …")
	if !cut {
		return text
	}
	for _, v := range r.values {
		for n := min(len(v.Value)-1, len(body)); n >= leastStart; n-- {
			if strings.HasSuffix(body, v.Value[:n]) {
				return body[:len(body)-n] + v.Name + " …"
			}
		}
	}
	return text
}

// longest is the length in bytes of the longest text that is replaced; 0 without secrets.
func (r *redactor) longest() int {
	if len(r.values) == 0 {
		return 0
	}
	return len(r.values[0].Value)
}

// failure returns a provider's error without the secrets.
func (r *redactor) failure(f *providerv1.Error) *providerv1.Error {
	out := proto.CloneOf(f)
	out.Message, out.Stack, out.Name, out.Remedy = r.text(f.GetMessage()), r.text(f.GetStack()), r.text(f.GetName()), r.text(f.GetRemedy())
	for i, name := range out.GetMissing() {
		out.Missing[i] = r.text(name)
	}
	return out
}
