package plugin

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// toStruct takes the way over JSON because settings come from TOML, whose lists and times structpb does not know.
func toStruct(values map[string]any) (*structpb.Struct, error) {
	if len(values) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	out := new(structpb.Struct)
	return out, out.UnmarshalJSON(text)
}

// asMap is nil for a struct that is absent, so that it is left out of machine output.
func asMap(s *structpb.Struct) map[string]any {
	if len(s.GetFields()) == 0 {
		return nil
	}
	return s.AsMap()
}

func fromDescription(d *providerv1.Description) Description {
	return Description{
		ID: d.GetId(), Name: d.GetName(), Type: d.GetType(), Capabilities: d.GetCapabilities(),
		Models: fromModels(d.GetModels()), Description: d.GetDescription(), Version: d.GetVersion(),
	}
}

func toDescription(d Description) (*providerv1.Description, error) {
	models, err := toModels(d.Models)
	return &providerv1.Description{
		Id: d.ID, Name: d.Name, Type: d.Type, Capabilities: d.Capabilities, Models: models,
		Description: d.Description, Version: d.Version,
	}, err
}

func fromModels(models []*providerv1.Model) []Model {
	var out []Model
	for _, m := range models {
		out = append(out, Model{
			ID: m.GetId(), Name: m.GetName(), Description: m.GetDescription(), Capabilities: m.GetCapabilities(),
			InputTypes: m.GetInputTypes(), OutputTypes: m.GetOutputTypes(),
			Parameters: asMap(m.GetParameters()), Pricing: asMap(m.GetPricing()),
		})
	}
	return out
}

func toModels(models []Model) ([]*providerv1.Model, error) {
	var out []*providerv1.Model
	for _, m := range models {
		parameters, err := toStruct(m.Parameters)
		if err != nil {
			return nil, fmt.Errorf("parameters of model %s: %w", m.ID, err)
		}
		pricing, err := toStruct(m.Pricing)
		if err != nil {
			return nil, fmt.Errorf("pricing of model %s: %w", m.ID, err)
		}
		out = append(out, &providerv1.Model{
			Id: m.ID, Name: m.Name, Description: m.Description, Capabilities: m.Capabilities,
			InputTypes: m.InputTypes, OutputTypes: m.OutputTypes, Parameters: parameters, Pricing: pricing,
		})
	}
	return out, nil
}

func fromMedia(media []*providerv1.Media) []Media {
	var out []Media
	for _, m := range media {
		out = append(out, Media{
			Type: m.GetType(), MIME: m.GetMimeType(), Text: m.GetText(), Path: m.GetPath(), Data: m.GetData(), URL: m.GetUrl(),
			Metadata: asMap(m.GetMetadata()),
		})
	}
	return out
}

func toMedia(media []Media) ([]*providerv1.Media, error) {
	var out []*providerv1.Media
	for i, m := range media {
		metadata, err := toStruct(m.Metadata)
		if err != nil {
			return nil, fmt.Errorf("metadata of item %d: %w", i+1, err)
		}
		wire := &providerv1.Media{Type: m.Type, MimeType: m.MIME, Metadata: metadata}
		switch {
		case m.Path != "":
			if !filepath.IsAbs(m.Path) {
				return nil, fmt.Errorf("%s is not an absolute path", m.Path)
			}
			wire.Content = &providerv1.Media_Path{Path: m.Path}
		case m.URL != "":
			wire.Content = &providerv1.Media_Url{Url: m.URL}
		case m.Data != nil:
			if len(m.Data) > MaxInline {
				return nil, fmt.Errorf("item %d has %d bytes; more than %d bytes have to go by file", i+1, len(m.Data), MaxInline)
			}
			wire.Content = &providerv1.Media_Data{Data: m.Data}
		default:
			wire.Content = &providerv1.Media_Text{Text: m.Text}
		}
		out = append(out, wire)
	}
	return out, nil
}

func toServiceInfo(info ServiceInfo) *providerv1.ServiceInfo {
	out := &providerv1.ServiceInfo{
		Name: info.Name, Host: info.Host, BaseUrl: info.BaseURL, HealthUrl: info.HealthURL, Container: info.Container,
		Image: info.Image, ComposeService: info.ComposeService, ComposeFile: info.ComposeFile, Network: info.Network,
		Directory: info.Directory,
		Status: &providerv1.ServiceStatus{
			Running: info.Status.Running, Health: info.Status.Health, State: info.Status.State,
			ContainerId: info.Status.ContainerID, StartedUnixMs: toMillis(info.Status.Started),
			CheckedUnixMs: toMillis(info.Status.Checked), Message: info.Status.Message,
		},
	}
	for _, port := range info.Ports {
		out.Ports = append(out.Ports, int32(port))
	}
	return out
}

func fromServiceInfo(info *providerv1.ServiceInfo) ServiceInfo {
	status := info.GetStatus()
	out := ServiceInfo{
		Name: info.GetName(), Host: info.GetHost(), BaseURL: info.GetBaseUrl(), HealthURL: info.GetHealthUrl(),
		Container: info.GetContainer(), Image: info.GetImage(), ComposeService: info.GetComposeService(),
		ComposeFile: info.GetComposeFile(), Network: info.GetNetwork(), Directory: info.GetDirectory(),
		Status: ServiceStatus{
			Running: status.GetRunning(), Health: status.GetHealth(), State: status.GetState(),
			ContainerID: status.GetContainerId(), Started: fromMillis(status.GetStartedUnixMs()),
			Checked: fromMillis(status.GetCheckedUnixMs()), Message: status.GetMessage(),
		},
	}
	for _, port := range info.GetPorts() {
		out.Ports = append(out.Ports, int(port))
	}
	return out
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
