package lockfile

import (
	"errors"
	"testing"
)

func TestConflict(t *testing.T) {
	for _, c := range []struct{ ours, theirs, want string }{
		{"a\nb\nc\n", "a\nx\nc\n", "a\n<<<<<<< ours\nb\n=======\nx\n>>>>>>> theirs\nc\n"},
		{"a\n", "a\n", "a\n"},
		{"", "x", "<<<<<<< ours\n=======\nx\n>>>>>>> theirs\n"},
		{"a\na\n", "a\n", "a\n<<<<<<< ours\na\n=======\n>>>>>>> theirs\n"},
	} {
		if got := string(Conflict([]byte(c.ours), []byte(c.theirs))); got != c.want {
			t.Errorf("Conflict(%q, %q) = %q, want %q", c.ours, c.theirs, got, c.want)
		}
	}
	ours, theirs := provider("cowsay", "v1.2.0"), provider("cowsay", "v1.1.0")
	_, err := ParseLock(Conflict(ours.Format(), theirs.Format()))
	var m *MarkersError
	if !errors.As(err, &m) || string(m.Ours.Format()) != string(ours.Format()) || string(m.Theirs.Format()) != string(theirs.Format()) {
		t.Fatal(err)
	}
}
