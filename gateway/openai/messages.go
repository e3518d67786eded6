package openai

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
)

// message is one message of a conversation.
type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
	Name    string          `json:"name,omitempty"`

	text   string
	images []call.Input
}

// part is a part of a message's content.
type part struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

// read reads a message's content: a text, or a list of parts.
func (m *message) read(i int) error {
	where := fmt.Sprintf("messages[%d]", i)
	switch m.Role {
	case "system", "developer", "user", "assistant":
	case "tool", "function":
		return unsupported(where+" of the role "+m.Role, "models of this contract call no tools; use MCP, or leave the message out")
	default:
		return failure.Usage(fmt.Sprintf("%s has the role %q, which means nothing", where, m.Role), "use system, user or assistant")
	}
	if len(m.Content) == 0 || string(m.Content) == "null" {
		return nil
	}
	if json.Unmarshal(m.Content, &m.text) == nil {
		return nil
	}
	var parts []part
	if err := json.Unmarshal(m.Content, &parts); err != nil {
		return failure.Usage(where+".content is neither a text nor a list of parts", `"content": "…"`)
	}
	var texts []string
	for j, p := range parts {
		switch p.Type {
		case "text":
			texts = append(texts, p.Text)
		case "image_url":
			image, err := fromDataURL(p.ImageURL.URL)
			if err != nil {
				return err
			}
			m.images = append(m.images, image)
		default:
			return unsupported(fmt.Sprintf("%s.content[%d] of the type %q", where, j, p.Type), "use parts of the types text and image_url")
		}
	}
	m.text = strings.Join(texts, "\n")
	return nil
}

// fromDataURL reads an image that a request holds (RFC 2397). Addresses are not fetched: a client must not reach through the
// gateway what only its machine can reach.
func fromDataURL(address string) (call.Input, error) {
	header, data, ok := strings.Cut(address, ",")
	kind, base64ed := strings.CutSuffix(strings.TrimPrefix(header, "data:"), ";base64")
	if !ok || !strings.HasPrefix(header, "data:") || !base64ed {
		return call.Input{}, unsupported("an image by its address", `send the image itself: "url": "data:image/png;base64,…"`)
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return call.Input{}, failure.Usage("an image is not valid base64", `"url": "data:image/png;base64,…"`)
	}
	kind, _, _ = strings.Cut(kind, ";")
	return call.Input{Type: "image", MIME: kind, Data: raw}, nil
}

// conversation is what a model gets of messages: all of it as one prompt, for models that take a text, and the turns, for
// those that know of turns.
func conversation(messages []message) (prompt string, turns []any, images []call.Input, err error) {
	if len(messages) == 0 {
		return "", nil, nil, failure.Usage("there are no messages", `"messages": [{"role": "user", "content": "…"}]`)
	}
	var system, said []string
	var users []string
	for i := range messages {
		m := &messages[i]
		if err := m.read(i); err != nil {
			return "", nil, nil, err
		}
		images = append(images, m.images...)
		role := m.Role
		switch role {
		case "system", "developer":
			role = "system"
			system = append(system, m.text)
		case "user":
			users = append(users, m.text)
			said = append(said, "User: "+m.text)
		case "assistant":
			said = append(said, "Assistant: "+m.text)
		}
		turns = append(turns, map[string]any{"role": role, "content": m.text})
	}
	if len(said) == 1 && len(users) == 1 { // a single turn needs no name
		said = users
	} else if len(said) > 1 {
		said = append(said, "Assistant:")
	}
	return strings.Join(append(system, said...), "\n\n"), turns, images, nil
}
