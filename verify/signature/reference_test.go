package signature_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/verify/signature"
)

// bench is a repository, keys and the programs that git signs with.
type bench struct {
	t    *testing.T
	dir  string // repository
	keys string
	gpg  string // GNUPGHOME; short, since sockets lie in it
	env  []string
	n    int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	for _, program := range []string{"git", "ssh-keygen", "gpg"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is needed", program)
			}
			t.Skipf("%s is needed", program)
		}
	}
	gpg, err := os.MkdirTemp("", "gpg")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: t.TempDir(), keys: t.TempDir(), gpg: gpg}
	b.env = append(os.Environ(), "GNUPGHOME="+gpg, "HOME="+b.keys, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "TZ=UTC")
	t.Cleanup(func() {
		b.run(nil, "gpgconf", "--kill", "all")
		_ = os.RemoveAll(gpg)
	})
	b.run(nil, "git", "init", "-q")
	b.run(nil, "git", "config", "user.name", "Tester")
	b.run(nil, "git", "config", "user.email", "alice@acme.example")
	b.run(nil, "git", "commit", "-q", "--allow-empty", "-m", "one")
	return b
}

// try runs a program in the repository.
func (b *bench) try(in []byte, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = b.dir, b.env, bytes.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), err
}

func (b *bench) run(in []byte, name string, args ...string) string {
	b.t.Helper()
	out, err := b.try(in, name, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// key makes an SSH key and returns the path of its private half.
func (b *bench) key(name, kind string) string {
	file := filepath.Join(b.keys, name)
	b.run(nil, "ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", file)
	return file
}

// public is the public half of an SSH key, without its comment.
func (b *bench) public(file string) string {
	data, err := os.ReadFile(file + ".pub")
	if err != nil {
		b.t.Fatal(err)
	}
	fields := strings.Fields(string(data))
	return fields[0] + " " + fields[1]
}

// certify has an authority certify a key.
func (b *bench) certify(authority, file, principals string, args ...string) {
	args = append([]string{"-q", "-s", authority, "-I", "id", "-n", principals}, args...)
	b.run(nil, "ssh-keygen", append(args, file+".pub")...)
}

// payload is a tag before it is signed.
func (b *bench) payload(date string) []byte {
	head := strings.TrimSpace(b.run(nil, "git", "rev-parse", "HEAD"))
	return fmt.Appendf(nil, "object %s\ntype commit\ntag v1.0.0\ntagger Tester <alice@acme.example> %s +0100\n\none\n", head, date)
}

// signSSH signs as git does.
func (b *bench) signSSH(payload []byte, key, namespace string) []byte {
	return []byte(b.run(payload, "ssh-keygen", "-Y", "sign", "-q", "-n", namespace, "-f", key))
}

func (b *bench) signPGP(payload []byte, args ...string) []byte {
	return []byte(b.run(payload, "gpg", append([]string{"--batch", "--quiet", "--armor", "--detach-sign"}, args...)...))
}

// sshTag is a signed tag.
func (b *bench) sshTag(key, date string) []byte {
	payload := b.payload(date)
	return append(payload, b.signSSH(payload, key, "git")...)
}

// commit makes the signature one of a commit.
func (b *bench) commit(sign func(payload []byte) []byte) []byte {
	tree := strings.TrimSpace(b.run(nil, "git", "write-tree"))
	head, body := fmt.Sprintf("tree %s\nauthor A <a@x> 1700000000 +0000\ncommitter A <a@x> 1700000000 +0000\n", tree), "\none\n"
	sig := strings.TrimSuffix(string(sign([]byte(head+body))), "\n")
	return []byte(head + "gpgsig " + strings.ReplaceAll(sig, "\n", "\n ") + "\n" + body)
}

// byGit is the object that git itself made.
func (b *bench) byGit(kind string, args ...string) []byte {
	b.t.Helper()
	b.n++
	name := fmt.Sprintf("made-%d", b.n)
	if kind == signature.Tag {
		b.run(nil, "git", append(args, "tag", "-s", "-m", "text\n\nmore text", name)...)
	} else {
		b.run(nil, "git", append(args, "commit", "-q", "-S", "--allow-empty", "-m", name)...)
		name = "HEAD"
	}
	return []byte(b.run(nil, "git", "cat-file", kind, name))
}

const (
	before = "1500000000" // 2017
	then   = "1700000000" // 2023-11-14
)

// verdict is what git says of an object.
func (b *bench) verdict(kind string, raw []byte, allowed string) error {
	hash := strings.TrimSpace(b.run(raw, "git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"))
	file := filepath.Join(b.keys, "allowed")
	if err := os.WriteFile(file, []byte(allowed), 0o600); err != nil {
		b.t.Fatal(err)
	}
	_, err := b.try(nil, "git", "-c", "gpg.ssh.allowedSignersFile="+file, "verify-"+kind, hash)
	return err
}

// ours is what this package says of it.
func ours(kind string, raw, keyring []byte, allowed string) (signature.Signer, error) {
	var signers signature.Signers
	for _, file := range [][]byte{keyring, []byte(allowed)} {
		if len(bytes.TrimSpace(file)) == 0 {
			continue
		}
		if err := signers.Add(file); err != nil {
			return signature.Signer{}, err
		}
	}
	parse := signature.ParseTag
	if kind == signature.Commit {
		parse = signature.ParseCommit
	}
	o, err := parse(raw)
	if err != nil {
		return signature.Signer{}, err
	}
	return signers.Check(o, nil, time.Now())
}

type reference struct {
	name    string
	kind    string
	raw     []byte
	allowed string
	want    signature.Fault // "" where it is good
	strict  bool            // git lets it pass
}

// compare holds our verdicts to git's.
func (b *bench) compare(cases []reference, keyring []byte) {
	for _, c := range cases {
		got, err := ours(c.kind, c.raw, keyring, c.allowed)
		gits := b.verdict(c.kind, c.raw, c.allowed)
		if (err == nil) != (gits == nil) && !c.strict || c.strict && (gits != nil || err == nil) {
			b.t.Errorf("%s: we say %v, git says %v", c.name, err, gits)
		}
		var f *signature.Failure
		switch {
		case err == nil && got.Key == "":
			b.t.Errorf("%s: nobody signed", c.name)
		case c.want == "" && err != nil:
			b.t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &f) || f.Fault != c.want):
			b.t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestVerifyTagSSH holds verdicts over SSH signatures to those of git and ssh-keygen.
func TestVerifyTagSSH(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ed, ec, rsa, other, ca := b.key("ed", "ed25519"), b.key("ec", "ecdsa"), b.key("rsa", "rsa"), b.key("other", "ed25519"), b.key("ca", "ed25519")
	line := func(principals, options, key string) string {
		return strings.Join(strings.Fields(principals+" "+options+" "+b.public(key)), " ") + " comment\n"
	}
	alice := line("alice@acme.example", "", ed)
	good := b.sshTag(ed, then)
	tampered := bytes.Replace(good, []byte("v1.0.0"), []byte("v2.0.0"), 1)
	foreign := b.payload(then)
	foreign = append(foreign, b.signSSH(foreign, ed, "file")...)
	signs := func(key string) func([]byte) []byte {
		return func(payload []byte) []byte { return b.signSSH(payload, key, "git") }
	}
	commit := b.commit(signs(ed))
	sshGit := func(key string) []string {
		return []string{"-c", "gpg.format=ssh", "-c", "user.signingkey=" + key + ".pub"}
	}
	certified := func(name, authority, principals string, args ...string) []byte {
		key := b.key(name, "ed25519")
		b.certify(authority, key, principals, args...)
		payload := b.payload(then)
		cert := key + "-cert.pub"
		if err := os.Rename(key, key+"-cert"); err != nil { // ssh-keygen takes the public half beside the private one
			t.Fatal(err)
		}
		return append(payload, b.run(payload, "ssh-keygen", "-Y", "sign", "-q", "-n", "git", "-f", strings.TrimSuffix(cert, ".pub"))...)
	}
	authority := line("*@acme.example", "cert-authority", ca)
	always := []string{"-V", "20200101:21000101"}
	cert := certified("cert", ca, "alice@acme.example,bob@acme.example", always...)
	b.compare([]reference{
		{name: "git tag -s", kind: signature.Tag, raw: b.byGit(signature.Tag, sshGit(ed)...), allowed: alice},
		{name: "git tag -s, ECDSA", kind: signature.Tag, raw: b.byGit(signature.Tag, sshGit(ec)...), allowed: line("*", "", ec)},
		{name: "git tag -s, RSA", kind: signature.Tag, raw: b.byGit(signature.Tag, sshGit(rsa)...), allowed: line("*", "", rsa)},
		{name: "git commit -S", kind: signature.Commit, raw: b.byGit(signature.Commit, sshGit(ed)...), allowed: alice},
		{name: "tag", kind: signature.Tag, raw: good, allowed: alice},
		{name: "commit", kind: signature.Commit, raw: commit, allowed: alice},
		{name: "comments and quotes", kind: signature.Tag, raw: good, allowed: "# who\n\n" + line(`"alice@acme.example"`, `namespaces="file,git"`, ed)},
		{name: "unsigned", kind: signature.Tag, raw: b.payload(then), allowed: alice, want: signature.Unsigned},
		{name: "unsigned commit", kind: signature.Commit, raw: []byte(b.run(nil, "git", "cat-file", "commit", "HEAD~1")), allowed: alice, want: signature.Unsigned},
		{name: "unknown key", kind: signature.Tag, raw: good, allowed: line("*", "", other), want: signature.UnknownKey},
		{name: "changed tag", kind: signature.Tag, raw: tampered, allowed: alice, want: signature.Mismatch},
		{name: "changed commit", kind: signature.Commit, raw: bytes.Replace(commit, []byte("\none"), []byte("\ntwo"), 1), allowed: alice, want: signature.Mismatch},
		{name: "header after the signature", kind: signature.Commit, raw: bytes.Replace(commit, []byte("\n\none"), []byte("\nencoding latin1\n\none"), 1), allowed: alice, want: signature.Mismatch},
		{name: "signature of another tag", kind: signature.Tag, raw: append(b.payload(before), b.signSSH(b.payload(then), ed, "git")...), allowed: alice, want: signature.Mismatch},
		{name: "another purpose", kind: signature.Tag, raw: foreign, allowed: alice, want: signature.NotAllowed},
		{name: "namespaces", kind: signature.Tag, raw: good, allowed: line("alice@acme.example", `namespaces="git"`, ed)},
		{name: "other namespaces", kind: signature.Tag, raw: good, allowed: line("alice@acme.example", `namespaces="file"`, ed), want: signature.NotAllowed},
		{name: "valid", kind: signature.Tag, raw: good, allowed: line("a", `valid-after="20230101Z",valid-before="20240101"`, ed)},
		{name: "expired", kind: signature.Tag, raw: good, allowed: line("a", `valid-before="20230101Z"`, ed), want: signature.Expired},
		{name: "expired since", kind: signature.Tag, raw: good, allowed: line("a", `valid-before="202312312359"`, ed)},
		{name: "not yet valid", kind: signature.Tag, raw: b.sshTag(ed, before), allowed: line("a", `valid-after="20230101000000Z"`, ed), want: signature.Expired},
		{name: "second line valid", kind: signature.Tag, raw: good, allowed: line("a", `valid-before="20230101Z"`, ed) + line("b", "", ed)},
		{name: "first line for others", kind: signature.Tag, raw: good, allowed: line("a", `namespaces="file"`, ed) + line("b", "", ed), want: signature.NotAllowed},
		{name: "certificate", kind: signature.Tag, raw: cert, allowed: authority},
		{name: "certificate, other principal", kind: signature.Tag, raw: cert, allowed: line("carol@acme.example", "cert-authority", ca), want: signature.NotAllowed},
		{name: "certificate, other authority", kind: signature.Tag, raw: cert, allowed: line("*", "cert-authority", other), want: signature.UnknownKey},
		{name: "certificate, no authority", kind: signature.Tag, raw: cert, allowed: line("*", "", ca), want: signature.UnknownKey},
		{name: "expired certificate", kind: signature.Tag, raw: certified("old", ca, "alice@acme.example", "-V", "20200101:20210101"), allowed: authority, want: signature.Expired},
		{name: "certificate of a host", kind: signature.Tag, raw: certified("host", ca, "alice@acme.example", append(always, "-h")...), allowed: authority, want: signature.NotAllowed},
		{name: "two signatures", kind: signature.Tag, raw: append(bytes.Clone(good), b.signSSH(good, ed, "git")...), allowed: alice},
		{name: "cut short", kind: signature.Tag, raw: good[:len(good)-60], allowed: alice, want: signature.Malformed},
		{name: "a word that means nothing", kind: signature.Tag, raw: append(b.payload(then), "-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n"...), allowed: alice, want: signature.Malformed},
		{name: "X.509", kind: signature.Tag, raw: append(b.payload(then), "-----BEGIN SIGNED MESSAGE-----\nabc\n-----END SIGNED MESSAGE-----\n"...), allowed: alice, want: signature.Malformed},
	}, nil)
}

// TestVerifyTagPGP holds verdicts over OpenPGP signatures to those of git and gpg.
func TestVerifyTagPGP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	make := func(name, kind, expire string, args ...string) string {
		args = append(args, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", name+" <"+name+"@acme.example>", kind, "sign", expire)
		b.run(nil, "gpg", args...)
		return name + "@acme.example"
	}
	// A key that signs by a subkey, one that has expired, one that was revoked, and one whose public half nobody has.
	ed, rsa, gone := make("ed", "ed25519", "never"), make("rsa", "rsa2048", "never"), make("gone", "ed25519", "never")
	past := []string{"--faked-system-time", "20200601T000000"}
	old := make("old", "ed25519", "1y", past...)
	revoked := make("revoked", "ed25519", "never")
	fingerprint := func(who string) string {
		for line := range strings.Lines(b.run(nil, "gpg", "--batch", "--with-colons", "--list-keys", who)) {
			if f := strings.Split(line, ":"); f[0] == "fpr" {
				return f[9]
			}
		}
		t.Fatal("no key of " + who)
		return ""
	}
	b.run(nil, "gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", fingerprint(ed), "ed25519", "sign", "never")
	tag := func(args ...string) []byte {
		payload := b.payload(then)
		return append(payload, b.signPGP(payload, args...)...)
	}
	by := func(who string) []string { return []string{"--local-user", who} }
	commit := b.commit(func(payload []byte) []byte { return b.signPGP(payload, by(rsa)...) })
	good, unknown, byRevoked := tag(by(rsa)...), tag(by(gone)...), tag(by(revoked)...)
	revocation, err := os.ReadFile(filepath.Join(b.gpg, "openpgp-revocs.d", fingerprint(revoked)+".rev"))
	if err != nil {
		t.Fatal(err)
	}
	b.run(bytes.ReplaceAll(revocation, []byte("\n:-----"), []byte("\n-----")), "gpg", "--batch", "--quiet", "--import")
	b.run(nil, "gpg", "--batch", "--yes", "--quiet", "--delete-secret-and-public-key", fingerprint(gone))
	pgpGit := func(who string) []string { return []string{"-c", "user.signingkey=" + who} }
	expired := tag(append(by(rsa), append(past, "--default-sig-expire", "1y", "--ignore-time-conflict", "--ignore-valid-from")...)...)
	cases := []reference{
		{name: "git tag -s, subkey", kind: signature.Tag, raw: b.byGit(signature.Tag, pgpGit(ed)...)},
		{name: "git commit -S", kind: signature.Commit, raw: b.byGit(signature.Commit, pgpGit(rsa)...)},
		{name: "tag", kind: signature.Tag, raw: good},
		{name: "commit", kind: signature.Commit, raw: commit},
		{name: "as text", kind: signature.Tag, raw: tag(append(by(rsa), "--textmode")...)},
		{name: "unsigned", kind: signature.Tag, raw: b.payload(then), want: signature.Unsigned},
		{name: "unknown key", kind: signature.Tag, raw: unknown, want: signature.UnknownKey},
		{name: "changed tag", kind: signature.Tag, raw: bytes.Replace(good, []byte("v1.0.0"), []byte("v2.0.0"), 1), want: signature.Mismatch},
		{name: "changed commit", kind: signature.Commit, raw: bytes.Replace(commit, []byte("\none"), []byte("\ntwo"), 1), want: signature.Mismatch},
		{name: "expired key", kind: signature.Tag, raw: tag(append(by(old), past...)...), want: signature.Expired},
		{name: "expired signature", kind: signature.Tag, raw: expired, want: signature.Expired},
		{name: "revoked key", kind: signature.Tag, raw: byRevoked, want: signature.Revoked},
		{name: "two signatures", kind: signature.Tag, raw: tag(append(by(rsa), by(ed)...)...), want: signature.Malformed},
		{name: "a weak hash", kind: signature.Tag, raw: tag(append(by(rsa), "--digest-algo", "SHA1")...), want: signature.Malformed, strict: true},
		{name: "no packets", kind: signature.Tag, raw: append(b.payload(then), "-----BEGIN PGP SIGNATURE-----\n\n=twTO\n-----END PGP SIGNATURE-----\n"...), want: signature.Malformed},
	}
	b.compare(cases, []byte(b.run(nil, "gpg", "--batch", "--export")))
	b.compare(cases, []byte(b.run(nil, "gpg", "--batch", "--armor", "--export", ed, revoked)+b.run(nil, "gpg", "--batch", "--armor", "--export", rsa, old)))
	if got, err := ours(signature.Tag, good, []byte(b.run(nil, "gpg", "--export")), ""); err != nil || got.String() != "openpgp "+fingerprint(rsa)+" "+rsa {
		t.Error(got, err)
	}
}
