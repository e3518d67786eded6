package build

import "strings"

// keepOffDisk changes the two things in a source that would make esbuild look at the machine's disk, without moving a
// line: imports of a relative path that is put together at run time, for which esbuild searches the working folder, and
// source map comments with the address of a file.
func keepOffDisk(source string) string {
	return hideMapFiles(hideComputed(source))
}

// opaque makes a specifier one that esbuild does not look into. What is imported stays the same.
const opaque = "globalThis&&"

// hideComputed marks the calls of require and import whose specifier begins with "./" or "../" and goes on after the
// literal: require("./" + name), import(`./${name}`).
func hideComputed(source string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(source); {
		if i = nextCall(source, i); i < 0 {
			break
		}
		if isComputed(source[i:]) {
			out.WriteString(source[done:i])
			out.WriteString(opaque)
			done = i
		}
	}
	if done == 0 {
		return source
	}
	out.WriteString(source[done:])
	return out.String()
}

// nextCall finds where the argument of the next "require(" or "import(" begins; -1 where there is none.
func nextCall(source string, start int) int {
	for i := start; i < len(source); {
		open := strings.IndexByte(source[i:], '(')
		if open < 0 {
			return -1
		}
		open += i
		before := strings.TrimRight(source[start:open], " \t\r\n")
		if strings.HasSuffix(before, "require") || strings.HasSuffix(before, "import") {
			return open + 1
		}
		i = open + 1
	}
	return -1
}

// isComputed reports whether an argument begins with a relative path in quotes and does not end with it.
func isComputed(argument string) bool {
	rest := strings.TrimLeft(skipSpace(argument), "(")
	rest = skipSpace(rest)
	if rest == "" || !strings.ContainsRune("'\"`", rune(rest[0])) {
		return false
	}
	quote := rest[0]
	rest = rest[1:]
	if !strings.HasPrefix(rest, "./") && !strings.HasPrefix(rest, "../") {
		return false
	}
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '\\':
			i++
		case quote == '`' && strings.HasPrefix(rest[i:], "${"):
			return true
		case rest[i] == quote:
			after := skipSpace(rest[i+1:])
			return after != "" && after[0] != ')' && after[0] != ','
		}
	}
	return false
}

// skipSpace skips white space and comments.
func skipSpace(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		switch {
		case strings.HasPrefix(s, "/*"):
			_, after, ok := strings.Cut(s[2:], "*/")
			if !ok {
				return ""
			}
			s = after
		case strings.HasPrefix(s, "//"):
			_, after, ok := strings.Cut(s, "\n")
			if !ok {
				return ""
			}
			s = after
		default:
			return s
		}
	}
}

// mapComment begins the comments that name a source map.
const mapComment = "sourceMappingURL="

// hideMapFiles gives source map comments with a file's address one that means nothing.
func hideMapFiles(source string) string {
	const scheme = "file:"
	var out strings.Builder
	done := 0
	for i := 0; ; {
		at := strings.Index(source[i:], mapComment)
		if at < 0 {
			break
		}
		i += at + len(mapComment)
		address := i + len(source[i:]) - len(strings.TrimLeft(source[i:], " \t"))
		if len(source)-address >= len(scheme) && strings.EqualFold(source[address:address+len(scheme)], scheme) {
			out.WriteString(source[done:address])
			out.WriteString("none:")
			done = address + len(scheme)
		}
	}
	if done == 0 {
		return source
	}
	out.WriteString(source[done:])
	return out.String()
}
