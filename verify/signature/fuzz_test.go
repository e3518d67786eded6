package signature

import (
	"bytes"
	"testing"
	"time"
)

const (
	seedTag = "object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\ntag v1.0.0\ntagger A <a@x> 1700000000 +0000\n\none\n" +
		"-----BEGIN SSH SIGNATURE-----\n" + seedSSH + "-----END SSH SIGNATURE-----\n"
	seedCommit = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1700000000 +0000\n" +
		"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\ngpgsig-sha256 x\n y\nencoding x\n\none\n"
	seedSSH = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgJKxoLBJBivUPNTUJUSslQTt2hD\njozKvHarKeN8uYFqgAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n" +
		"AAAAQAf5g4aZ3mtGqsH/Su8rnr7tdvBLp4HQ3OQl6fBLvVqPuKQGXtkfMjB5qMnRFYMZ2A\nWvcCQHWRe3+7Yy5JHnMQk=\n"
	seedKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICSsaCwSQYr1DzU1CVErJUE7doQ46Myrx2qynjfLmBao"
)

// FuzzObject reads tags and commits. A payload holds nothing that the object does not, and a signature is none of it.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{seedTag, seedCommit, "tree x\ngpgsig a\ngpgsig b\n\n", "object a\ntype b\ntag c\n\n-----BEGIN PGP SIGNATURE-----", "\n", " x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, parse := range []func([]byte) (*Object, error){ParseTag, ParseCommit} {
			o, err := parse(bytes.Clone(raw))
			if err != nil {
				continue
			}
			if len(o.Payload)+len(o.Signature) > len(raw) {
				t.Errorf("%d bytes of payload and %d of signature in %d", len(o.Payload), len(o.Signature), len(raw))
			}
			if o.Signature == nil && o.Kind == Tag && !bytes.Contains(raw, []byte("gpgsig")) && !bytes.Equal(o.Payload, raw) {
				t.Errorf("the payload of an unsigned tag is %q", o.Payload)
			}
			if signer, err := new(Signers).Check(o, nil, time.Unix(1<<31, 0)); err == nil {
				t.Errorf("%s signed, whom nobody knows", signer)
			}
		}
	})
}

// FuzzSSHSignature reads armored signatures; nobody in no file may have signed.
func FuzzSSHSignature(f *testing.F) {
	for _, seed := range []string{seedSSH, "abc\n", ""} {
		f.Add([]byte("-----BEGIN SSH SIGNATURE-----\n"+seed+"-----END SSH SIGNATURE-----\n"), []byte("x"))
	}
	f.Fuzz(func(t *testing.T, armored, payload []byte) {
		if _, err := verifySSH(armored, payload); err == nil {
			if _, err := new(Signers).checkSSH(&Object{Payload: payload, Signature: armored}, nil, time.Time{}); err == nil {
				t.Error("a signature by nobody")
			}
		}
	})
}

// FuzzPGPSignature reads armored OpenPGP signatures.
func FuzzPGPSignature(f *testing.F) {
	f.Add([]byte("-----BEGIN PGP SIGNATURE-----\n\n=twTO\n-----END PGP SIGNATURE-----\n"))
	f.Add([]byte("-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQT\n-----END PGP SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, armored []byte) {
		if _, err := verifyPGP(nil, armored, nil, time.Time{}); err == nil {
			t.Error("a signature by nobody")
		}
	})
}

// FuzzSigners reads files of signers: what is read has keys, and a line does not depend on the ones before it.
func FuzzSigners(f *testing.F) {
	for _, seed := range []string{
		"alice@acme.example,*@b " + seedKey + "\n", "\"a b\" cert-authority,namespaces=\"git,file\" " + seedKey + " comment", "# x\n\n",
		"a valid-after=\"20230101Z\",valid-before=\"202401011200\" " + seedKey, "a no-such " + seedKey, publicKeyBlock + "\n\n=twTO\n-----END PGP PUBLIC KEY BLOCK-----\n", "\x99\x01", npmKeys,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Signers
		if err := s.Add(data); err != nil {
			return
		}
		if len(s.ssh)+len(s.keyring)+len(s.registry) == 0 {
			t.Error("no keys and no error")
		}
		if isKeyring(data) || isRegistryKeys(data) {
			return
		}
		var after Signers
		if err := after.Add(append([]byte("a "+seedKey+"\n"), data...)); err != nil || len(after.ssh) != len(s.ssh)+1 {
			t.Errorf("%d lines, then %d, %v", len(s.ssh), len(after.ssh), err)
		}
	})
}
