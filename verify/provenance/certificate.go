package provenance

import (
	"crypto/x509"
	"encoding/asn1"
	"net/url"
	"strings"
)

// The extensions that Fulcio writes into a certificate, below 1.3.6.1.4.1.57264.1.
const (
	extIssuer     = 8  // who vouched for the build: the issuer of its OIDC token
	extRepository = 12 // that the build ran for
	extCommit     = 13 // of the repository
	extRef        = 14 // of the repository
)

// buildOf is what the certificate says of the build that it was given to. What it does not say is empty.
func buildOf(cert *x509.Certificate) Build {
	b := Build{Issuer: extension(cert, extIssuer), Repository: extension(cert, extRepository), Commit: extension(cert, extCommit), Ref: extension(cert, extRef)}
	if len(cert.URIs) == 1 {
		b.Workflow = cert.URIs[0].String()
		if at := strings.LastIndex(b.Workflow, "@"); at >= 0 { // the ref that it ran at
			b.Workflow = b.Workflow[:at]
		}
	}
	return b
}

func extension(cert *x509.Certificate, n int) string {
	id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}
	for _, ext := range cert.Extensions {
		var text string
		if !ext.Id.Equal(id) {
			continue
		}
		if rest, err := asn1.UnmarshalWithParams(ext.Value, &text, "utf8"); err != nil || len(rest) > 0 {
			return ""
		}
		return text
	}
	return ""
}

// plain tells whether an address can stand in a lock's line among others.
func plain(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		!strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`,"\<>^|{}`+"`", r) })
}

// owned tells whether the issuer is the one of the repository's own host: anybody can build anybody's repository elsewhere.
func (b *Build) owned() bool {
	issuer, err := url.Parse(b.Issuer)
	repository, err2 := url.Parse(b.Repository)
	if err != nil || err2 != nil || issuer.Scheme != "https" {
		return false
	}
	switch host := strings.ToLower(repository.Host); host {
	case "github.com":
		return issuer.Host == "token.actions.githubusercontent.com"
	default: // GitLab is its own issuer, GitHub Enterprise has a name or a path for it
		return strings.EqualFold(issuer.Host, host) || strings.EqualFold(issuer.Host, "token.actions."+host)
	}
}
