package project

import (
	"maps"
	"testing"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

func TestSettingsOfAProfile(t *testing.T) {
	m, err := lockfile.ParseManifest(lockfile.ManifestName, []byte(`
conduit = "0.1"
[services]
gpu = { source = "github:company/gpu-service", env = { BATCH = "32", KEEP = "1" }, port = 9100 }
[profile.production.services.gpu]
env = { BATCH = "256" }
`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&Project{}).settings(m, lockfile.KindService, "gpu")
	if err != nil || got.Env["BATCH"] != "32" || got.Port != 9100 {
		t.Errorf("without a profile: %+v, %v", got, err)
	}
	got, err = (&Project{profile: "production"}).settings(m, lockfile.KindService, "gpu")
	if err != nil || !maps.Equal(got.Env, map[string]string{"BATCH": "256", "KEEP": "1"}) || got.Port != 9100 {
		t.Errorf("with a profile: %+v, %v", got, err)
	}
	if _, err = (&Project{profile: "staging"}).settings(m, lockfile.KindService, "gpu"); report.KindOf(err) != report.Usage {
		t.Errorf("with an unknown profile: %v", err)
	}
	if got, err = (&Project{}).settings(m, lockfile.KindService, "other"); err != nil || got.Name != "other" || got.Env != nil {
		t.Errorf("a service without settings: %+v, %v", got, err)
	}
}
