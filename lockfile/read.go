package lockfile

// ReadLock reads conduit.lock in the folder dir. Where there is none the error is of kind [report.Lock] and has
// [io/fs.ErrNotExist] in its chain. Conflict markers give a [*MarkersError].
func ReadLock(dir string) (*Lock, error) { return nil, nil }

// ParseLock parses the content of a conduit.lock. Line ends may be CRLF. A newer format version, an unknown key and a
// reference to something that the lock does not hold are errors of kind [report.Lock]; conflict markers of git give a
// [*MarkersError].
func ParseLock(data []byte) (*Lock, error) { return nil, nil }

// MarkersError says that a lock holds the conflict markers of an unfinished merge. It is the cause inside a
// [*report.Error] of kind [report.Lock]; find it with errors.As.
type MarkersError struct {
	Line         int   // the first marker's, from 1
	Ours, Theirs *Lock // the two sides; nil where a side is no valid lock by itself
}

func (e *MarkersError) Error() string { return "" }
