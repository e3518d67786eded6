// Package resolve decides which version of every provider and service a project runs: it reads sources, queries and
// ranges, computes the build list by minimal version selection, and explains conflicts.
//
// A module is a provider or a service. Its identity is its [Source] plus its compatibility line (the major version, for
// 0.x the minor). A [Requirement] is a range on a source; what it contributes to minimal version selection is its
// minimum, the lowest published version inside it. The algorithm itself is in resolve/mvs; resolve/source speaks to
// GitHub, the npm registry and folders; resolve/library selects a provider's npm libraries.
package resolve
