package call

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/files"
)

// inlineMost is how many bytes an output may have that a client wants inline.
const inlineMost = 32 << 20

// Output is one piece of media in an answer: a text, bytes, or the address of a file.
type Output struct {
	Type     string         `json:"type"`
	MIME     string         `json:"mime,omitempty"`
	Text     *string        `json:"text,omitempty"` // of a text, which may be empty
	Data     []byte         `json:"data,omitempty"` // base64 in JSON
	URL      string         `json:"url,omitempty"`  // of the gateway, relative to its own address, or where the provider says that it is
	Metadata map[string]any `json:"metadata,omitempty"`
}

// Result is the answer to a request.
type Result struct {
	Outputs  []Output       `json:"outputs"`
	Metadata map[string]any `json:"metadata,omitempty"` // usage, cost: as the provider states it
}

// FilesPath is where the gateway serves the files of a [files.Store].
const FilesPath = "/files/"

// Deliver makes a result of a model's response: what is too large for it goes to the store. dir is the call's folder.
func Deliver(store *files.Store, response plugin.Response, delivery Delivery, dir string) (Result, error) {
	out := Result{Outputs: make([]Output, len(response.Outputs)), Metadata: response.Metadata}
	for i, m := range response.Outputs {
		o := Output{Type: m.Type, MIME: m.MIME, Metadata: m.Metadata, URL: m.URL}
		switch {
		case m.Path == "" && m.Data == nil && m.URL == "":
			o.Text = &m.Text
		case m.URL != "":
		default:
			small, err := inline(m, delivery)
			if err != nil {
				return Result{}, err
			}
			if small {
				if o.Data, err = Bytes(m); err != nil {
					return Result{}, err
				}
				break
			}
			id, err := store.Add(m, dir)
			if err != nil {
				return Result{}, err
			}
			o.URL = FilesPath + id
		}
		out.Outputs[i] = o
	}
	return out, nil
}

// inline reports whether an output goes into the JSON.
func inline(m plugin.Media, delivery Delivery) (bool, error) {
	size := int64(len(m.Data))
	if m.Path != "" {
		info, err := os.Stat(m.Path)
		if err != nil {
			return false, outputError(err)
		}
		size = info.Size()
	}
	switch delivery {
	case Link:
		return false, nil
	case Inline:
		if size > inlineMost {
			return false, failure.TooLarge(fmt.Sprintf("an output has %d bytes, too many for JSON", size), `leave out "delivery": "inline"; the output then comes as a link`)
		}
		return true, nil
	}
	return size <= plugin.MaxInline, nil
}

// Bytes is the content of a model's output.
func Bytes(m plugin.Media) ([]byte, error) {
	if m.Path == "" {
		if m.Data != nil {
			return m.Data, nil
		}
		return []byte(m.Text), nil
	}
	data, err := os.ReadFile(m.Path)
	if err != nil {
		return nil, outputError(err)
	}
	return data, nil
}

// Copy writes the content of a model's output to w. The error is w's, or says that the output is gone.
func Copy(w io.Writer, m plugin.Media) error {
	if m.Path == "" {
		data, err := Bytes(m)
		return errors.Join(err, write(w, data))
	}
	f, err := os.Open(m.Path)
	if err != nil {
		return outputError(err)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func write(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}
