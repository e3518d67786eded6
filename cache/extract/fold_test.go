package extract

import "testing"

// The short way for ASCII gives what the long way gives.
func TestFoldASCII(t *testing.T) {
	for _, pair := range [][2]string{{"Kelvin", "\u212aelvin"}, {"sharpS", "\u017fharpS"}, {"README.md", "readme.MD"}} {
		if a, b := fold(pair[0]), fold(pair[1]); a != b {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], a, b)
		}
	}
}
