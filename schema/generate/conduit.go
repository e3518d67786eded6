package main

// Conduit is a conduit.toml.
type Conduit struct {
	Conduit   Language                   `key:"conduit" doc:"The lowest version of this file's language that may read it." example:"0.1"`
	Toolchain Toolchain                  `key:"toolchain" doc:"What the project's providers run on."`
	Providers map[EntryName]ProviderLine `key:"providers" doc:"The providers of the project, by the names that conduit run knows them by."`
	Services  map[EntryName]ServiceLine  `key:"services" doc:"Services that no provider asks for, or settings for one that does."`
	Replace   map[string]string          `key:"replace" doc:"One source in place of another, wherever it is required; or npm:NAME and a version of that library."`
	Exclude   map[string][]string        `key:"exclude" doc:"Versions that are treated as if they had never been published, by source."`
	Policy    Policy                     `key:"policy" doc:"Where packages may come from, and what the project allows that is refused otherwise."`
	Aliases   map[EntryName]Source       `key:"aliases" doc:"Short names for sources."`
	Profile   map[string]Profile         `key:"profile" doc:"Settings that apply with --profile NAME only."`
}

// Toolchain is [toolchain].
type Toolchain struct {
	Node string `key:"node" doc:"The range of versions of the Node.js that providers run under; conduit fetches it. Without it the node in PATH runs." example:"^22"`
}

// Policy is [policy].
type Policy struct {
	Allow       []SourcePattern  `key:"allow" doc:"Where modules and libraries may come from; without it, from everywhere. * stands for any text without a slash, ** for any text." example:"github:OWNER/*"`
	Deny        []SourcePattern  `key:"deny" doc:"Where modules and libraries may not come from, allowed or not." example:"npm:NAME"`
	SHA1        []PackageVersion `key:"sha1" doc:"Npm packages, with their version, that may be verified by SHA-1 alone when they are locked." example:"name@1.2.3"`
	Hosts       []Host           `key:"hosts" doc:"Hosts that npm tarballs may come from, besides the registry's own." example:"files.example.com"`
	Insecure    []Host           `key:"insecure" doc:"The only hosts besides this machine that may be asked without TLS, by an address of .npmrc or git's settings. Without it, all that these name." example:"registry.example.com:4873"`
	Images      PinnedImages     `key:"images" doc:"\"locked\" refuses images of which conduit.lock holds no digest."`
	Build       []PackageVersion `key:"build" doc:"Npm packages, with their version, whose install scripts are run, in a sandbox." example:"name@1.2.3"`
	Licences    []Licence        `key:"licenses" doc:"Licences that providers, services and libraries may stand under, as SPDX calls them; \"NONE\" for those that state none. Without it, all." example:"MIT"`
	Exceptions  []SourcePattern  `key:"license-exceptions" doc:"Packages whose licence does not count." example:"npm:NAME"`
	MaxSize     ByteSize         `key:"max-size" doc:"The most that a package may have to download." example:"50MB"`
	MaxUnpacked ByteSize         `key:"max-unpacked" doc:"The most that the files of a package may have together." example:"250MB"`
	Audit       RequiredAudit    `key:"audit-log" doc:"\"required\" refuses to do anything that cannot be written into the audit log."`
	Signed      []Signed         `key:"signed" doc:"Repositories whose versions have to be signed, and by whom."`
	Age         Age              `key:"minimum-release-age" doc:"How long ago a version must have been published to be chosen: 24h without it. What is asked for exactly or locked is old enough." example:"24h"`
	AgeExcept   []SourcePattern  `key:"minimum-release-age-except" doc:"Sources of which versions of any age are chosen." example:"github:OWNER/*"`
}

// Licence is an identifier of SPDX's list, perhaps with an exception.
type Licence string

func (Licence) schema() *schema {
	return &schema{Type: "string", Pattern: `^\s*\(?[A-Za-z0-9.+-]+(\s+WITH\s+[A-Za-z0-9.-]+)?\)?\s*$`}
}

// ByteSize is a number of bytes.
type ByteSize string

func (ByteSize) schema() *schema {
	return &schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)? ?([kKmMgGtTpP]([iI]?[bB])?|[bB])?$`}
}

// RequiredAudit says whether there must be an audit log.
type RequiredAudit string

func (RequiredAudit) schema() *schema { return &schema{Type: "string", Enum: []string{"required"}} }

// Age is a duration of Go, or days or weeks.
type Age string

func (Age) schema() *schema {
	return &schema{Type: "string", Pattern: `^([0-9]+(d|w)|0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$`}
}

// Signed is a rule of [[policy.signed]].
type Signed struct {
	Source  SignedPattern `key:"source" need:"true" doc:"The repositories, or npm packages, which their registry signs. * stands for any text without a slash, ** for any text." example:"github:OWNER/*"`
	Signers Names         `key:"signers" doc:"The file, or a list of files, with the keys that may sign: allowed signers of SSH, a keyring of OpenPGP, or the keys of an npm registry; with only = \"provenance\", trusted roots of Sigstore. Needed for repositories."`
	By      Names         `key:"by" doc:"Who of them has to have signed: principals, or mail addresses of OpenPGP keys; with only = \"provenance\", patterns over the repositories that it may have been built from." example:"releases@example.com"`
	Only    OnlyTags      `key:"only" doc:"\"tags\" does not take a signed commit for a signed version; \"provenance\" does not take a registry's signature for an attestation of the build."`
}

// Names are one text or a list of texts.
type Names string

func (Names) schema() *schema {
	return &schema{AnyOf: []*schema{{Type: "string"}, {Type: "array", Items: &schema{Type: "string"}}}}
}

// SignedPattern is a pattern over repositories and npm packages.
type SignedPattern string

func (SignedPattern) schema() *schema {
	return &schema{Type: "string", Pattern: `^(github|git|npm):[^\s?\[\]{}!\\]+$`}
}

// OnlyTags is what counts as signed.
type OnlyTags string

func (OnlyTags) schema() *schema {
	return &schema{Type: "string", Enum: []string{"tags", "provenance"}}
}

// SourcePattern is a pattern over canonical sources.
type SourcePattern string

func (SourcePattern) schema() *schema {
	return &schema{Type: "string", Pattern: `^(\*\*|(github|git|npm|file|https):[^\s?\[\]{}!\\]+)$`}
}

// PinnedImages says whether images may float.
type PinnedImages string

func (PinnedImages) schema() *schema { return &schema{Type: "string", Enum: []string{"locked"}} }

// PackageVersion is one version of an npm package.
type PackageVersion string

func (PackageVersion) schema() *schema { return &schema{Type: "string", Pattern: `^.+@[^@]+$`} }

// Host is a host's name, with a port where there is one.
type Host string

func (Host) schema() *schema { return &schema{Type: "string", Pattern: `^[^/@ ?#*]+$`} }

// ProviderTable is a provider in its long form.
type ProviderTable struct {
	Required
	Bundle   bool      `key:"bundle" doc:"false keeps all of its libraries outside of its bundle; conduit keeps those outside that it finds not to work there."`
	External []Library `key:"external" doc:"Npm libraries that stay outside of its bundle, with or without a version." example:"sharp"`
	ProviderSettings
}

// Library is an npm package, with or without a version.
type Library string

func (Library) schema() *schema {
	return &schema{Type: "string", Pattern: `^(@[^/@\s]+/)?[^/@\s]+(@[^/@\s]+)?$`}
}

// ServiceTable is a service in its long form.
type ServiceTable struct {
	Required
	ServiceSettings
}

// Required says which package it is.
type Required struct {
	Source  Source `key:"source" need:"yes" doc:"Where the package is published." example:"github:OWNER/REPO|npm:@SCOPE/NAME|file:./FOLDER"`
	Version string `key:"version" doc:"The range of versions that will do; then source has none." example:"^1.2|~2.1|>=1.4 <3|v1.2.3"`
}

// ProviderSettings are what a profile may set of a provider.
type ProviderSettings struct {
	Config map[string]any `key:"config" doc:"Handed to the provider's configure(). A text env:NAME, file:PATH or cmd:PROGRAM ARG stands for the secret that it refers to; literal:TEXT is TEXT as it stands."`
	Env    []EnvName      `key:"env" doc:"Names of the variables of your environment that the provider may see, in place of those that its package declares."`
	Memory Memory         `key:"memory" doc:"The most memory that its process and what that starts may have together; 64MB at least." example:"512MB"`
	// Permissions is a table of lists.
	Permissions Permissions `key:"permissions" doc:"What it may reach of the machine, enforced by the kernel. A key that is left out is as its package declares, else as by default; an empty list allows nothing."`
}

// Permissions are what a provider may reach.
type Permissions struct {
	Read  []PermittedPath `key:"read" doc:"Files and folders that it may read besides." example:"~/models"`
	Write []PermittedPath `key:"write" doc:"Files and folders that it may read and change besides its own." example:"./pictures"`
	Net   []PermittedHost `key:"net" doc:"What it may connect to besides its services; enforced by port. * for no limit." example:"api.example.com:443"`
	Run   []string        `key:"run" doc:"Programs that it may start, by name or path. * for no limit." example:"ffmpeg"`
}

// PermittedPath is a path: absolute, from the project's folder on, or below the home folder.
type PermittedPath string

func (PermittedPath) schema() *schema {
	return &schema{Type: "string", Pattern: `^(~/|\.\.?/|/|[A-Za-z]:[\\/])`}
}

// PermittedHost is a host and a port.
type PermittedHost string

func (PermittedHost) schema() *schema {
	return &schema{Type: "string", Pattern: `^([^/ ]+:[0-9]{1,5}|\*)$`}
}

// ServiceSettings are what a profile may set of a service.
type ServiceSettings struct {
	Env    map[EnvName]Scalar `key:"env" doc:"Set in the service's environment, and for ${NAME} in its compose file."`
	Port   Port               `key:"port" doc:"A fixed port on 127.0.0.1; 0 or nothing for any free one."`
	Idle   Idle               `key:"idle" doc:"With conduit up --hold: how long nothing may use it before it is stopped; the next connection starts it." example:"10m"`
	Driver Driver             `key:"driver" doc:"What starts it: Docker, a local process, or the first of both that works."`
	GPU    GPU                `key:"gpu" doc:"Whether its container gets the machine's GPUs: as the package asks and the engine can, always, or never."`
	Memory Memory             `key:"memory" doc:"The most memory that its container may have, in place of what the package says." example:"8GB"`
	CPU    CPU                `key:"cpu" doc:"The most processors that its container may have, in place of what the package says." example:"1.5"`
}

// Profile is [profile.NAME].
type Profile struct {
	Providers map[EntryName]ProviderSettings `key:"providers" doc:"Settings of providers."`
	Services  map[EntryName]ServiceSettings  `key:"services" doc:"Settings of services."`
}

// ProviderLine is a provider in either form.
type ProviderLine struct{}

func (ProviderLine) schema() *schema { return either(Source(""), ProviderTable{}) }

// ServiceLine is a service in either form.
type ServiceLine struct{}

func (ServiceLine) schema() *schema { return either(Source(""), ServiceTable{}) }

// Language is a version of the language of conduit.toml.
type Language string

func (Language) schema() *schema {
	return &schema{Type: "string", Pattern: `^v?[0-9]+(\.[0-9]+){0,2}$`}
}

// Source is where a package is published, with or without a range.
type Source string

func (Source) schema() *schema {
	return &schema{Type: "string", Pattern: `\S`, Examples: []string{"github:OWNER/REPO@^1", "npm:@SCOPE/NAME@^1", "file:./FOLDER"}}
}

// EntryName is a key of [providers], [services] or [aliases].
type EntryName string

func (EntryName) schema() *schema { return &schema{Pattern: `^[A-Za-z0-9][A-Za-z0-9_.-]*$`} }

// EnvName is the name of an environment variable.
type EnvName string

func (EnvName) schema() *schema { return &schema{Type: "string", Pattern: `^[A-Za-z_][A-Za-z0-9_]*$`} }

// Scalar is text, or what becomes text.
type Scalar struct{}

func (Scalar) schema() *schema { return &schema{Type: []string{"string", "number", "boolean"}} }

// Port is a port, 0 for any.
type Port int

func (Port) schema() *schema { return within(0, 65535) }

// Idle is a Go duration.
type Idle string

func (Idle) schema() *schema {
	return &schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
}

// GPU is whether a service gets GPUs.
type GPU string

func (GPU) schema() *schema {
	return &schema{Type: "string", Enum: []string{"auto", "required", "off"}}
}

// Memory is a size, or none for no limit.
type Memory string

func (Memory) schema() *schema {
	return &schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]?|none)$`}
}

// CPU is a number of processors, or none for no limit.
type CPU string

func (CPU) schema() *schema {
	return &schema{Type: "string", Pattern: `^([0-9]*[1-9][0-9]*(\.[0-9]+)?|[0-9]*\.[0-9]*[1-9][0-9]*|none)$`}
}

// Driver is what starts a service.
type Driver string

func (Driver) schema() *schema {
	return &schema{Type: "string", Enum: []string{"auto", "docker", "process"}}
}
