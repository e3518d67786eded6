package lockfile

import (
	"fmt"
	"math"
	"strings"

	"github.com/docker/go-units"

	"github.com/MediaConduit/conduit/verify/policy"
)

// content reads the rules over what may be in packages.
func (d *decoder) content(t map[string]any) (policy.Content, error) {
	var c policy.Content
	licences, err := d.texts(t["licenses"], "MIT", "policy", "licenses")
	if err != nil {
		return c, err
	}
	if t["licenses"] != nil {
		c.Licences = []string{} // an empty list allows none
	}
	for _, text := range licences {
		licence, err := policy.ParseAllowedLicence(text)
		if err != nil {
			return c, d.fail(fmt.Sprintf("policy.licenses names %q, which is no licence of SPDX's list: %v", text, err),
				"write it as\n  licenses = [\"MIT\", \"Apache-2.0\", \"BSD-3-Clause\"]\nwith \"NONE\" for packages that state none", "policy", "licenses")
		}
		c.Licences = append(c.Licences, licence)
	}
	if c.Exceptions, err = d.rules(t["license-exceptions"], "license-exceptions"); err != nil {
		return c, err
	}
	if c.MaxSize, err = d.size(t, "max-size", "50MB"); err != nil {
		return c, err
	}
	if c.MaxUnpacked, err = d.size(t, "max-unpacked", "250MB"); err != nil {
		return c, err
	}
	for _, key := range []string{"licenses", "max-size", "max-unpacked"} {
		if t[key] == nil {
			continue
		}
		if c.Line == nil {
			c.Line = map[string]int{}
		}
		c.Line[key] = d.doc.lineOf("policy", key)
	}
	return c, nil
}

// size reads a number of bytes under [policy]; 0 for none. Units are of 1024, as for memory.
func (d *decoder) size(t map[string]any, key, example string) (int64, error) {
	text, err := d.text(t[key], example, "policy", key)
	if err != nil || text == "" {
		return 0, err
	}
	bytes, err := units.RAMInBytes(text)
	if err != nil || bytes <= 0 || bytes == math.MaxInt64 || strings.TrimSpace(text) != text {
		return 0, d.fail(fmt.Sprintf("policy.%s is %q, which is no size", key, text), "write it as\n  "+key+" = \""+example+"\"", "policy", key)
	}
	return bytes, nil
}
