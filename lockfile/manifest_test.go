package lockfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

const example = `conduit = "0.1"                        # lowest conduit that may read this file

[toolchain]
node = "^22"                           # optional

[providers]
cowsay  = "github:MediaConduit/cowsay-provider@^1.2"
whisper = { source = "npm:@acme/whisper-provider", version = "~2.1", config = { model = "base", n = 3 }, env = ["HF_TOKEN"] }
mine    = { source = "file:./providers/mine" }
fal     = "fal-ai"

[services]
gpu = { source = "github:company/gpu-service", version = ">=1.4 <3", env = { BATCH = "32", DEBUG = true }, port = 9100, driver = "docker" }

[replace]
"github:MediaConduit/cowsay-service" = "file:../cowsay-service"
"npm:form-data" = "4.0.4"

[exclude]
"github:company/gpu-service" = ["v1.4.1"]

[aliases]
fal-ai = "npm:@fal-ai/provider@^1"

[profile.production.services.gpu]
env = { BATCH = "256" }

[profile.test.providers]
whisper.config = { model = "tiny" }

[policy]
sha1 = ["old@1.0.0"]
build = ["b@2.0.0", "@a/b@1.0.0"]
hosts = ["files.example.com"]
`

func TestParseManifest(t *testing.T) {
	for _, text := range []string{example, "\xef\xbb\xbf" + example, strings.ReplaceAll(example, "\n", "\r\n")} {
		m, err := ParseManifest("conduit.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if m.Line["providers.whisper"] != 8 || m.Line["replace.npm:form-data"] != 17 || m.Line["toolchain.node"] != 4 {
			t.Errorf("lines %v", m.Line)
		}
		m.Line = nil
		want := &Manifest{
			Conduit: "0.1", Node: "^22",
			Providers: []Entry{
				{Name: "cowsay", Source: "github:MediaConduit/cowsay-provider", Range: "^1.2", Line: 7},
				{Name: "whisper", Source: "npm:@acme/whisper-provider", Range: "~2.1", Config: map[string]any{"model": "base", "n": int64(3)}, Pass: []string{"HF_TOKEN"}, Line: 8},
				{Name: "mine", Source: "file:./providers/mine", Line: 9},
				{Name: "fal", Source: "fal-ai", Line: 10},
			},
			Services: []Entry{{Name: "gpu", Source: "github:company/gpu-service", Range: ">=1.4 <3", Env: map[string]string{"BATCH": "32", "DEBUG": "true"},
				Port: 9100, Driver: "docker", Line: 13}},
			Replace: []Replacement{
				{Old: "github:MediaConduit/cowsay-service", New: "file:../cowsay-service", Line: 16},
				{Old: "npm:form-data", New: "4.0.4", Line: 17},
			},
			Exclude: map[string][]string{"github:company/gpu-service": {"v1.4.1"}},
			Policy:  Policy{SHA1: []string{"old@1.0.0"}, Hosts: []string{"files.example.com"}, Build: []string{"b@2.0.0", "@a/b@1.0.0"}},
			Aliases: map[string]string{"fal-ai": "npm:@fal-ai/provider@^1"},
			Profiles: map[string]Profile{
				"production": {Services: []Entry{{Name: "gpu", Env: map[string]string{"BATCH": "256"}, Line: 25}}},
				"test":       {Providers: []Entry{{Name: "whisper", Config: map[string]any{"model": "tiny"}, Line: 29}}},
			},
		}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("got  %+v\nwant %+v", m, want)
		}
	}
}

func TestRequirements(t *testing.T) {
	m, err := ParseManifest("conduit.toml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	rs, err := m.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rs {
		got = append(got, r.Kind+" "+r.Name+" "+r.Source.String()+" "+r.Range)
	}
	want := []string{
		"provider cowsay github:MediaConduit/cowsay-provider ^1.2",
		"provider whisper npm:@acme/whisper-provider ~2.1",
		"provider mine " + rs[2].Source.String() + " ",
		"provider fal npm:@fal-ai/provider ^1",
		"service gpu github:company/gpu-service >=1.4 <3",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestNewManifestParses(t *testing.T) {
	m, err := ParseManifest(ManifestName, NewManifest())
	if err != nil || len(m.Providers)+len(m.Services) != 0 {
		t.Fatalf("%+v %v", m, err)
	}
	// What its comments show must work, too.
	shown := strings.NewReplacer("# cowsay", "cowsay", "# whisper", "whisper", "# gpu", "gpu").Replace(string(NewManifest()))
	if m, err = ParseManifest(ManifestName, []byte(shown)); err != nil || len(m.Providers) != 2 || len(m.Services) != 1 {
		t.Fatalf("%+v %v", m, err)
	}
}

func TestManifestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[providers]\ncowsay = github:a/b\n", "conduit.toml:2:10: not valid TOML"},
		{"[providers]\na = \"github:a/b\"\na = \"github:a/b\"\n", "conduit.toml:3:18: not valid TOML: Key 'providers.a' has already been defined"},
		{"a = \n", "conduit.toml:1:5: not valid TOML"},
		{"[provider]\n", "conduit.toml:1: unknown key \"provider\"\n  next: did you mean \"providers\"?"},
		{"\n[tools]\n", "conduit.toml:2: unknown key \"tools\"\n  next: known here: conduit, toolchain, providers, services, replace, exclude, policy, aliases, profile"},
		{"[providers]\na = { soruce = \"github:a/b\" }\n", "conduit.toml:2: unknown key \"soruce\" in [providers.a]\n  next: did you mean \"source\"?"},
		{"[providers.a]\nsource = \"github:a/b\"\nport = 1\n", "conduit.toml:3: unknown key \"port\" in [providers.a]\n  next: known here: source, version, bundle, external, config, env"},
		{"[policy]\nsha1 = [\"a\"]\n", "conduit.toml:2: policy.sha1 names \"a\", which is no version of a package\n  next: write it as\n          sha1 = [\"name@1.2.3\"]"},
		{"[policy]\nhosts = [\"https://a/\"]\n", "conduit.toml:2: policy.hosts names \"https://a/\", which is no host\n  next: write it as\n          hosts = [\"files.example.com\"]"},
		{"[policy]\nbuild = [\"@a/b\"]\n", "conduit.toml:2: policy.build names \"@a/b\", which is no version of a package\n  next: write it as\n          build = [\"name@1.2.3\"]"},
		{"[policy]\nshal = []\n", "did you mean \"sha1\"?"},
		{"[toolchain]\nnod = \"^22\"\n", "did you mean \"node\"?"},
		{"conduit = \"9.1\"\nfuture = 1\n", "conduit.toml:1: the project needs conduit 9.1 or newer, this one reads 0.1\n  next: install a newer conduit"},
		{"conduit = \"0.2\"\n", "conduit.toml:1: the project needs conduit 0.2 or newer"},
		{"conduit = \"new\"\n", "conduit = \"new\" is no version\n  next: write it as\n          conduit = \"0.1\""},
		{"conduit = 0.1\n", "conduit.toml:1: conduit must be text in quotes\n  next: write it as\n          conduit = \"0.1\""},
		{"[providers]\na = 3\n", "conduit.toml:2: providers.a must be a source in quotes or a table\n  next: write it as\n          a = { source = \"github:OWNER/REPO\", version = \"^1\" }"},
		{"[providers]\na = { version = \"^1\" }\n", "conduit.toml:2: provider \"a\" has no source\n  next: add to it\n          source = \"github:OWNER/REPO\""},
		{"[providers]\na = \"\"\n", "conduit.toml:2: provider \"a\" has no source\n  next: write it as\n          a = \"github:OWNER/REPO@^1\""},
		{"[providers]\na = { source = \"github:a/b@^1\", version = \"^2\" }\n", "provider \"a\" has two version ranges\n  next: keep one: take \"@^1\" out of source, or delete version"},
		{"[providers]\na = { source = \"github:a/b\", version = 1 }\n", "providers.a.version must be text in quotes\n  next: write it as\n          version = \"^1\""},
		{"[providers]\na = { source = \"github:a/b\", env = { A = \"1\" } }\n", "providers.a.env must be a list of text\n  next: write it as\n          env = [\"API_TOKEN\"]"},
		{"[providers]\na = { source = \"github:a/b\", env = [\"A=1\"] }\n", "\"A=1\" is no name of an environment variable"},
		{"[providers]\na = { source = \"github:a/b\", config = [] }\n", "providers.a.config must be a table"},
		{"[providers]\n\"a/b\" = \"github:a/b\"\n", "conduit.toml:2: \"a/b\" is no name for a provider"},
		{"[providers]\na = \"github:a\"\n", "conduit.toml:2: "},
		{"[providers]\na = \"unknown-alias\"\n", "conduit.toml:2: unknown name \"unknown-alias\""},
		{"[services]\na = { source = \"github:a/b\", port = 70000 }\n", "services.a.port must be a port\n  next: write a number from 1 to 65535"},
		{"[services]\na = { source = \"github:a/b\", gpu = true }\n", "services.a.gpu must be text in quotes\n  next: write it as"},
		{"[services]\na = { source = \"github:a/b\", gpu = \"yes\" }\n", "gpu is \"yes\", which means nothing\n  next: write one of auto, required, off"},
		{"[providers]\na = { source = \"github:a/b\", memory = \"much\" }\n", "memory is \"much\", which is no size\n  next: write it as\n          memory = \"512MB\""},
		{"[providers]\na = { source = \"github:a/b\", memory = \"10MB\" }\n", "memory is \"10MB\", which no provider can start with\n  next: give it 64MB or more"},
		{"[services]\na = { source = \"github:a/b\", memory = \"much\" }\n", "memory is \"much\", which is no size\n  next: write it as"},
		{"[services]\na = { source = \"github:a/b\", cpu = \"0\" }\n", "cpu is \"0\", which is no number of processors\n  next: write it as"},
		{"[services]\na = { source = \"github:a/b\", driver = \"podman\" }\n", "unknown driver \"podman\"\n  next: write one of auto, docker, process"},
		{"[services]\na = { source = \"github:a/b\", env = { \"A B\" = \"1\" } }\n", "\"A B\" is no name of an environment variable"},
		{"[services]\na = { source = \"github:a/b\", env = { A = [] } }\n", "services.a.env.A must be text"},
		{"providers = 1\n", "conduit.toml:1: providers must be a table\n  next: write it as\n          [providers]"},
		{"[replace]\n\"github:a/b\" = 1\n", "conduit.toml:2: replace.github:a/b must be text in quotes"},
		{"[replace]\n\"github:a/b\" = \"\"\n", "a replacement names a source on both sides"},
		{"[replace]\n\"github:a/b@v1\" = \"file:../b\"\n", "must not name one\n  next: write \"github:a/b\""},
		{"[replace]\nnothing = \"file:../b\"\n", "conduit.toml:2: unknown name"},
		{"[exclude]\n\"github:a/b\" = \"v1\"\n", "exclude.github:a/b must be a list of text\n  next: write it as\n          \"github:a/b\" = [\"v1.2.3\"]"},
		{"[aliases]\na = \"b\"\nb = \"a\"\n", "conduit.toml:2: "},
		{"[profile.x.gpu]\n", "unknown key \"gpu\" in [profile.x]"},
		{"[profile.x.services.gpu]\nsource = \"github:a/b\"\n", "conduit.toml:2: a profile cannot change the source of a service\n  next: a profile holds settings: env, port, driver"},
		{"[profile.x.services]\ngpu = \"github:a/b\"\n", "conduit.toml:2: profile.x.services.gpu must be a table of settings\n  next: a profile holds settings: env, port, driver"},
		{"<<<<<<< HEAD\n", "conduit.toml:1: conflict markers of an unfinished merge\n  next: edit the file"},
	} {
		_, err := ParseManifest("conduit.toml", []byte(c.text))
		var e *report.Error
		if !errors.As(err, &e) || e.Next == "" || !strings.HasPrefix(e.Where, "conduit.toml:") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestReadManifest(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	_, err := ReadManifest(ctx, dir)
	var e *report.Error
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || e.Next != "conduit init" {
		t.Fatal(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(ManifestName, "[replace]\n\"github:a/b\" = \"github:c/d@^1\"\n\"github:e/f\" = \"file:../f\"\n")
	put(LocalName, "[replace]\n\"https://github.com/a/b\" = \"file:../b\"\n")
	m, err := ReadManifest(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Replacement{{Old: "github:e/f", New: "file:../f", Line: 3}, {Old: "https://github.com/a/b", New: "file:../b", Local: true, Line: 2}}
	if !reflect.DeepEqual(m.Replace, want) {
		t.Errorf("%+v", m.Replace)
	}
	put(LocalName, "\n[providers]\na = \"github:a/b\"\n")
	if _, err = ReadManifest(ctx, dir); err == nil || !strings.Contains(err.Error(), "conduit.local.toml:2: key \"providers\" does not belong here\n  next: move it to conduit.toml") {
		t.Error(err)
	}
}

func TestSplitSource(t *testing.T) {
	for in, want := range map[string][2]string{
		"github:o/r@^1.2": {"github:o/r", "^1.2"}, "github:o/r": {"github:o/r", ""}, "npm:@x/y": {"npm:@x/y", ""}, "npm:@x/y@~2": {"npm:@x/y", "~2"},
		"@x/y": {"@x/y", ""}, "@x/y@>=1 <3": {"@x/y", ">=1 <3"}, "file:./a@b": {"file:./a@b", ""}, "./a@b": {"./a@b", ""},
		"https://github.com/o/r@v1": {"https://github.com/o/r", "v1"}, "fal@^1": {"fal", "^1"}, " github:o/r//d@1.x || 2.x ": {"github:o/r//d", "1.x || 2.x"},
	} {
		if s, r := SplitSource(in); s != want[0] || r != want[1] {
			t.Errorf("SplitSource(%q) = %q, %q", in, s, r)
		}
	}
}
