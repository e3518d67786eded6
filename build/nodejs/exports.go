package nodejs

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The ways in which "exports" or "imports" do not answer.
var (
	ErrNotExported   = errors.New("not exported by the package")
	ErrNotImported   = errors.New(`not defined in "imports" of package.json`)
	ErrInvalidTarget = errors.New("invalid target in package.json")
	ErrInvalidConfig = errors.New("invalid package.json")
)

// Import and Require are the conditions under which Node.js 20 resolves the two kinds of import.
var (
	Import  = []string{"node", "import", "default"}
	Require = []string{"node", "require", "default"}
)

// Exports resolves a subpath ("." or "./feature") through "exports" to a file relative to the package, "lib/feature.js".
// Spec: PACKAGE_EXPORTS_RESOLVE.
func (m *Manifest) Exports(subpath string, conditions []string) (string, error) {
	conditional, isObject := m.exports.(object)
	dots := 0
	for _, each := range conditional {
		if strings.HasPrefix(each.key, ".") {
			dots++
		}
	}
	if dots != 0 && dots != len(conditional) {
		return "", fmt.Errorf(`%w: "exports" mixes subpaths and conditions`, ErrInvalidConfig)
	}
	table := conditional
	if !isObject || dots == 0 {
		table = object{{".", m.exports}}
	}
	target, found, err := match(table, subpath, conditions, false)
	if err != nil {
		return "", err
	}
	if !found || target == "" {
		return "", fmt.Errorf("%s: %w", subpath, ErrNotExported)
	}
	return target[len("./"):], nil
}

// Imports resolves "#name" through "imports". The result is a file relative to the package with a leading "./", or a
// specifier to be resolved from the package's root. Spec: PACKAGE_IMPORTS_RESOLVE.
func (m *Manifest) Imports(specifier string, conditions []string) (string, error) {
	if specifier == "#" || strings.HasPrefix(specifier, "#/") {
		return "", fmt.Errorf("%s: %w", specifier, ErrNotImported)
	}
	target, found, err := match(m.imports, specifier, conditions, true)
	if err != nil {
		return "", err
	}
	if !found || target == "" {
		return "", fmt.Errorf("%s: %w", specifier, ErrNotImported)
	}
	return target, nil
}

// match finds the entry for key in a table of subpaths. Spec: PACKAGE_IMPORTS_EXPORTS_RESOLVE.
func match(table object, key string, conditions []string, internal bool) (string, bool, error) {
	if value, ok := table.get(key); ok && !strings.Contains(key, "*") && !strings.HasSuffix(key, "/") {
		return resolveTarget(value, "", false, conditions, internal)
	}
	best, bestBase := "", -1
	for _, each := range table {
		base, trailer, ok := strings.Cut(each.key, "*")
		if !ok || strings.Contains(trailer, "*") || !strings.HasPrefix(key, base) || key == base ||
			len(key) < len(each.key) || !strings.HasSuffix(key, trailer) {
			continue
		}
		// Spec: PATTERN_KEY_COMPARE, the longer base first, then the longer key.
		if len(base) > bestBase || len(base) == bestBase && len(each.key) > len(best) {
			best, bestBase = each.key, len(base)
		}
	}
	if bestBase < 0 {
		return "", false, nil
	}
	value, _ := table.get(best)
	part := key[bestBase : len(key)-(len(best)-bestBase-1)]
	return resolveTarget(value, part, true, conditions, internal)
}

// resolveTarget resolves one target; found is false where no condition applies, and the empty string stands for null.
// Spec: PACKAGE_TARGET_RESOLVE.
func resolveTarget(value any, part string, pattern bool, conditions []string, internal bool) (target string, found bool, err error) {
	switch value := value.(type) {
	case nil:
		return "", true, nil
	case string:
		target, err := checkTarget(value, part, pattern, internal)
		return target, err == nil, err
	case object:
		for _, each := range value {
			if isIndex(each.key) {
				return "", false, fmt.Errorf("%w: a condition is named %q", ErrInvalidConfig, each.key)
			}
		}
		for _, each := range value {
			if !slices.Contains(conditions, each.key) {
				continue
			}
			if target, found, err := resolveTarget(each.value, part, pattern, conditions, internal); found || err != nil {
				return target, found, err
			}
		}
		return "", false, nil
	case []any:
		if len(value) == 0 {
			return "", true, nil
		}
		var last error
		null := false
		for _, each := range value {
			target, found, err := resolveTarget(each, part, pattern, conditions, internal)
			switch {
			case errors.Is(err, ErrInvalidTarget):
				last, null = err, false
			case err != nil:
				return "", false, err
			case found && target != "":
				return target, true, nil
			case found:
				last, null = nil, true
			}
		}
		return "", null, last
	}
	return "", false, fmt.Errorf("%w: %v", ErrInvalidTarget, value)
}

func checkTarget(value, part string, pattern, internal bool) (string, error) {
	if !strings.HasPrefix(value, "./") {
		if !internal || !isBare(value) {
			return "", fmt.Errorf("%w: %q", ErrInvalidTarget, value)
		}
		if pattern {
			value = strings.ReplaceAll(value, "*", part)
			if !isBare(value) || strings.HasPrefix(value, "./") {
				return "", fmt.Errorf("%w: %q", ErrInvalidTarget, value)
			}
		}
		return value, nil
	}
	if badSegment(value[len("./"):]) || part != "" && badSegment(part) {
		return "", fmt.Errorf("%w: %q", ErrInvalidTarget, strings.ReplaceAll(value, "*", part))
	}
	if pattern {
		value = strings.ReplaceAll(value, "*", part)
		// "./..*" and "/x" are harmless alone, as Node.js looks at them, and lead out of the package together.
		if badSegment(value[len("./"):]) {
			return "", fmt.Errorf("%w: %q", ErrInvalidTarget, value)
		}
	}
	return value, nil
}

// isBare reports a specifier that names a package, and neither a file nor an address.
func isBare(specifier string) bool {
	if specifier == "" || strings.HasPrefix(specifier, "../") || strings.HasPrefix(specifier, "/") {
		return false
	}
	_, notURL := url.Parse(specifier)
	return notURL != nil || !strings.Contains(specifier, "://")
}

// badSegment reports segments that would leave the package or name another one, also percent-encoded.
func badSegment(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if plain, err := url.PathUnescape(segment); err == nil {
			segment = plain
		}
		if segment == "." || segment == ".." || strings.EqualFold(segment, "node_modules") || strings.ContainsAny(segment, "/\\") {
			return true
		}
	}
	return false
}

// isIndex reports keys that JavaScript orders as array indices, which Node.js refuses as conditions.
func isIndex(key string) bool {
	if key == "" || len(key) > 10 || key != "0" && key[0] == '0' {
		return false
	}
	for _, r := range key {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
