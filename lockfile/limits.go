package lockfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits are what a service may have of the machine, where a project wants something else than the package says.
type Limits struct {
	GPU    string // "auto" (default), "required" or "off"
	Memory string // "8GB", "none", or "" for what the package says
	CPU    string // processors, as "1.5", "none", or "" for what the package says
}

var (
	memorySize = regexp.MustCompile(`^([0-9]+(\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?|none)$`)
	cpuCount   = regexp.MustCompile(`^([0-9]*[1-9][0-9]*(\.[0-9]+)?|[0-9]*\.[0-9]*[1-9][0-9]*|none)$`)
)

func (d *decoder) limits(t map[string]any, path []string) (Limits, error) {
	var l Limits
	var err error
	at := func(key string) []string { return append(slices.Clone(path), key) }
	if l.GPU, err = d.text(t["gpu"], "required", at("gpu")...); err != nil {
		return l, err
	}
	if modes := []string{"auto", "required", "off"}; l.GPU != "" && !slices.Contains(modes, l.GPU) {
		return l, d.fail(fmt.Sprintf("gpu is %q, which means nothing", l.GPU), "write one of "+strings.Join(modes, ", "), at("gpu")...)
	}
	if l.Memory, err = d.text(t["memory"], "8GB", at("memory")...); err != nil {
		return l, err
	}
	if l.Memory != "" && !memorySize.MatchString(l.Memory) {
		return l, d.fail(fmt.Sprintf("memory is %q, which is no size", l.Memory), "write it as\n  memory = \"8GB\"\nor\n  memory = \"none\"", at("memory")...)
	}
	if l.CPU, err = d.text(t["cpu"], "1.5", at("cpu")...); err != nil {
		return l, err
	}
	if l.CPU != "" && !cpuCount.MatchString(l.CPU) {
		return l, d.fail(fmt.Sprintf("cpu is %q, which is no number of processors", l.CPU), "write it as\n  cpu = \"1.5\"\nor\n  cpu = \"none\"", at("cpu")...)
	}
	return l, nil
}
