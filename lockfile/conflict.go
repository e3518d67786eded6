package lockfile

import "bytes"

// Conflict is a file with git's conflict markers around what differs between two versions of it, for a merge that could
// not be finished. [ParseLock] reads both sides out of it again.
func Conflict(ours, theirs []byte) []byte {
	a, b := bytes.SplitAfter(ours, []byte("\n")), bytes.SplitAfter(theirs, []byte("\n"))
	start := 0
	for start < min(len(a), len(b)) && bytes.Equal(a[start], b[start]) {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && bytes.Equal(a[len(a)-1-end], b[len(b)-1-end]) {
		end++
	}
	if start == len(a) && start == len(b) {
		return bytes.Clone(ours)
	}
	var out bytes.Buffer
	write := func(lines [][]byte) {
		for _, line := range lines {
			out.Write(line)
		}
		if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
			out.WriteByte('\n')
		}
	}
	write(a[:start])
	out.WriteString("<<<<<<< ours\n")
	write(a[start : len(a)-end])
	out.WriteString("=======\n")
	write(b[start : len(b)-end])
	out.WriteString(">>>>>>> theirs\n")
	write(a[len(a)-end:])
	return out.Bytes()
}
