package main

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is the width at which the classic program wraps; a line holds one character less.
const columns = 40

const cow = `        \   ^__^
         \  (oo)\_______
            (__)\       )\/\
                ||----w |
                ||     ||
`

// Say draws a cow that says text, as the classic cowsay does.
func Say(text string) string {
	lines := fill(text)
	inner := 0
	for _, l := range lines {
		inner = max(inner, columnsOf(l))
	}
	var b strings.Builder
	row := func(left, l, right string) {
		b.WriteString(left + " " + l + strings.Repeat(" ", inner-columnsOf(l)) + " " + right + "\n")
	}
	b.WriteString(" " + strings.Repeat("_", inner+2) + "\n")
	switch len(lines) {
	case 0:
		row("<", "", ">")
	case 1:
		row("<", lines[0], ">")
	default:
		last := len(lines) - 1
		row("/", lines[0], `\`)
		for _, l := range lines[1:last] {
			row("|", l, "|")
		}
		row(`\`, lines[last], "/")
	}
	b.WriteString(" " + strings.Repeat("-", inner+2) + "\n")
	return b.String() + cow
}

var (
	paragraphs = regexp.MustCompile(`\n\s+`)
	spaces     = regexp.MustCompile(`\s+`)
)

// fill joins the lines of each paragraph, wraps them, and puts an empty line between paragraphs. A paragraph starts at a
// line that is empty or indented. Trailing empty lines are dropped.
func fill(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	var lines []string
	for i, p := range paragraphs.Split(text, -1) {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, wrap(spaces.ReplaceAllString(p, " "))...)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// wrap breaks a paragraph whose words are separated by single spaces. A word that is too long for a line is cut.
func wrap(p string) []string {
	rest := characters(p)
	const most = columns - 1
	lines := []string{}
	for len(rest) > 0 && !(len(rest) == 1 && rest[0] == " ") {
		if len(rest) <= most {
			lines = append(lines, strings.Join(rest, ""))
			rest = nil
			break
		}
		cut := most
		for cut >= 0 && rest[cut] != " " {
			cut--
		}
		if cut < 0 {
			lines = append(lines, strings.Join(rest[:most], ""))
			rest = rest[most:]
			continue
		}
		lines = append(lines, strings.Join(rest[:cut], ""))
		rest = rest[cut+1:]
		if len(rest) == 0 {
			lines[len(lines)-1] += " " // the classic program keeps a space that ends the text
		}
	}
	if len(lines) == 0 {
		lines = append(lines, strings.Join(rest, ""))
	}
	return lines
}

// characters splits s into what a reader sees as characters: a letter with the marks on it is one.
func characters(s string) []string {
	var all []string
	for _, r := range s {
		if len(all) > 0 && (unicode.In(r, unicode.Mn, unicode.Me) || r == '\u200d') {
			all[len(all)-1] += string(r)
		} else {
			all = append(all, string(r))
		}
	}
	return all
}

// columnsOf is how many columns of a terminal s takes.
func columnsOf(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
