package resolve

import (
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// QueryKind is what a [Query] asks for.
type QueryKind string

// The kinds of queries.
const (
	QueryLatest  QueryKind = "latest"  // the highest release, else the default branch's head; also the empty query
	QueryUpgrade QueryKind = "upgrade" // latest, but never lower than the current version
	QueryPatch   QueryKind = "patch"   // the highest release with the current version's major and minor
	QueryNone    QueryKind = "none"    // remove the requirement
	QueryPrefix  QueryKind = "prefix"  // v1, v1.2: the highest release with that prefix
	QueryVersion QueryKind = "version" // v1.2.3
	QueryRange   QueryKind = "range"   // ^1.2: the highest release in the range
	QueryRef     QueryKind = "ref"     // a branch, a tag that is no version, a commit
)

// Query is what stands after "@" on the command line.
type Query struct {
	Kind QueryKind
	Text string // as written
	rng  Range  // QueryRange, QueryPrefix and QueryVersion
}

var prefix = lazyregexp.New(`^v[0-9]+(\.[0-9]+)?$|^[0-9]{1,6}(\.[0-9]+)?$`)

// ParseQuery reads a query. Errors are of kind Usage.
func ParseQuery(s string) (Query, error) {
	text := strings.TrimSpace(s)
	q := Query{Text: text}
	switch text {
	case "", "latest":
		q.Kind = QueryLatest
		return q, nil
	case "upgrade", "patch", "none":
		q.Kind = QueryKind(text)
		return q, nil
	}
	r, err := ParseRange(text)
	if err != nil {
		return Query{}, err
	}
	q.rng = r
	switch {
	case r.Ref() != "":
		q.Kind = QueryRef
	case r.Exact() != "":
		q.Kind = QueryVersion
	case r.Any():
		q.Kind = QueryLatest
	case prefix.MatchString(text):
		q.Kind = QueryPrefix
	default:
		q.Kind = QueryRange
	}
	return q, nil
}

// String is the query as it was written.
func (q Query) String() string { return q.Text }

// checkRef refuses names that git would refuse, and those that a command line could take for an option.
func checkRef(name string) error {
	bad := name == "" || len(name) > 255 || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") ||
		strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, ".lock") ||
		strings.Contains(name, "..") || strings.Contains(name, "//") || strings.Contains(name, "/.") || strings.Contains(name, "@{") ||
		strings.ContainsAny(name, " ~^:?*[\\\x7f<>|,\"'`$;&(){}!") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\uFFFD' })
	if bad {
		return usage("malformed query "+quote(name), "it is neither a version, nor a range, nor the name of a branch, tag or commit",
			"write @v1, @v1.2.3, @^1.2, @latest, @main or a commit of 7 or more hex digits after the source")
	}
	return nil
}
