package service

import (
	"context"
	"time"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/manifest"
)

// Names of drivers, for [Options] and [Spec].
const (
	Auto    = "auto"    // Docker where an engine answers, else a process
	Docker  = "docker"  // containers, from the package's compose file
	Process = "process" // a local process, from the package's process.command
)

// Spec is one service instance as a project wants it.
type Spec struct {
	Project string                 // the project's identity, see [ProjectID]
	Name    string                 // unique in the project: "cowsay-service", or "cowsay-service-v2" where two lines run side by side
	Source  string                 // canonical source; "file:" sources are trusted, see the package comment
	Version string                 // canonical with leading v; "" for a folder
	Sum     string                 // "h1:…" over the package's files; computed from Dir when ""
	Dir     string                 // the verified package folder; never written to
	Service *manifest.Service      // what the package says about itself
	Hint    manifest.ServiceConfig // what the provider says about it, where the package is silent
	Env     map[string]string      // the user's settings: set in the service's environment and for interpolation
	Port    int                    // fixed host port, 0 for a free one
	Driver  string                 // Auto, Docker or Process; "" means the one of [Options]
	Images  []Image                // what the lock says of the images
	Offline bool                   // nothing may be pulled: an image that the engine lacks is an error of kind Network
	Held    image.Blobs            // what this machine has of locked images besides the engine; nil for nothing
	Carried image.Blobs            // the same with what comes from mirrors, for Prepare; nil for nothing
	Limits  Limits                 // of the project, over what the package says
	Pinned  bool                   // policy: an image that the lock does not pin is an error of kind Policy
}

// Limits are what a container may have of the machine. Each is "" for what the package says. A process is not limited.
type Limits struct {
	GPU    string // "auto", "required" or "off"
	Memory string // as in "8GB"; "none" for no limit
	CPU    string // processors, as in "1.5"; "none" for no limit
}

// Port is one published port.
type Port struct {
	Container int    `json:"container"` // port that the service listens on, in its container
	Host      int    `json:"host"`      // port on 127.0.0.1
	Name      string `json:"name"`      // the compose service that it belongs to, or the service's own name
}

// Values of Status.Health.
const (
	Starting  = "starting"
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
	NoHealth  = "none" // not running, or nothing to probe
)

// Status is one service instance as it is.
type Status struct {
	Name             string    `json:"name"`
	Project          string    `json:"project"`
	Source           string    `json:"source"`
	Version          string    `json:"version,omitempty"`
	Driver           string    `json:"driver"` // Docker or Process
	ID               string    `json:"id"`     // full container ID or process ID
	Image            string    `json:"dockerImage,omitempty"`
	Running          bool      `json:"running"`
	State            string    `json:"state"`                    // "running", "exited", "created", "restarting", …
	Health           string    `json:"health"`                   // by the probe from the host: Starting, Healthy, Unhealthy, NoHealth
	ContainerCheck   string    `json:"containerCheck,omitempty"` // the container's own health check, shown beside
	Ports            []Port    `json:"ports"`                    // the one that providers talk to comes first
	Started          time.Time `json:"started,omitzero"`
	LastCheck        time.Time `json:"lastCheck,omitzero"`
	ContainerName    string    `json:"containerName,omitempty"`
	ComposeService   string    `json:"composeService,omitempty"` // the one that providers talk to
	ComposeFile      string    `json:"composeFile,omitempty"`    // absolute path
	HealthCheckURL   string    `json:"healthCheckUrl,omitempty"` // with the real port
	Network          string    `json:"network,omitempty"`
	ServiceDirectory string    `json:"serviceDirectory"`
	Problem          string    `json:"problem,omitempty"` // why it is not healthy, as its last probe or its exit said
	Dead             []string  `json:"dead,omitempty"`    // containers beside the main one that should run and do not
	Failures         []Failure `json:"failures,omitempty"`
	Held             int       `json:"held,omitempty"`     // stable port on 127.0.0.1 that a supervisor keeps for it
	Restarts         int       `json:"restarts,omitempty"` // by its supervisor
	Matches          string    `json:"-"`                  // hash of the Spec it was started from
}

// Address is where providers reach the service, "http://127.0.0.1:PORT": the stable port where one is held for it, else its
// own, or "" when it publishes none.
func (s Status) Address() string {
	if s.Held != 0 {
		return baseURL(s.Held)
	}
	if len(s.Ports) == 0 || s.Ports[0].Host == 0 {
		return ""
	}
	return baseURL(s.Ports[0].Host)
}

// LogOptions selects log lines.
type LogOptions struct {
	Tail   int       // the last N lines of each container; 0 means all
	Since  time.Time // zero means from the start; the process driver, whose log has no times, leaves out whole files that are older
	Follow bool      // go on until the context ends or the service stops
	New    bool      // nothing that was written before
	Shown  bool      // only of containers whose log compose shows while they are up, which is all but those that say attach: false
}

// Driver runs services in one way. All methods are safe for concurrent use, by several processes too. Errors are
// [report.Error] values of kind Service unless said otherwise.
type Driver interface {
	// Name is Docker, Process, or Auto for the one that chooses.
	Name() string

	// Ping tells whether the driver can work here: nil, or why not.
	Ping(ctx context.Context) error

	// Prepare builds or pulls what Up needs. It is the slow part and belongs to a sync.
	Prepare(ctx context.Context, spec Spec) error

	// Prepared tells whether Up would find everything in place.
	Prepared(ctx context.Context, spec Spec) (bool, error)

	// Up makes sure that the service runs as spec says and is healthy. It adopts a running instance that was started from
	// an equal spec and replaces one that was not. An instance that does not become healthy is left as it is, for its
	// logs; the error shows the last of them.
	Up(ctx context.Context, spec Spec) (Status, error)

	// Down stops services of a project, all when names is empty, and leaves no container, network or process of theirs.
	// Named volumes stay: they are the user's data. What does not run is no error.
	Down(ctx context.Context, project string, names []string) error

	// Stop stops services of a project, all when names is empty, and keeps what they are made of: [Driver.Up] starts the
	// same containers again, with their logs and anonymous volumes.
	Stop(ctx context.Context, project string, names []string) error

	// List returns the instances of a project, running or not, sorted by name, each probed once, all at the same time.
	List(ctx context.Context, project string) ([]Status, error)

	// Look is List without probes: what runs where.
	Look(ctx context.Context, project string) ([]Status, error)

	// Watch calls changed with the name of an instance of which something started or ended, and with "" where any may
	// have. It does so until the context ends, through times without an engine.
	Watch(ctx context.Context, project string, changed func(name string))

	// Logs hands the log lines of an instance to line, without line ends; where several containers write, each line
	// starts with the container's compose service and " | ". An instance that does not exist is an error.
	Logs(ctx context.Context, project, name string, opts LogOptions, line func(string)) error

	// Restart stops the instance if it runs and does what Up does.
	Restart(ctx context.Context, spec Spec) (Status, error)
}
