// Package mvs is minimal version selection and nothing else: given versions that require other versions, it selects for
// each line the highest version that anything reachable requires, as described in https://research.swtch.com/vgo-mvs.
// It knows neither sources nor ranges, does no input or output, and is generic over what a version is.
//
// [Graph] is the algorithm for callers who load requirements in their own way; [BuildList], [Upgrade], [UpgradeAll],
// [Downgrade] and [Req] are the four algorithms of the article on top of it. All of them take time that grows as the
// number of requirements, apart from one sort of the result, and none depends on the order in which requirements are
// given.
package mvs
