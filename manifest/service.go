package manifest

import "context"

// ReadService reads what the service package in the folder dir says about itself. Subject names the package in messages.
// Errors are [*report.Error].
func ReadService(ctx context.Context, dir, subject string) (*Service, error) { return nil, nil }
