package native

import (
	"bytes"
	"strings"
	"unicode"
)

// shown is how many of a failed script's last lines its error shows; longest is how many bytes of a line count.
const (
	shown   = 20
	longest = 1000
)

// lines takes a script's output apart.
type lines struct {
	emit func(line string)
	rest []byte
	last []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) <= longest {
			return len(p), nil
		}
		if i < 0 || i > longest {
			i = longest
		}
		l.line(string(l.rest[:i]))
		l.rest = bytes.TrimPrefix(l.rest[i:], []byte("\n"))
	}
}

// end takes what was printed after the last line's end.
func (l *lines) end() {
	if len(l.rest) > 0 {
		l.line(string(l.rest))
		l.rest = nil
	}
}

func (l *lines) line(text string) {
	text = strings.TrimRight(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' ' // it must not reach a terminal
		}
		return r
	}, text), " ")
	if text == "" {
		return
	}
	l.emit(text)
	if l.last = append(l.last, text); len(l.last) > shown {
		l.last = l.last[1:]
	}
}

func (l *lines) text() string { return strings.Join(l.last, "\n") }
