package advisory

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// ParseBulk reads the registry's answer to POST /-/npm/v1/security/advisories/bulk: names of packages to their advisories.
func ParseBulk(data []byte) ([]Advisory, error) {
	var answer map[string][]struct {
		ID       json.Number `json:"id"`
		URL      string      `json:"url"`
		Title    string      `json:"title"`
		Severity string      `json:"severity"`
		Range    string      `json:"vulnerable_versions"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("the answer is no list of advisories: %w", err)
	}
	var out []Advisory
	for name, list := range answer {
		for _, a := range list {
			id := a.ID.String()
			if last := path.Base(a.URL); strings.HasPrefix(last, "GHSA-") {
				id = last
			}
			out = append(out, Advisory{Library: name, ID: id, URL: a.URL, Title: a.Title, Severity: severity(a.Severity), Range: a.Range, affects: inRange(a.Range)})
		}
	}
	return out, nil
}
