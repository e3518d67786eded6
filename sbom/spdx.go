package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/MediaConduit/conduit/verify/policy"
)

var spdxPurposes = map[Kind]string{Project: "APPLICATION", Provider: "APPLICATION", Service: "APPLICATION", Library: "LIBRARY", Image: "CONTAINER", Runtime: "FRAMEWORK"}

var spdxHashes = map[string]common.ChecksumAlgorithm{"sha1": common.SHA1, "sha256": common.SHA256, "sha384": common.SHA384, "sha512": common.SHA512}

const noAssertion = "NOASSERTION"

// SPDX is the document as SPDX 2.3 in JSON. The time that the format demands is, where nothing says when, that of the newest
// component. What has no field of its own stands in sourceInfo.
func (d Document) SPDX() ([]byte, error) {
	made := d.Made
	if made.IsZero() {
		made = d.Newest
	}
	if made.IsZero() {
		made = time.Unix(0, 0)
	}
	doc := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT", DocumentName: d.Project.Name,
		CreationInfo: &spdx.CreationInfo{Created: made.UTC().Format(time.RFC3339), Creators: []common.Creator{{CreatorType: "Tool", Creator: "conduit-" + d.Version}}},
	}
	licences := map[string]bool{}
	relate := func(from, to common.ElementID, how string) {
		doc.Relationships = append(doc.Relationships, &spdx.Relationship{RefA: common.DocElementID{ElementRefID: from}, RefB: common.DocElementID{ElementRefID: to}, Relationship: how})
	}
	relate("DOCUMENT", spdxID(d.Project.ID), common.TypeRelationshipDescribe)
	for _, p := range append([]Component{d.Project}, d.Parts...) {
		declared, own := spdxLicence(p.Licence)
		if own != nil && !licences[own.LicenseIdentifier] {
			licences[own.LicenseIdentifier] = true
			doc.OtherLicenses = append(doc.OtherLicenses, own)
		}
		doc.Packages = append(doc.Packages, spdxPackage(p, declared))
		for _, to := range p.DependsOn {
			relate(spdxID(p.ID), spdxID(to), common.TypeRelationshipDependsOn)
		}
	}
	// The name space stands for all else that is in the file. SPDX has this host for documents without an address of their own.
	text, err := spdxText(doc)
	if err != nil {
		return nil, err
	}
	doc.DocumentNamespace = "https://spdx.org/spdxdocs/conduit-" + uuid(text)
	return spdxText(doc)
}

func spdxText(doc *spdx.Document) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, text, "", "  ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

// spdxID is the identifier of a component. Its alphabet is small, so that a part of a digest tells apart what it makes equal.
func spdxID(id string) common.ElementID {
	sum := sha256.Sum256([]byte(id))
	text := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, id)
	return common.ElementID("Package-" + text + "-" + hex.EncodeToString(sum[:6]))
}

// spdxLicence is what a package states, as an expression. What is none gets an identifier that holds in this document.
func spdxLicence(stated string) (declared string, own *spdx.OtherLicense) {
	if stated == "" {
		return noAssertion, nil
	}
	if l, err := policy.ParseLicence(stated); err == nil && l.Listed() {
		return l.String(), nil
	}
	sum := sha256.Sum256([]byte(stated))
	id := "LicenseRef-" + hex.EncodeToString(sum[:6])
	return id, &spdx.OtherLicense{LicenseIdentifier: id, LicenseName: stated, ExtractedText: stated}
}

func spdxPackage(p Component, licence string) *spdx.Package {
	out := &spdx.Package{
		PackageName: p.Name, PackageSPDXIdentifier: spdxID(p.ID), PackageVersion: p.Version, PrimaryPackagePurpose: spdxPurposes[p.Kind],
		PackageDownloadLocation: noAssertion, PackageLicenseConcluded: noAssertion, PackageLicenseDeclared: licence, PackageCopyrightText: noAssertion,
	}
	switch {
	case p.URL != "":
		out.PackageDownloadLocation = p.URL
	case p.Repo != "":
		out.PackageDownloadLocation = "git+" + p.Repo + "@" + p.Commit
		if p.Dir != "" {
			out.PackageDownloadLocation += "#" + p.Dir
		}
	}
	for _, h := range p.Hashes {
		if algorithm, ok := spdxHashes[h.Algorithm]; ok {
			out.PackageChecksums = append(out.PackageChecksums, common.Checksum{Algorithm: algorithm, Value: h.Hex})
		}
	}
	if p.PURL != "" {
		out.PackageExternalReferences = []*spdx.PackageExternalReference{{Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: p.PURL}}
	}
	var facts []string
	for _, f := range p.Facts {
		facts = append(facts, f.Name+": "+f.Value)
	}
	out.PackageSourceInfo = strings.Join(facts, "\n")
	return out
}
