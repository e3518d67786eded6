package manifest

// The keys that the readers know.
var (
	ProviderKeys = providerKeys
	ServiceKeys  = serviceKeys
	DockerKeys   = dockerKeys
)
