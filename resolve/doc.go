// Package resolve decides which version of every provider and service a project runs: it reads sources, queries and
// ranges, computes the build list by minimal version selection, and explains conflicts.
//
// A module is a provider or a service. Its identity is its [Source] plus its compatibility [Line]: the major version, for
// 0.x the minor. A [Requirement] is a range on a source; what it contributes to minimal version selection is its minimum,
// the lowest published version inside it. A requirement without a lower bound leaves the choice to others: to conduit.toml
// where that asks for the same source, else to the lock, else to what is newest when the lock is made. [Solve] selects the
// highest contribution of each line, keeps what is locked as long as every range allows it, and checks every range in the
// end. [Lookup] is for "get": it finds what a [Query] means now.
//
// Every error about a package ends with the chain of requirements that leads to it. The way out that a [ConflictError]
// proposes has been solved before it is printed.
//
// The algorithm itself is in resolve/mvs; resolve/source speaks to GitHub, the npm registry and folders; resolve/library
// selects a provider's npm libraries.
package resolve
