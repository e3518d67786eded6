package mirror

import "context"

type originKey struct{}

// WithOrigin returns a context under which [Route.Fetch] stores in at the address of what it read from a mirror. It leaves at alone
// where something comes from where it is published.
func WithOrigin(ctx context.Context, at *string) context.Context {
	return context.WithValue(ctx, originKey{}, at)
}

func tellOrigin(ctx context.Context, address string) {
	if at, ok := ctx.Value(originKey{}).(*string); ok {
		*at = address
	}
}
