package manifest

import "github.com/MediaConduit/conduit/manifest/permission"

// Provider is what a provider package says about itself, normalised.
type Provider struct {
	ID           string
	Name         string
	Description  string
	Version      string   // the file's own word; shown only, never a version of the module
	Type         string   // "local" or "remote"
	Capabilities []string // kebab-case: "text-to-image"
	Services     []Need   // the services it asks for: serviceUrl, dockerService.repository, requires
	Providers    []Need   // other providers it requires
	Models       []Model
	Dynamic      bool              // models are asked from the running provider
	Main         string            // entry point as provider.yml states it, "" if it does not
	PackageMain  string            // entry point as package.json states it, "" if it does not
	ExportName   string            // name of the exported class where there is no default export
	Libraries    map[string]string // npm name to range: package.json dependencies, else provider.yml dependencies; SDK removed
	Optional     map[string]string // optionalDependencies, peers marked optional are left out
	Peers        map[string]string // peerDependencies that are not optional, SDK removed
	Overrides    map[string]any    // package.json overrides, as npm reads them
	Node         string            // engines.node of package.json, a range of npm; "" if none is stated
	Config       map[string]any    // configSchema
	SDK          string            // range on @mediaconduit/mediaconduit, "" if none is stated
	File         string            // base name of the file that was read
	Service      ServiceConfig     // serviceConfig
	Permissions  permission.Set    `json:",omitzero"` // what it declares that it needs of the machine
}

// Need is a requirement as the manifest writes it: "https://github.com/OWNER/REPO@v1", "npm:@scope/pkg@^2", "file:…", or a static name.
type Need struct {
	Source string
	Line   int // in the manifest's file
}

// Model is a model that a provider declares statically.
type Model struct {
	ID           string   `json:"id"`
	Name         string   `json:"name,omitempty"`
	Description  string   `json:"description,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	InputTypes   []string `json:"inputTypes,omitempty"`
	OutputTypes  []string `json:"outputTypes,omitempty"`
}

// ServiceConfig is the serviceConfig of a provider: hints on the service where the service itself does not say.
type ServiceConfig struct {
	ComposeFile    string
	ServiceName    string
	HealthEndpoint string
	BaseURL        string
	Environment    map[string]string
	Port           int // dockerService.defaultPort: the container's port, 0 when not stated
}

// Service is what a service package says about itself, normalised.
type Service struct {
	ID           string
	Name         string
	Description  string
	Version      string // the file's own word; shown only
	ComposeFile  string // relative slash path; "docker-compose.yml" unless the file says otherwise
	ServiceName  string // the compose service that providers talk to; "" for the only one
	Image        string
	Ports        []int // container ports (0 = any), as declared
	Health       Health
	Environment  map[string]string
	Capabilities []string
	Requires     []Need
	GPU          bool
	Memory       string   // "2GB", as declared
	CPU          string   // "1.0", as declared
	Process      *Process // how to run it without Docker; nil if it cannot
	File         string   // base name of the file that was read
}

// Health is how to find out whether a service works.
type Health struct {
	Path     string // HTTP path with query: "/health"; "" when none is declared
	Interval string // Go or compose duration, "" when not declared
	Timeout  string
	Start    string // how long failures after a start do not count
	Retries  int
}

// Process is the local process that stands in for a service's containers where no Docker engine answers.
type Process struct {
	Command []string          // argv; run in the package's folder with PORT in its environment
	Env     map[string]string // added to its environment
	Signal  string            // that asks it to stop: "SIGINT"; "" for SIGTERM
	Grace   string            // Go or compose duration that it may take to stop, "" when not declared
}
