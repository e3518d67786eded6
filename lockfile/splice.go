package lockfile

import (
	"bytes"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// add writes a new entry at the end of a table, wherever and however the table is written.
func (d *document) add(table, key, value string) ([]byte, error) {
	entry := quoteKey(key) + " = " + quote(value)
	header, last, inline, dotted := -1, -1, -1, -1
	for i, it := range d.items {
		switch {
		case it.header && !it.array && equalPath(it.path, []string{table}):
			header, last = i, i
		case it.header || it.path[0] != table:
		case header >= 0 && it.section == header && !it.nested:
			last = i
		case it.section == -1 && !it.nested && len(it.path) == 1 && it.value == unstable.InlineTable:
			inline = i
		case it.section == -1 && !it.nested && len(it.path) > 1:
			dotted = i
		}
	}
	switch {
	case header >= 0 && last > header:
		at := d.lineEnd(d.items[last].end)
		return d.insertLine(at, d.indent(d.items[last].start)+entry), nil
	case header >= 0:
		return d.insertLine(d.afterComments(d.lineEnd(d.items[header].end)), entry), nil
	case inline >= 0:
		return d.addInline(inline, entry), nil
	case dotted >= 0:
		// The table exists by these keys, and TOML forbids to open it again with a header.
		return d.insertLine(d.lineEnd(d.items[dotted].end), table+"."+entry), nil
	}
	text := d.eol() + "[" + table + "]" + d.eol() + entry
	if len(bytes.TrimSpace(d.data)) == 0 || bytes.HasSuffix(bytes.ReplaceAll(d.data, []byte("\r"), nil), []byte("\n\n")) {
		text = strings.TrimPrefix(text, d.eol())
	}
	return d.insertLine(len(d.data), text), nil
}

// addInline adds an entry to an inline table.
func (d *document) addInline(table int, entry string) []byte {
	last := -1
	for i := table + 1; i < len(d.items) && d.items[i].nested; i++ {
		if len(d.items[i].path) >= 2 && d.items[i].end <= d.items[table].end && d.topNested(table, i) {
			last = i
		}
	}
	if last < 0 {
		at := d.items[table].valueStart + 1
		return d.splice(at, at, " "+entry+" ")
	}
	at := d.items[last].end
	return d.splice(at, at, ", "+entry)
}

// topNested reports whether item i stands directly in the inline table, not in one inside it.
func (d *document) topNested(table, i int) bool {
	for j := table + 1; j < i; j++ {
		if d.items[j].start < d.items[i].start && d.items[i].end <= d.items[j].end {
			return false
		}
	}
	return true
}

// removeFirst takes out the first item at or below path. More is false when there was none.
func (d *document) removeFirst(path []string) (out []byte, more bool) {
	for i, it := range d.items {
		switch {
		case !hasPrefix(it.path, path):
		case it.header:
			return d.removeSection(i), true
		case it.nested:
			return d.removeNested(i), true
		default:
			start := d.lineStart(it.start)
			return d.splice(start, d.lineEnd(d.items[i].end), ""), true
		}
	}
	return d.data, false
}

// removeSection takes out a header with the keys below it. Comments after the last key stay.
func (d *document) removeSection(header int) []byte {
	end := d.items[header].end
	for i := header + 1; i < len(d.items) && !d.items[i].header; i++ {
		if !d.items[i].nested {
			end = d.items[i].end
		}
	}
	start, stop := d.lineStart(d.items[header].start), d.lineEnd(end)
	// Of the blank lines around the section one side's is enough.
	if next := d.lineEnd(stop); stop < len(d.data) && len(bytes.TrimSpace(d.data[stop:next])) == 0 &&
		(start == 0 || len(bytes.TrimSpace(d.data[d.lineStart(start-1):start])) == 0) {
		stop = next
	}
	return d.splice(start, stop, "")
}

// removeNested takes an entry out of an inline table, with the comma that parts it from its neighbour.
func (d *document) removeNested(i int) []byte {
	start, end := d.items[i].start, d.items[i].end
	rest := bytes.TrimLeft(d.data[end:], " \t\r\n")
	if bytes.HasPrefix(rest, []byte(",")) {
		end = len(d.data) - len(rest) + 1
		end += len(d.data[end:]) - len(bytes.TrimLeft(d.data[end:], " \t"))
	} else if before := bytes.TrimRight(d.data[:start], " \t\r\n"); bytes.HasSuffix(before, []byte(",")) {
		start = len(before) - 1
	}
	return d.splice(start, end, "")
}

func (d *document) lineStart(offset int) int {
	start := bytes.LastIndexByte(d.data[:offset], '\n') + 1
	if start == 0 && bytes.HasPrefix(d.data, []byte("\xef\xbb\xbf")) {
		return 3
	}
	return start
}

// lineEnd is the offset behind the line feed that ends the line.
func (d *document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.data[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(d.data)
}

// indent is the white space before the first byte of a line's content.
func (d *document) indent(offset int) string {
	line := string(d.data[d.lineStart(offset):offset])
	if strings.TrimLeft(line, " \t") == "" {
		return line
	}
	return ""
}

// eol is the line end that the file uses.
func (d *document) eol() string {
	if i := bytes.IndexByte(d.data, '\n'); i > 0 && d.data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// afterComments skips comment lines from offset on, if they end in a blank line or the file's end: those that touch a
// header below describe that header.
func (d *document) afterComments(offset int) int {
	for at := offset; ; {
		end := d.lineEnd(at)
		line := bytes.TrimSpace(d.data[at:end])
		if len(line) == 0 {
			return at
		}
		if line[0] != '#' {
			return offset
		}
		at = end
	}
}

// insertLine inserts text as lines of its own at offset, which is the start of a line or the end of the file.
func (d *document) insertLine(offset int, text string) []byte {
	text += d.eol()
	if offset > 0 && d.data[offset-1] != '\n' && !(offset == 3 && bytes.HasPrefix(d.data, []byte("\xef\xbb\xbf"))) {
		text = d.eol() + text
	}
	return d.splice(offset, offset, text)
}
