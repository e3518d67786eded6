package lockfile

// NewManifest is the conduit.toml that a new project starts with.
func NewManifest() []byte {
	return []byte(`# What this project needs. "conduit get SOURCE" adds to it, and you may edit it: "conduit lock" follows.
conduit = "` + Language + `" # lowest conduit that may read this file

[providers]
# cowsay = "github:MediaConduit/cowsay-provider@^1.2"
# whisper = { source = "npm:@acme/whisper-provider", version = "~2.1", env = ["HF_TOKEN"] }

[services]
# Services that no provider asks for, or settings for one that does:
# gpu = { source = "github:company/gpu-service", version = ">=1.4 <3", env = { BATCH = "32" }, port = 9100 }
`)
}
