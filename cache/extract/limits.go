package extract

import (
	"fmt"

	"github.com/MediaConduit/conduit/report"
)

// Limits bound what one archive may hold.
type Limits struct {
	Bytes int64 // content of all files together, uncompressed
	Files int   // number of files
}

// DefaultLimits are 1 GiB and 200,000 files.
var DefaultLimits = Limits{Bytes: 1 << 30, Files: 200_000}

// orDefault replaces what is not set.
func (l Limits) orDefault() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	if l.Files == 0 {
		l.Files = DefaultLimits.Files
	}
	return l
}

// refuse is the error for an archive that breaks a rule. entry may be empty.
func refuse(subject, entry, format string, args ...any) *report.Error {
	e := &report.Error{
		Kind: report.Policy,
		What: "cannot unpack " + subject,
		Why:  fmt.Sprintf(format, args...),
		Next: "nothing of it was kept; use another version of it, and tell its publisher",
	}
	if entry != "" {
		e.Why = fmt.Sprintf("entry %q %s", entry, e.Why)
	}
	return e
}

// TooManyBytes is the error for subject when it unpacks to more than l allows.
func (l Limits) TooManyBytes(subject string) error {
	return refuse(subject, "", "it unpacks to more than %d bytes", l.orDefault().Bytes)
}

// TooManyFiles is the error for subject when it holds more files than l allows.
func (l Limits) TooManyFiles(subject string) error {
	return refuse(subject, "", "it holds more than %d files", l.orDefault().Files)
}

// Bomb is the error for subject when it unpacks to more than ratio times its size, which no package does.
func Bomb(subject string, ratio int) error {
	return refuse(subject, "", "it unpacks to more than %d times its size: that is made to fill memory or disk", ratio)
}
