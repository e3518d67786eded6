package sbom

import (
	"bytes"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/MediaConduit/conduit/verify/policy"
)

var cdxTypes = map[Kind]cdx.ComponentType{
	Project: cdx.ComponentTypeApplication, Provider: cdx.ComponentTypeApplication, Service: cdx.ComponentTypeApplication,
	Library: cdx.ComponentTypeLibrary, Image: cdx.ComponentTypeContainer, Runtime: cdx.ComponentTypePlatform,
}

var cdxHashes = map[string]cdx.HashAlgorithm{"sha1": cdx.HashAlgoSHA1, "sha256": cdx.HashAlgoSHA256, "sha384": cdx.HashAlgoSHA384, "sha512": cdx.HashAlgoSHA512}

// CycloneDX is the document as CycloneDX 1.6 in JSON. What has no field of its own are properties "conduit:NAME".
func (d Document) CycloneDX() ([]byte, error) {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "conduit", Version: d.Version}}},
	}
	if !d.Made.IsZero() {
		bom.Metadata.Timestamp = d.Made.UTC().Format(time.RFC3339)
	}
	project := cdxComponent(d.Project)
	bom.Metadata.Component = &project
	components, dependencies := []cdx.Component{}, []cdx.Dependency{cdxDependency(d.Project)}
	for _, p := range d.Parts {
		components = append(components, cdxComponent(p))
		dependencies = append(dependencies, cdxDependency(p))
	}
	bom.Components, bom.Dependencies = &components, &dependencies
	// The serial number stands for all else that is in the file.
	text, err := cdxText(bom)
	if err != nil {
		return nil, err
	}
	bom.SerialNumber = "urn:uuid:" + uuid(text)
	return cdxText(bom)
}

func cdxText(bom *cdx.BOM) ([]byte, error) {
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

func cdxComponent(p Component) cdx.Component {
	out := cdx.Component{BOMRef: p.ID, Type: cdxTypes[p.Kind], Name: p.Name, Version: p.Version, PackageURL: p.PURL}
	if scope, base, ok := strings.Cut(p.Name, "/"); ok && strings.HasPrefix(scope, "@") {
		out.Group, out.Name = scope, base
	}
	var hashes []cdx.Hash
	for _, h := range p.Hashes {
		if algorithm, ok := cdxHashes[h.Algorithm]; ok {
			hashes = append(hashes, cdx.Hash{Algorithm: algorithm, Value: h.Hex})
		}
	}
	if hashes != nil {
		out.Hashes = &hashes
	}
	if p.Licence != "" {
		choice := cdx.LicenseChoice{License: &cdx.License{Name: p.Licence}}
		if l, err := policy.ParseLicence(p.Licence); err == nil && l.Listed() {
			choice = cdx.LicenseChoice{Expression: l.String()}
		}
		out.Licenses = &cdx.Licenses{choice}
	}
	var references []cdx.ExternalReference
	if p.Repo != "" {
		references = append(references, cdx.ExternalReference{Type: cdx.ERTypeVCS, URL: p.Repo})
	}
	if p.URL != "" {
		references = append(references, cdx.ExternalReference{Type: cdx.ERTypeDistribution, URL: p.URL})
	}
	if references != nil {
		out.ExternalReferences = &references
	}
	var properties []cdx.Property
	for _, f := range p.Facts {
		properties = append(properties, cdx.Property{Name: "conduit:" + f.Name, Value: f.Value})
	}
	if properties != nil {
		out.Properties = &properties
	}
	return out
}

func cdxDependency(p Component) cdx.Dependency {
	out := cdx.Dependency{Ref: p.ID}
	if len(p.DependsOn) > 0 {
		out.Dependencies = &p.DependsOn
	}
	return out
}
