package provenance

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var oidSCTs = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}

// listed verifies that a log has promised to hold the certificate (RFC 6962, section 3.3): one of the promises in it is by a
// log that is known, and all by such logs hold.
func (r *Root) listed(cert, issuer *x509.Certificate) error {
	entry, err := precertificate(cert, issuer)
	if err != nil {
		return err
	}
	promises, err := readSCTs(cert)
	if err != nil {
		return err
	}
	found := false
	for _, p := range promises {
		for _, log := range findLog(r.certLogs, p.logID) {
			if !log.valid.holds(time.UnixMilli(int64(p.timestamp))) {
				continue
			}
			var signed cryptobyte.Builder
			signed.AddUint8(0) // v1
			signed.AddUint8(0) // certificate_timestamp
			signed.AddUint64(p.timestamp)
			signed.AddUint16(1) // precert_entry
			signed.AddBytes(entry)
			signed.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(p.extensions) })
			message, err := signed.Bytes()
			if err != nil || p.hash != 4 || !verifyBy(log.key, crypto.SHA256, message, p.sig) { // sha256
				return errors.New("the promise of a certificate transparency log does not match it")
			}
			found = true
		}
	}
	if !found {
		return errors.New("no certificate transparency log that is known here has promised to hold it")
	}
	return nil
}

// sct is a signed certificate timestamp.
type sct struct {
	logID      []byte
	timestamp  uint64 // milliseconds since 1970
	extensions []byte
	hash       uint8
	sig        []byte
}

var errSCT = errors.New("the promises of certificate transparency logs in it cannot be read")

func readSCTs(cert *x509.Certificate) (out []sct, err error) {
	for _, ext := range cert.Extensions {
		if !ext.Id.Equal(oidSCTs) {
			continue
		}
		der := cryptobyte.String(ext.Value)
		var text, list cryptobyte.String
		if !der.ReadASN1(&text, cbasn1.OCTET_STRING) || !der.Empty() || !text.ReadUint16LengthPrefixed(&list) || !text.Empty() {
			return nil, errSCT
		}
		for !list.Empty() {
			var one, extensions, sig cryptobyte.String
			var version, algorithm uint8
			var s sct
			if !list.ReadUint16LengthPrefixed(&one) || !one.ReadUint8(&version) || version != 0 ||
				!one.ReadBytes(&s.logID, sha256.Size) || !one.ReadUint64(&s.timestamp) || !one.ReadUint16LengthPrefixed(&extensions) ||
				!one.ReadUint8(&s.hash) || !one.ReadUint8(&algorithm) || !one.ReadUint16LengthPrefixed(&sig) || !one.Empty() {
				return nil, errSCT
			}
			s.extensions, s.sig = extensions, sig
			out = append(out, s)
		}
	}
	return out, nil
}

// precertificate is what a log signs of a certificate: the hash of its issuer's key, and the certificate without promises.
func precertificate(cert, issuer *x509.Certificate) ([]byte, error) {
	tbs, err := withoutSCTs(cert.RawTBSCertificate)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(issuer.RawSubjectPublicKeyInfo)
	var out cryptobyte.Builder
	out.AddBytes(key[:])
	out.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(tbs) })
	return out.Bytes()
}

// withoutSCTs is a TBSCertificate without the extension that holds promises.
func withoutSCTs(raw []byte) ([]byte, error) {
	in := cryptobyte.String(raw)
	var tbs cryptobyte.String
	if !in.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return nil, errSCT
	}
	extensions := cbasn1.Tag(3).ContextSpecific().Constructed()
	var out cryptobyte.Builder
	out.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for !tbs.Empty() {
			var element, list cryptobyte.String
			var tag cbasn1.Tag
			if !tbs.ReadAnyASN1Element(&element, &tag) {
				b.SetError(errSCT)
				return
			}
			if tag != extensions {
				b.AddBytes(element)
				continue
			}
			if !element.ReadASN1(&list, extensions) || !list.ReadASN1(&list, cbasn1.SEQUENCE) {
				b.SetError(errSCT)
				return
			}
			b.AddASN1(extensions, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { copyOthers(b, list) })
			})
		}
	})
	return out.Bytes()
}

// copyOthers writes the extensions that hold no promises.
func copyOthers(b *cryptobyte.Builder, list cryptobyte.String) {
	for !list.Empty() {
		var element, inner cryptobyte.String
		var id asn1.ObjectIdentifier
		if !list.ReadASN1Element(&element, cbasn1.SEQUENCE) {
			b.SetError(errSCT)
			return
		}
		whole := element
		if !element.ReadASN1(&inner, cbasn1.SEQUENCE) || !inner.ReadASN1ObjectIdentifier(&id) {
			b.SetError(errSCT)
			return
		}
		if !id.Equal(oidSCTs) {
			b.AddBytes(whole)
		}
	}
}
