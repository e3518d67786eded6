package gateway

// Patterns are the patterns of all routes.
func Patterns() []string {
	var out []string
	for _, r := range (&Gateway{}).routes() {
		out = append(out, r.pattern)
	}
	return out
}
