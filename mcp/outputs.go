package mcp

import (
	"maps"
	"os"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// inlineMost is how many bytes an output may have that is sent within the result. Clients refuse larger messages.
const inlineMost = 4 << 20

// answer is a model's response as a result. Media other than text have a resource link, and images, sound and small files
// are in the result as well.
func (s *Server) answer(response plugin.Response) (*sdk.CallToolResult, error) {
	out := &sdk.CallToolResult{Content: []sdk.Content{}}
	if len(response.Metadata) > 0 {
		out.Meta = sdk.Meta{}
		for key, value := range maps.All(response.Metadata) {
			out.Meta["conduit/"+key] = value
		}
	}
	for _, m := range response.Outputs {
		switch {
		case m.URL != "":
			out.Content = append(out.Content, &sdk.ResourceLink{URI: m.URL, Name: m.Type, MIMEType: m.MIME})
		case m.Path == "" && m.Data == nil:
			out.Content = append(out.Content, &sdk.TextContent{Text: m.Text})
		default:
			content, err := s.keep(m)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, content...)
		}
	}
	return out, nil
}

// keep stores an output, and returns what tells of it.
func (s *Server) keep(m plugin.Media) ([]sdk.Content, error) {
	if m.MIME == "" {
		m.MIME = typeOf(m)
	}
	kept, err := s.results.add(m)
	if err != nil {
		return nil, err
	}
	link := &sdk.ResourceLink{URI: kept.uri(), Name: kept.name, MIMEType: m.MIME, Size: &kept.size}
	if s.opts.Files {
		link.Description = "also the file " + kept.path
	}
	if kept.size > inlineMost {
		return []sdk.Content{link}, nil
	}
	data, err := os.ReadFile(kept.path)
	if err != nil {
		return nil, storeError(err)
	}
	switch media.Kind(m.MIME) {
	case "image":
		return []sdk.Content{&sdk.ImageContent{Data: data, MIMEType: m.MIME}, link}, nil
	case "audio":
		return []sdk.Content{&sdk.AudioContent{Data: data, MIMEType: m.MIME}, link}, nil
	}
	return []sdk.Content{&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: kept.uri(), MIMEType: m.MIME, Blob: data}}, link}, nil
}

// typeOf is the media type of an output whose provider does not tell.
func typeOf(m plugin.Media) string {
	found, err := media.Type(m.Path, func() ([]byte, error) {
		if m.Path == "" {
			return m.Data[:min(len(m.Data), media.HeadSize)], nil
		}
		f, err := os.Open(m.Path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		head := make([]byte, media.HeadSize)
		n, err := f.Read(head)
		return head[:n], err
	})
	if err != nil {
		return "application/octet-stream"
	}
	return found
}

// outputError explains that a provider names a file that cannot be read.
func outputError(err error) error {
	return &report.Error{Kind: report.Provider, What: "the provider names an output that cannot be read", Err: err,
		Next: "tell the provider's author: files have to stay until the call has ended"}
}
