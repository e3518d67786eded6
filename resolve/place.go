package resolve

import "strconv"

// Place is where a requirement stands. A graph has tens of thousands of them and shows a few, so it is put into words on
// demand. The zero Place is nowhere.
type Place struct {
	file *placeFile // of all that is required there
	line int
}

type placeFile struct {
	name string
	of   string // the package that the file is in, "" for a file of the project
}

// At is a place in a file of the project, conduit.toml. The line counts from 1, and is 0 where it is not known.
func At(file string, line int) Place { return Place{&placeFile{name: file}, line} }

// String is "conduit.toml:7", or "MediaConduit.provider.yml:12 of github:a/b@v1.0.0".
func (p Place) String() string {
	if p.file == nil {
		return ""
	}
	text := p.file.name
	if p.line > 0 {
		text += ":" + strconv.Itoa(p.line)
	}
	if p.file.of != "" {
		text += " of " + p.file.of
	}
	return text
}
