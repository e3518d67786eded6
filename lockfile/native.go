package lockfile

import "slices"

// Native is what the install scripts of a library made on one platform. Name, Version and Platform together are unique in
// a lock. A lock has it for the platforms that it was made on.
type Native struct {
	Name     string // of the library
	Version  string // without a leading v
	Platform string // "linux-x64-glibc", as npm calls them
	ABI      string // process.versions.modules of the Node.js that it was made for: "115"
	Output   string // "sha256:…" over the files that the scripts added or changed
}

// Native returns what is locked of a library for a platform.
func (l *Lock) Native(name, version, platform string) (Native, bool) {
	for _, n := range l.Natives {
		if n.Name == name && n.Version == version && n.Platform == platform {
			return n, true
		}
	}
	return Native{}, false
}

// BuildOf is what conduit.toml allows the install scripts of, as a lock holds it.
func (p Policy) BuildOf() []string {
	list := slices.Sorted(slices.Values(p.Build))
	return slices.Compact(list)
}

// natives are compared as [tools] are.
func natives(l *Lock) []thing {
	var out []thing
	var fields [][2]string // of the last one
	for _, n := range l.Natives {
		if i := len(out) - 1; i < 0 || out[i].name != n.Name || out[i].version != n.Version {
			fields = [][2]string{{"platforms"}, {"abi"}, {"output"}}
			out = append(out, thing{"native", n.Name, n.Version, nil, content(fields...)})
		}
		for j, field := range []string{n.Platform, n.ABI, n.Output} {
			fields[j][1] += field + "\n"
		}
	}
	return out
}
