package manifest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Licence is the licence that a package.json states: the text of "license", in the older form its type, or of "licenses" the types
// joined by OR. "" where it states none or cannot be read.
func Licence(packageJSON []byte) string {
	var says struct {
		License  any `json:"license"`
		Licenses any `json:"licenses"`
	}
	if json.Unmarshal(packageJSON, &says) != nil {
		return ""
	}
	if text := licenceText(says.License); text != "" {
		return text
	}
	return licenceText(says.Licenses)
}

func licenceText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case map[string]any:
		for _, key := range []string{"type", "name"} {
			if text, ok := v[key].(string); ok {
				return strings.TrimSpace(text)
			}
		}
	case []any:
		var all []string
		for _, one := range v {
			if text := licenceText(one); text != "" {
				all = append(all, text)
			}
		}
		if len(all) > 1 {
			return "(" + strings.Join(all, " OR ") + ")"
		}
		return strings.Join(all, "")
	}
	return ""
}

// ReadLicence is the licence that the provider or service in the folder dir states, in package.json or else under license in its
// own manifest. A file that cannot be read states none: whoever needs it says what is wrong with it.
func ReadLicence(ctx context.Context, dir, subject string) (string, error) {
	r, err := open(report.To(ctx, nil), dir, subject, "provider", report.Failure)
	if err != nil {
		return "", err
	}
	defer r.root.Close()
	if r.files[packageFile] {
		if data, err := r.read(packageFile); err == nil {
			if text := Licence(data); text != "" {
				return text, nil
			}
		}
	}
	for _, file := range append(names("provider"), names("service")...) {
		if !r.files[file] {
			continue
		}
		if n, err := r.parse(file); err == nil && n.get("license").string() != "" {
			return n.get("license").string(), nil
		}
	}
	return "", nil
}
