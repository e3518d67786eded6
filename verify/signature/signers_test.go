package signature

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestKnow: a signer that a lock names counts for as long as the file has the key, for that name.
func TestKnow(t *testing.T) {
	t.Parallel()
	line, err := parseAllowedLine("a " + seedKey)
	if err != nil {
		t.Fatal(err)
	}
	who := Signer{kindSSH, ssh.FingerprintSHA256(line.key), "alice@acme.example"}
	read := func(text string) *Signers {
		s := &Signers{}
		if err := s.Add([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return s
	}
	parsed, ok := ParseSigner(who.String())
	if !ok || parsed != who {
		t.Errorf("%q is read as %+v", who.String(), parsed)
	}
	for _, c := range []struct {
		file string
		by   []string
		want bool
	}{
		{"alice@acme.example " + seedKey, nil, true},
		{"*@acme.example " + seedKey, nil, true},
		{"*@acme.example valid-before=\"20200101Z\" " + seedKey, nil, true}, // what it signed before stays signed
		{"bob@acme.example " + seedKey, nil, false},
		{"!alice@*,*@acme.example " + seedKey, nil, false},
		{"alice@acme.example namespaces=\"file\" " + seedKey, nil, false},
		{"alice@acme.example cert-authority " + seedKey, nil, false},
		{"*@acme.example " + seedKey, []string{"alice@acme.example"}, true},
		{"*@acme.example " + seedKey, []string{"bob@acme.example"}, false},
	} {
		if got := read(c.file).Know(who, c.by, time.Now()); got != c.want {
			t.Errorf("%s by %v: %v", c.file, c.by, got)
		}
	}
	if read("a "+seedKey).Know(Signer{"gpg", "x", "a"}, nil, time.Now()) {
		t.Error("a kind that does not exist is known")
	}
}

// TestMistakes: a line that means nothing is an error with its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"alice", "alice ssh-ed25519", "alice ssh-ed25519 AAAA", seedKey, "\"alice " + seedKey, "a valid-after=20230101Z " + seedKey,
		"a valid-after=\"2023\" " + seedKey, "a valid-after=\"20231301Z\" " + seedKey, "a cert-authority=\"x\" " + seedKey,
		"a namespaces=\"\" " + seedKey, "a namespaces=\"git\",namespaces=\"git\" " + seedKey,
		"a valid-after=\"20230101Z\",valid-before=\"20220101Z\" " + seedKey, "a no-touch-required " + seedKey,
	} {
		var s Signers
		var e *LineError
		if err := s.Add([]byte("# one\r\n\r\n" + line + "\r\n")); !errors.As(err, &e) || e.Line != 3 {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, file := range []string{"", "# nobody\n", "\x99", publicKeyBlock + "\n"} {
		var s Signers
		if err := s.Add([]byte(file)); err == nil {
			t.Errorf("%q is a file of keys", file)
		}
	}
}
