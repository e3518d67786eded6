package main

// Service is a MediaConduit.service.yml.
type Service struct {
	ID           string       `key:"id" doc:"The service's name."`
	Name         string       `key:"name" doc:"The name that people read."`
	Description  string       `key:"description" doc:"What it does, in one sentence."`
	Version      Scalar       `key:"version" doc:"Shown only: the version is the git tag or the npm version."`
	Type         any          `key:"type" doc:"Not read by conduit."`
	Docker       Docker       `key:"docker" doc:"How Docker Compose runs it."`
	Process      Process      `key:"process" doc:"How to run it where no Docker engine answers: on the port that the variable PORT names."`
	Capabilities []Capability `key:"capabilities" doc:"What it is good for; shown only."`
	Requirements Requirements `key:"requirements" doc:"What the machine must have."`
	Requires     Requires     `key:"requires" doc:"Further services that it needs."`
	Container
	Unread
	Permissions   any `key:"permissions" doc:"Not read by conduit."`
	Configuration any `key:"configuration" doc:"Not read by conduit."`
	Models        any `key:"models" doc:"Not read by conduit."`
}

func (Service) schema() *schema {
	type fields Service
	s := of(fields{})
	s.AnyOf = []*schema{{Required: []string{"id"}}, {Required: []string{"name"}}}
	return s
}

// Docker is docker.
type Docker struct {
	Container
	Requirements  Requirements `key:"requirements" doc:"What the machine must have."`
	DockerCompose string       `key:"dockerCompose" doc:"Another name of composeFile."`
	Build         any          `key:"build" doc:"Not read by conduit: the compose file says it."`
	Command       any          `key:"command" doc:"Not read by conduit: the compose file says it."`
	Network       any          `key:"network" doc:"Not read by conduit: the compose file says it."`
	Networks      any          `key:"networks" doc:"Not read by conduit: the compose file says it."`
	Dockerfile    any          `key:"dockerfile" doc:"Not read by conduit: the compose file says it."`
}

// Container is what older files say outside docker.
type Container struct {
	ComposeFile string      `key:"composeFile" doc:"The compose file, relative to this one." example:"docker-compose.yml"`
	ServiceName string      `key:"serviceName" doc:"The compose service that providers talk to, where there are several."`
	Image       string      `key:"image" doc:"The image, for people; the compose file decides."`
	Ports       []Published `key:"ports" doc:"The container's ports; 0 for any. The host's are chosen when it starts."`
	HealthCheck HealthCheck `key:"healthCheck" doc:"How to find out that it works."`
	Environment Environment `key:"environment" doc:"Set in its environment."`
	Volumes     any         `key:"volumes" doc:"Not read by conduit: the compose file says it."`
}

// HealthCheck is healthCheck.
type HealthCheck struct{}

func (HealthCheck) schema() *schema { return either("", Health{}) }

// Health is healthCheck in its long form.
type Health struct {
	URL         string   `key:"url" doc:"The address that answers when the service is ready." example:"http://localhost:__PORT__/health"`
	Endpoint    string   `key:"endpoint" doc:"Its path alone." example:"/health"`
	Path        string   `key:"path" doc:"Another name of endpoint."`
	Interval    Duration `key:"interval" doc:"The time between two probes." example:"30s"`
	Timeout     Duration `key:"timeout" doc:"How long an answer may take." example:"10s"`
	Retries     Count    `key:"retries" doc:"How many failures in a row make it unhealthy."`
	Test        any      `key:"test" doc:"Not read by conduit: the compose file says it."`
	StartPeriod Duration `key:"startPeriod" doc:"For how long after a start failures do not count." example:"1m"`
	StartSnake  Duration `key:"start_period" doc:"Another name of startPeriod."`
}

// Duration is a Go duration, or seconds.
type Duration struct{}

func (Duration) schema() *schema {
	zero := 0
	return either(&schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^[0-9]+$`}, &schema{Type: "integer", Minimum: &zero})
}

// Count is a number that is not negative.
type Count int

func (Count) schema() *schema { zero := 0; return &schema{Type: "integer", Minimum: &zero} }

// Published is a port, in the short or the long syntax of compose.
type Published struct{}

func (Published) schema() *schema {
	return either(Port(0), "", &schema{Type: "object", Properties: properties{{"target", of(Port(0))}}, Required: []string{"target"}})
}

// Process is process.
type Process struct{}

func (Process) schema() *schema { return either("", []Scalar{}, Command{}) }

// Command is process in its long form.
type Command struct {
	Command     Words       `key:"command" need:"yes" doc:"The program and its arguments; no shell is used." example:"[node, server.mjs]"`
	Env         Environment `key:"env" doc:"Set in its environment."`
	Environment Environment `key:"environment" doc:"Another name of env."`
	Signal      string      `key:"stopSignal" doc:"The signal that asks it to stop; SIGTERM without it." example:"SIGINT"`
	SignalSnake string      `key:"stop_signal" doc:"Another name of stopSignal."`
	Grace       Duration    `key:"stopGracePeriod" doc:"How long it may take to stop; 10s without it." example:"30s"`
	GraceSnake  Duration    `key:"stop_grace_period" doc:"Another name of stopGracePeriod."`
}

// Words are a list, or a text that is cut at blanks.
type Words struct{}

func (Words) schema() *schema {
	return either("", &schema{Type: "array", Items: of(Scalar{}), MinItems: 1})
}

// Requirements is requirements.
type Requirements struct {
	GPU    any    `key:"gpu" doc:"Whether it needs a GPU."`
	Memory Scalar `key:"memory" doc:"The memory that it needs." example:"2GB"`
	CPU    Scalar `key:"cpu" doc:"The processors that it needs." example:"1.0"`
	CPUs   Scalar `key:"cpus" doc:"Another name of cpu."`
	Disk   any    `key:"disk" doc:"Not read by conduit."`
	Own    any    `key:"x-*" doc:"Your own keys; not read by conduit."`
}
