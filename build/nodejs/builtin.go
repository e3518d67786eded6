package nodejs

import "strings"

// builtins are the modules of Node.js 20 that are imported without "node:"; a library of the same name never stands in
// for one.
var builtins = func() map[string]bool {
	names := strings.Fields(`assert assert/strict async_hooks buffer child_process cluster console constants crypto
		dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector
		inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring readline
		readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys timers
		timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib`)
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}()

// IsBuiltin reports whether a specifier means a part of Node.js itself.
func IsBuiltin(specifier string) bool {
	return strings.HasPrefix(specifier, "node:") || builtins[specifier]
}

// SplitBare splits a bare specifier into the package's name and the subpath in it: "@a/b/c" is "@a/b" and "./c", "a" is
// "a" and ".". It reports false for what is no package name.
func SplitBare(specifier string) (name, subpath string, ok bool) {
	parts := strings.SplitN(specifier, "/", 3)
	n := 1
	if strings.HasPrefix(specifier, "@") {
		n = 2
	}
	if len(parts) < n {
		return "", "", false
	}
	name = strings.Join(parts[:n], "/")
	if name == "" || name[0] == '.' || strings.ContainsAny(name, "\\%:") || strings.HasSuffix(name, "/") {
		return "", "", false
	}
	rest := strings.TrimPrefix(specifier[len(name):], "/")
	if rest == "" {
		return name, ".", true
	}
	return name, "./" + rest, true
}
