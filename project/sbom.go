package project

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/sbom"
)

// BillOptions say what the lock does not.
type BillOptions struct {
	Name    string // of the project; "" for "conduit-project": the folder's name is not everybody's
	Version string // of the program that writes the bill
}

// Bill is the bill of materials of the lock: all that it names, for all platforms. Licences are read from the packages, which are
// fetched where the cache lacks them; offline these have none, and a warning counts them. The variable SOURCE_DATE_EPOCH is the time of
// the document, in seconds since 1970; without it, it has none of its own.
func (p *Project) Bill(ctx context.Context, opts BillOptions) (sbom.Document, error) {
	_, lock, err := p.permitted(ctx)
	if err != nil {
		return sbom.Document{}, err
	}
	made, err := sourceDate()
	if err != nil {
		return sbom.Document{}, err
	}
	found, err := p.contentsOf(ctx, lock.Modules, lock.Libraries)
	if err != nil {
		return sbom.Document{}, p.aboutVendor(err)
	}
	if n := len(found.unknown); n > 0 {
		report.Warn(ctx, lockfile.Name, "", fmt.Sprintf("%d of its packages are not in the cache, and the bill has no licence of them; without --offline they are fetched", n))
	}
	licences := map[string]string{}
	for id, c := range found.known {
		licences[id] = c.Licence
	}
	if opts.Name == "" {
		opts.Name = "conduit-project"
	}
	return sbom.Of(lock, sbom.Options{Name: opts.Name, Version: opts.Version, Made: made, Licences: licences}), nil
}

// sourceDate is the time that SOURCE_DATE_EPOCH names (https://reproducible-builds.org/specs/source-date-epoch), zero without it.
func sourceDate() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > 253402300799 { // the year 9999
		return time.Time{}, &report.Error{Kind: report.Usage, What: fmt.Sprintf("SOURCE_DATE_EPOCH is %q, which is no time", text),
			Next: "set it to seconds since 1970, as in SOURCE_DATE_EPOCH=1700000000, or unset it"}
	}
	return time.Unix(seconds, 0), nil
}
