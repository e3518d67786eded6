// Package sbom writes what a lock holds as a software bill of materials: as CycloneDX 1.6 (https://cyclonedx.org) and as SPDX
// 2.3 (https://spdx.github.io/spdx-spec/v2.3), both in JSON. [Of] makes a [Document] of a lock; it is the same for both.
//
// A document is a function of the lock, of the licences that packages state, and of conduit's version: equal ones have equal
// bytes, on every machine, in every folder and at any time.
package sbom
