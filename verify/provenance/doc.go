// Package provenance tells which build made a release of an npm package: it verifies the attestations that registries keep beside
// releases, SLSA provenance in Sigstore bundles (https://docs.npmjs.com/generating-provenance-statements).
//
// A bundle holds an in-toto statement about the release in a DSSE envelope, a certificate that Sigstore's authority gave to a
// build for some minutes, and the entry of a transparency log. All of it has to hold, by the keys of a trusted root:
//
//   - the envelope is signed by the certificate's key
//   - the certificate was valid, and its authority trusted, at the time that the log or a timestamp authority vouches for
//   - a certificate transparency log has promised to hold the certificate
//   - the log's entry is of this envelope and this certificate, and the log has promised to hold it, or proves that it does
//   - the statement is about this package, version and tarball
//   - the build ran for the repository that the package claims, on that repository's own host, as the certificate states
//
// It is pure: whoever fetches attestations comes to it with their bytes. Formats: bundles 0.1 to 0.3
// (https://docs.sigstore.dev/about/bundle/), entries of Rekor 1 and 2, timestamps of RFC 3161, certificates as
// https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md describes them, RFC 6962.
package provenance
