package policy

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// licenceList is the identifiers of SPDX's licence list, one a line: those of the npm package spdx-license-ids 3.0.24 (CC0-1.0).
//
//go:embed licences.txt
var licenceList string

// spdx finds an identifier of SPDX's list by its lower-case form.
var spdx = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for id := range strings.Lines(licenceList) {
		id = strings.TrimSpace(id)
		out[strings.ToLower(id)] = id
	}
	return out
})

// Licence is a licence expression, as annex D of the SPDX specification 2.3 has it: identifiers with AND, OR, WITH and
// parentheses. The zero value is that of a package that states none.
type Licence struct {
	id        string // of a single licence, in SPDX's own spelling; "" for a combination
	exception string // after WITH
	all       bool   // a combination by AND, else by OR
	parts     []Licence
}

const (
	longestLicence = 2000 // bytes of an expression
	deepestLicence = 40   // parentheses in parentheses
)

// ParseLicence reads a licence expression. Identifiers are those of SPDX's list, in any case, and "LicenseRef-NAME". Its
// errors say in one clause what is wrong with the text.
func ParseLicence(text string) (Licence, error) {
	if len(text) > longestLicence {
		return Licence{}, fmt.Errorf("it has more than %d bytes", longestLicence)
	}
	p := licenceParser{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))}
	if len(p.words) == 0 {
		return Licence{}, errors.New("it is empty")
	}
	l, err := p.either(0)
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("%q stands where AND, OR or the end is due", p.words[0])
	}
	if err != nil {
		return Licence{}, err
	}
	return l, nil
}

type licenceParser struct {
	words []string // not read yet
}

// take reads the next word if it is this one.
func (p *licenceParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}

// either reads what OR joins: it binds the least.
func (p *licenceParser) either(depth int) (Licence, error) {
	return p.joined("OR", func() (Licence, error) {
		return p.joined("AND", func() (Licence, error) { return p.single(depth) })
	})
}

func (p *licenceParser) joined(by string, next func() (Licence, error)) (Licence, error) {
	l, err := next()
	if err != nil || len(p.words) == 0 || p.words[0] != by {
		return l, err
	}
	out := Licence{all: by == "AND", parts: []Licence{l}}
	for p.take(by) {
		if l, err = next(); err != nil {
			return l, err
		}
		out.parts = append(out.parts, l)
	}
	return out, nil
}

func (p *licenceParser) single(depth int) (Licence, error) {
	if p.take("(") {
		if depth >= deepestLicence {
			return Licence{}, errors.New("its parentheses are nested too deeply")
		}
		l, err := p.either(depth + 1)
		if err == nil && !p.take(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return l, err
	}
	if len(p.words) == 0 {
		return Licence{}, errors.New("it ends where a licence is due")
	}
	word := p.words[0]
	p.words = p.words[1:]
	id, ok := licenceID(word)
	if !ok {
		return Licence{}, fmt.Errorf("%q is no identifier of SPDX's list", word)
	}
	l := Licence{id: id}
	if p.take("WITH") {
		if len(p.words) == 0 || !isIDString(p.words[0]) {
			return Licence{}, errors.New("an exception is due after WITH")
		}
		l.exception, p.words = p.words[0], p.words[1:]
	}
	return l, nil
}

// licenceID is an identifier in SPDX's spelling. Those of GNU's licences that SPDX has replaced become the present ones.
func licenceID(word string) (string, bool) {
	if ref, ok := strings.CutPrefix(word, "LicenseRef-"); ok {
		return word, isIDString(ref)
	}
	id, ok := spdx()[strings.ToLower(word)]
	bare, later := strings.CutSuffix(word, "+")
	if !ok && later {
		id, ok = spdx()[strings.ToLower(bare)]
		id += "+"
	}
	for _, gnu := range []string{"GPL-", "LGPL-", "AGPL-", "GFDL-"} {
		if !strings.HasPrefix(id, gnu) {
			continue
		}
		if bare, later := strings.CutSuffix(id, "+"); later {
			id = bare + "-or-later"
		}
		if now, has := spdx()[strings.ToLower(id+"-only")]; has {
			id = now
		}
	}
	return id, ok
}

// isIDString is SPDX's idstring: letters, digits, "-" and ".".
func isIDString(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// String is the expression, with the parentheses that it needs; "" for the zero value.
func (l Licence) String() string {
	if len(l.parts) == 0 {
		if l.exception != "" {
			return l.id + " WITH " + l.exception
		}
		return l.id
	}
	texts := make([]string, len(l.parts))
	for i, part := range l.parts {
		texts[i] = part.String()
		if len(part.parts) > 0 {
			texts[i] = "(" + texts[i] + ")"
		}
	}
	if l.all {
		return strings.Join(texts, " AND ")
	}
	return strings.Join(texts, " OR ")
}

// Listed reports whether all identifiers are of SPDX's list, and none a LicenseRef that its package alone explains.
func (l Licence) Listed() bool {
	for _, part := range l.parts {
		if !part.Listed() {
			return false
		}
	}
	return !strings.HasPrefix(l.id, "LicenseRef-")
}

// satisfied reports whether one may take the work under licences that are allowed alone: every part of an AND, one of an OR.
func (l Licence) satisfied(allowed func(Licence) bool) bool {
	if len(l.parts) == 0 {
		return l.id != "" && allowed(l)
	}
	for _, part := range l.parts {
		if part.satisfied(allowed) != l.all {
			return !l.all
		}
	}
	return l.all
}
