package main

import "github.com/MediaConduit/conduit/manifest"

// Provider is a MediaConduit.provider.yml.
type Provider struct {
	ID           string        `key:"id" doc:"The provider's name; package.json's where it is left out."`
	Name         string        `key:"name" doc:"The name that people read."`
	Description  string        `key:"description" doc:"What it does, in one sentence."`
	Version      Scalar        `key:"version" doc:"Shown only: the version is the git tag or the npm version."`
	Type         ProviderType  `key:"type" doc:"local: it runs on a service of its own. remote: it calls an API on the internet."`
	Capabilities []Capability  `key:"capabilities" doc:"What its models can do."`
	ServiceURL   Source        `key:"serviceUrl" doc:"The service that it runs on, with a range." example:"github:OWNER/REPO@^1"`
	Requires     Requires      `key:"requires" doc:"Further services and providers that it needs."`
	Config       ServiceConfig `key:"serviceConfig" doc:"Hints on the service, where the service itself does not say."`
	Docker       DockerService `key:"dockerService" doc:"Older form of serviceUrl."`
	Models       Models        `key:"models" doc:"Its models; without any, the running provider is asked."`
	Schema       any           `key:"configSchema" doc:"A JSON Schema of what configure() takes."`
	Main         string        `key:"main" doc:"The entry module; package.json's main, dist/index.js or src/index.ts where it is left out." example:"src/index.ts"`
	ExportName   string        `key:"exportName" doc:"The exported class, where it is not the default export."`
	Dependencies Libraries     `key:"dependencies" doc:"npm libraries, where package.json lists none."`
	Permissions  Declared      `key:"permissions" doc:"What it needs of the machine, and the most that it gets unless conduit.toml says otherwise. A key that is left out leaves things as they are; an empty list allows nothing."`
	Unread
	Configuration any `key:"configuration" doc:"Not read by conduit."`
	Requirements  any `key:"requirements" doc:"Not read by conduit."`
	Features      any `key:"features" doc:"Not read by conduit."`
}

// Declared is what a provider needs of the machine.
type Declared struct {
	Net   []DeclaredHost `key:"net" doc:"What it connects to besides its services; enforced by port. * for no limit." example:"api.example.com:443"`
	Env   []EnvName      `key:"env" doc:"Variables of the environment that it is given." example:"EXAMPLE_API_KEY"`
	Read  []DeclaredPath `key:"read" doc:"Files and folders that it reads, besides the system's and its own." example:"~/models"`
	Write []DeclaredPath `key:"write" doc:"Files and folders that it reads and changes, besides its own." example:"~/pictures"`
	Run   []ProgramName  `key:"run" doc:"Programs that it starts, by their names in PATH. * for no limit." example:"ffmpeg"`
}

// DeclaredHost is HOST:PORT, or no limit.
type DeclaredHost string

func (DeclaredHost) schema() *schema {
	return &schema{Type: "string", Pattern: `^([^/ ]+:[0-9]{1,5}|\*)$`}
}

// DeclaredPath is absolute or below the home folder.
type DeclaredPath string

func (DeclaredPath) schema() *schema { return &schema{Type: "string", Pattern: `^(~/|/)[^/]`} }

// ProgramName is the name of a program in PATH, or no limit.
type ProgramName string

func (ProgramName) schema() *schema { return &schema{Type: "string", Pattern: `^[^/\\ ]+$`} }

// Unread are keys that packages have and conduit does not read.
type Unread struct {
	Author        any `key:"author" doc:"Not read by conduit."`
	Homepage      any `key:"homepage" doc:"Not read by conduit."`
	Repository    any `key:"repository" doc:"Not read by conduit."`
	License       any `key:"license" doc:"Not read by conduit."`
	Metadata      any `key:"metadata" doc:"Not read by conduit."`
	Tags          any `key:"tags" doc:"Not read by conduit."`
	Keywords      any `key:"keywords" doc:"Not read by conduit."`
	Documentation any `key:"documentation" doc:"Not read by conduit."`
	Own           any `key:"x-*" doc:"Your own keys; not read by conduit."`
}

// ServiceConfig is serviceConfig.
type ServiceConfig struct {
	ComposeFile    string      `key:"dockerCompose" doc:"The compose file, relative to the service's folder." example:"docker-compose.yml"`
	ServiceName    string      `key:"serviceName" doc:"The compose service to talk to, where there are several."`
	HealthEndpoint string      `key:"healthEndpoint" doc:"The path that answers when the service is ready." example:"/health"`
	BaseURL        string      `key:"defaultBaseUrl" doc:"The address of a service that conduit does not start."`
	Environment    Environment `key:"environment" doc:"Set in the service's environment."`
}

// DockerService is dockerService.
type DockerService struct {
	Repository     string `key:"repository" doc:"The service's source."`
	ServiceURL     string `key:"serviceUrl" doc:"The service's source."`
	DefaultPort    Port   `key:"defaultPort" doc:"The container's port."`
	HealthEndpoint string `key:"healthEndpoint" doc:"The path that answers when the service is ready."`
}

// Model is a model with its description.
type Model struct {
	ID           string       `key:"id" need:"yes" doc:"The model's name: conduit run PROVIDER/ID."`
	Name         string       `key:"name" doc:"The name that people read."`
	Description  string       `key:"description" doc:"What it does, in one sentence."`
	Capabilities []Capability `key:"capabilities" doc:"What it can do."`
	InputTypes   []string     `key:"inputTypes" doc:"The media that it takes." example:"text"`
	OutputTypes  []string     `key:"outputTypes" doc:"The media that it makes." example:"text"`
	Parameters   any          `key:"parameters" doc:"Not read by conduit."`
	Pricing      any          `key:"pricing" doc:"Not read by conduit."`
	Tags         any          `key:"tags" doc:"Not read by conduit."`
	Own          any          `key:"x-*" doc:"Your own keys; not read by conduit."`
}

// Dynamic says that models are asked from the running provider.
type Dynamic struct {
	Dynamic      bool         `key:"dynamic" need:"yes" doc:"The running provider is asked for its models."`
	Capabilities []Capability `key:"capabilities" doc:"What its models can do."`
	Parameters   any          `key:"parameters" doc:"Not read by conduit."`
}

// Models are a list, or a table by ID, or dynamic.
type Models struct{}

func (Models) schema() *schema {
	byID := of(Model{})
	byID.Required = nil
	return either([]Model{}, Dynamic{}, &schema{Type: "object", AdditionalProperties: byID})
}

// ProviderType is local or remote.
type ProviderType string

func (ProviderType) schema() *schema {
	return &schema{Type: "string", Enum: []string{"local", "remote"}}
}

// Capability is one that the SDK knows, in any of its spellings, or another one.
type Capability string

func (Capability) schema() *schema {
	return either(&schema{Type: "string", Enum: manifest.Capabilities}, &schema{Type: "string"})
}

// Environment is a table, or a list of NAME=VALUE.
type Environment struct{}

func (Environment) schema() *schema { return either(map[EnvName]Scalar{}, []string{}) }

// Libraries are a table of ranges, or a list of names or of tables with one entry.
type Libraries struct{}

func (Libraries) schema() *schema {
	return either(map[string]Scalar{}, &schema{Type: "array", Items: either("", map[string]Scalar{})})
}

// Need is one required package.
type Need struct {
	Source  Source `key:"source" need:"yes" doc:"Where the package is published."`
	Version string `key:"version" doc:"The range of versions that will do."`
	Kind    Kind   `key:"kind" doc:"What it is; a service where nothing is said."`
}

// Kind is what a package is.
type Kind string

func (Kind) schema() *schema {
	return &schema{Type: "string", Enum: []string{"service", "provider"}}
}

// Requires is a list of sources, of tables {source, version, kind} or of tables from source to range, or one such table;
// or such lists under services and providers.
type Requires struct{}

func (Requires) schema() *schema {
	rng := either("", &schema{Type: "object", Properties: properties{{"version", of("")}}, AdditionalProperties: false})
	// A source has a ":" or an "@"; everything else here would be a misspelt key.
	ranges := &schema{Type: "object", PropertyNames: &schema{Pattern: `[:@]|^(service|provider)$`}, AdditionalProperties: rng}
	flat := either(Source(""), Need{}, ranges)
	list := either(Source(""), &schema{Type: "array", Items: flat}, Need{}, ranges)
	kinds := &schema{Type: "object", Properties: properties{{"services", list}, {"providers", list}}, AdditionalProperties: false}
	return either(Source(""), &schema{Type: "array", Items: either(Source(""), Need{}, ranges, kinds)}, Need{}, ranges,
		&schema{Type: "object", Properties: kinds.Properties, PropertyNames: &schema{Pattern: `[:@]|^(services?|providers?)$`}, AdditionalProperties: rng})
}
