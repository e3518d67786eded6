package signature

import "strings"

// kindBuild is the kind of a [Signer] that is a build whose provenance Sigstore attests.
const kindBuild = "sigstore"

// Builder is the signer that a build is: the issuer of its token, the repository that it ran for, and the workflow that ran there. A
// workflow of that repository is written as its path.
func Builder(issuer, repository, workflow string) Signer {
	return Signer{Kind: kindBuild, Key: issuer, Name: repository + " " + strings.TrimPrefix(workflow, repository+"/")}
}

// Built returns the repository that a build ran for, and the workflow: its path there, or its address elsewhere. ok tells whether
// the signer is a build.
func (s Signer) Built() (repository, workflow string, ok bool) {
	repository, workflow, ok = strings.Cut(s.Name, " ")
	return repository, workflow, ok && s.Kind == kindBuild
}
