package service

import (
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/report"
)

// rewriteFiles honours uid, gid and mode of secrets and configs that are files. Such a file is mounted as it is on the host,
// so that only a copy can have others: it is written into the container before that starts, as compose does with values.
func rewriteFiles(spec Spec, p *types.Project, s *types.ServiceConfig) error {
	if s.ReadOnly {
		return nil // takes no copy; mounted, which is what compose does for all
	}
	for i := range s.Secrets {
		ref := types.FileReferenceConfig(s.Secrets[i])
		file := p.Secrets[ref.Source].File
		if file == "" || !owned(ref) {
			continue
		}
		text, err := content(spec, "secret "+ref.Source, file)
		if err != nil {
			return err
		}
		key := "copy-" + ref.Source
		if ref.Target == "" {
			ref.Target = "/run/secrets/" + ref.Source
		}
		ref.Source = key
		s.Secrets[i] = types.ServiceSecretConfig(ref)
		p.Secrets[key] = types.SecretConfig{Name: key, Environment: key, Content: text}
	}
	for i := range s.Configs {
		ref := types.FileReferenceConfig(s.Configs[i])
		file := p.Configs[ref.Source].File
		if file == "" || !owned(ref) {
			continue
		}
		text, err := content(spec, "config "+ref.Source, file)
		if err != nil {
			return err
		}
		key := "copy-" + ref.Source
		if ref.Target == "" {
			ref.Target = "/" + ref.Source
		}
		ref.Source = key
		s.Configs[i] = types.ServiceConfigObjConfig(ref)
		p.Configs[key] = types.ConfigObjConfig{Name: key, Content: text}
	}
	return nil
}

func owned(ref types.FileReferenceConfig) bool {
	return ref.UID != "" || ref.GID != "" || ref.Mode != nil
}

func content(spec Spec, what, file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", &report.Error{Kind: report.Service, What: fmt.Sprintf("cannot read the %s of service %s", what, spec.Name), Where: file, Err: err,
			Next: "check that the file exists and is readable; the package is " + spec.place()}
	}
	return string(data), nil
}
