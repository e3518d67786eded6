package resolve

import (
	"errors"
	"fmt"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// The SDK was published as 0.1.0 to 0.1.8, and its migration guide speaks of 1.0: conduit's own answers to both.
var sdkLines = []string{"v0.1.0", "v0.1.1", "v0.1.2", "v0.1.3", "v0.1.4", "v0.1.5", "v0.1.6", "v0.1.7", "v0.1.8", "v1.0.0"}

// errSDK is in the chain of errors about providers that need another SDK.
var errSDK = errors.New("another SDK is needed")

const newerConduit = "install a newer conduit"

// CheckSDK refuses a provider, id in messages, that asks for an SDK which conduit's own, of version own, does not answer to.
// Ranges that say nothing of versions ("workspace:*", a folder) are let pass.
func CheckSDK(wanted, own, id string) error {
	if wanted == "" || own == "" {
		return nil
	}
	rng, err := ParseRange(wanted)
	if err != nil || rng.Ref() != "" || rng.Allows(canonical(own)) {
		return nil
	}
	for _, v := range sdkLines {
		if rng.Allows(v) {
			return nil
		}
	}
	return &report.Error{Kind: report.Failure, What: fmt.Sprintf("%s needs %s %s", id, manifest.SDKPackage, wanted),
		Why:  fmt.Sprintf("this conduit brings SDK %s, which answers to ^0.1 and ^1.0", own),
		Next: newerConduit, Err: errSDK}
}
