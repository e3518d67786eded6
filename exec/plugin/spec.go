package plugin

import (
	"context"
	"time"
)

// Spec is everything that a provider's process is started with.
type Spec struct {
	Name        string                 // the provider's name in the project
	Command     []string               // argv of a native provider; empty for a TypeScript provider under Node
	Node        string                 // Node's executable, a path or a name to look up in the PATH of Env
	NodeVersion string                 // version of Node where conduit.lock provides it, without a leading v; else ""
	Host        string                 // path of the built host, host.cjs
	Artifact    string                 // the built provider's folder, which holds provider.mjs
	ExportName  string                 // name of the exported class, where the manifest states one
	Type        string                 // "local" or "remote", as the manifest says
	Env         []string               // the whole environment of the process, see [Environment]
	Config      map[string]any         // handed to the provider's configure() where it is not empty
	Secrets     []Secret               // what must not be in its records, its errors and its progress
	Services    map[string]ServiceInfo // every service it may use, by name and by each source text that may name it
	Default     string                 // key in Services of the service that the provider declares; "" without one
	Dir         string                 // the process's working folder, also where it puts the media it makes
	Access      *Access                // what the kernel lets the process reach; nil for all that conduit may
	Memory      int64                  // bytes that its process and what that starts may have together; 0 for any number
	Shared      bool                   // it has several callers: one whose time is over does not end it for the others, unless it answers nobody
	Refused     func(text string)      // is told what the kernel refused it, as far as its errors say so, at most 100 times; nil for nobody
	Log         func(Record)           // receives log records in order, one at a time; while it does not return, the provider's output waits
}

// Record is one log record of a provider: what it wrote to the console, or what its host has to say.
type Record struct {
	Time    time.Time
	Level   string // "trace", "debug", "info", "warn", "error" or "fatal"
	Message string // may have several lines
}

// ServiceInfo is what a provider may know of a service.
type ServiceInfo struct {
	Name           string // in the project
	Host           string // "127.0.0.1"
	Ports          []int  // on the host, the one that providers talk to first
	BaseURL        string // "http://127.0.0.1:49213"
	HealthURL      string // "http://127.0.0.1:49213/health"; "" where none is declared
	Container      string // container name; "" for a local process
	Image          string
	ComposeService string
	ComposeFile    string
	Network        string
	Directory      string // the service package's folder
	Status         ServiceStatus
}

// ServiceStatus is the state of a service at one moment.
type ServiceStatus struct {
	Running     bool
	Health      string    // "healthy", "unhealthy", "starting" or "none"
	State       string    // "running", "exited", …
	ContainerID string    // "" for a local process
	Started     time.Time // zero when it does not run
	Checked     time.Time // when Health was found out; zero for never
	Message     string    // why it is not healthy
}

// Services is how a provider's questions about its services are answered. name is a [ServiceInfo]'s Name. Methods may be
// called concurrently. Start and Restart return when the service is healthy; ports may have changed.
type Services interface {
	Status(ctx context.Context, name string) (ServiceInfo, error)
	Start(ctx context.Context, name string) (ServiceInfo, error)
	Stop(ctx context.Context, name string) (ServiceInfo, error)
	Restart(ctx context.Context, name string) (ServiceInfo, error)
}
