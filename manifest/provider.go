package manifest

import "context"

// SDKPackage is the npm name of the SDK that providers import. conduit brings its own, so it is never a library.
const SDKPackage = "@mediaconduit/mediaconduit"

// ReadProvider reads what the provider package in the folder dir says about itself. Subject names the package in messages,
// for example "github:a/b@v1.0.0". Errors are [*report.Error].
func ReadProvider(ctx context.Context, dir, subject string) (*Provider, error) { return nil, nil }
