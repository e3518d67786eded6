package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/docker/go-units"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// Limits are what a service may have of the machine, where a project wants something else than the package says. Of a provider
// it is Memory alone.
type Limits struct {
	GPU    string // "auto" (default), "required" or "off"
	Memory string // "8GB", "none", or "" for what the package says; see [ParseMemory]
	CPU    string // processors, as "1.5", "none", or "" for what the package says
}

var (
	memorySize = lazyregexp.New(`^([0-9]+(\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?|none)$`)
	cpuCount   = lazyregexp.New(`^([0-9]*[1-9][0-9]*(\.[0-9]+)?|[0-9]*\.[0-9]*[1-9][0-9]*|none)$`)
)

// memory reads the most memory that a provider or service may have.
func (d *decoder) memory(t map[string]any, path []string, example string) (string, error) {
	path = append(slices.Clone(path), "memory")
	size, err := d.text(t["memory"], example, path...)
	if err == nil && size != "" && !memorySize.MatchString(size) {
		err = d.fail(fmt.Sprintf("memory is %q, which is no size", size), "write it as\n  memory = \""+example+"\"\nor\n  memory = \"none\"", path...)
	}
	return size, err
}

// leastMemory is what a provider gets at least: Node.js itself needs 50 MB.
const leastMemory = 64 << 20

// providerMemory reads the most memory that a provider may have.
func (d *decoder) providerMemory(e *Entry, t map[string]any, path []string) error {
	size, err := d.memory(t, path, "512MB")
	if err != nil {
		return err
	}
	if bytes, err := ParseMemory(size); err != nil || bytes != 0 && bytes < leastMemory {
		return d.fail(fmt.Sprintf("memory is %q, which no provider can start with", size), "give it 64MB or more", append(slices.Clone(path), "memory")...)
	}
	e.Memory = size
	return nil
}

// ParseMemory is a [Limits.Memory] in bytes; 0 for no limit. Units are of 1024, as in compose files.
func ParseMemory(size string) (int64, error) {
	if size == "" || size == "none" {
		return 0, nil
	}
	return units.RAMInBytes(size)
}

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
	if l.Memory, err = d.memory(t, path, "8GB"); err != nil {
		return l, err
	}
	if l.CPU, err = d.text(t["cpu"], "1.5", at("cpu")...); err != nil {
		return l, err
	}
	if l.CPU != "" && !cpuCount.MatchString(l.CPU) {
		return l, d.fail(fmt.Sprintf("cpu is %q, which is no number of processors", l.CPU), "write it as\n  cpu = \"1.5\"\nor\n  cpu = \"none\"", at("cpu")...)
	}
	return l, nil
}
