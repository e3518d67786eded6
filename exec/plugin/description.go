package plugin

// Description is what a running provider says about itself.
type Description struct {
	ID           string   `json:"id"`
	Name         string   `json:"name,omitempty"`
	Type         string   `json:"type,omitempty"`         // "local" or "remote"
	Capabilities []string `json:"capabilities,omitempty"` // kebab-case
	Models       []Model  `json:"models,omitempty"`       // those that it knows without asking anyone
	Description  string   `json:"description,omitempty"`
	Version      string   `json:"version,omitempty"` // the provider's own word
}

// Model is one model of a running provider.
type Model struct {
	ID           string         `json:"id"`
	Name         string         `json:"name,omitempty"`
	Description  string         `json:"description,omitempty"`
	Capabilities []string       `json:"capabilities,omitempty"` // kebab-case
	InputTypes   []string       `json:"inputTypes,omitempty"`   // "text", "image", "audio", "video", "3d"
	OutputTypes  []string       `json:"outputTypes,omitempty"`
	Parameters   map[string]any `json:"parameters,omitempty"` // as the provider describes them
	Pricing      map[string]any `json:"pricing,omitempty"`    // as the provider states it
}

// Health is a provider's answer to whether it could do work now.
type Health struct {
	Available bool           `json:"available"`
	Message   string         `json:"message,omitempty"`
	Details   map[string]any `json:"details,omitempty"`
}

// Media is one text, image, sound, video or 3D model. Exactly one of Text, Path, Data and URL holds its content.
type Media struct {
	Type     string         `json:"type"`           // "text", "image", "audio", "video", "3d" or "file"
	MIME     string         `json:"mime,omitempty"` // "image/png"; "" when unknown
	Text     string         `json:"text,omitempty"`
	Path     string         `json:"path,omitempty"` // absolute path of a file
	Data     []byte         `json:"data,omitempty"` // at most [MaxInline] bytes
	URL      string         `json:"url,omitempty"`  // where the provider says its output is; outputs only
	Metadata map[string]any `json:"metadata,omitempty"`
}

// MaxInline is the largest content in bytes that [Media] may carry in Data; anything larger goes by Path.
const MaxInline = 1 << 20

// Text is a Media of type text.
func Text(content string) Media { return Media{Type: "text", MIME: "text/plain", Text: content} }

// Request is one call of a model.
type Request struct {
	Model      string         // model id; "" for the provider's first model with the capability
	Capability string         // kebab-case; "" for whatever the model does
	Inputs     []Media        // prompt first
	Parameters map[string]any // the model's options
	OutputDir  string         // absolute folder for output files; "" for Spec.Dir
	Progress   func(Progress) // receives progress in order; may be nil
}

// Progress is a report from within a call: a state, or a further piece of the text that is being generated.
type Progress struct {
	Fraction float64 // 0 to 1; negative when unknown
	Message  string
	Partial  string
}

// Response is the result of a call.
type Response struct {
	Outputs  []Media        `json:"outputs"`
	Metadata map[string]any `json:"metadata,omitempty"` // usage, cost: as the provider states it
}
