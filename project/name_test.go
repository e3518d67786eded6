package project

import (
	"testing"

	"github.com/MediaConduit/conduit/resolve"
)

func TestDefaultName(t *testing.T) {
	for source, want := range map[string]string{
		"github:MediaConduit/cowsay-provider": "cowsay",
		"github:acme/Whisper_Provider":        "whisper",
		"github:acme/media//providers/flux":   "flux",
		"github:acme/media//flux/provider":    "flux",
		"npm:@fal-ai/provider":                "fal-ai",
		"npm:@acme/whisper-provider":          "whisper",
		"git:example.com/tools/cow-service":   "cow",
		"file:/home/me/cowsay/provider":       "cowsay",
		"file:./provider":                     "provider",
	} {
		src, _, err := resolve.ParseSource(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := defaultName(src); got != want {
			t.Errorf("defaultName(%s) = %q, want %q", source, got, want)
		}
	}
}

func TestEnvName(t *testing.T) {
	for service, want := range map[string]string{"cowsay-service": "COWSAY", "gpu": "GPU", "text-to-speech-service": "TEXT_TO_SPEECH"} {
		if got := envName(service); got != want {
			t.Errorf("envName(%s) = %q, want %q", service, got, want)
		}
	}
}
