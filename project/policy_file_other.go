//go:build !windows

package project

// machinePolicy is the policy file of the machine. It counts where it exists, whatever the environment says.
func machinePolicy() string { return "/etc/conduit/policy.toml" }
