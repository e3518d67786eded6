package resolve

import "context"

// Solve computes the build list by minimal version selection. Errors are [*report.Error], or a [*ConflictError] that
// wraps one; those about a package name the chain of requirements from conduit.toml to it.
func Solve(ctx context.Context, p Problem) (*Graph, error) { return nil, nil }
