package plugin

// WithoutShell does nothing: there is none.
func WithoutShell() {}
