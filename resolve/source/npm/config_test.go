package npm

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// configured loads the configuration of a user whose .npmrc has these lines.
func configured(t *testing.T, lines ...string) *config {
	t.Helper()
	w := newWorld(t)
	w.npmrc(lines...)
	c, err := loadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAuthorize(t *testing.T) {
	t.Setenv("T0KEN", "pa$$word$HOME")
	c := configured(t, "registry=https://registry.example/npm/",
		"@plain:registry=http://plain.example:8080/", "@user:registry=https://me:pass%20word@user.example/x",
		"//registry.example/npm/:_authToken=${T0KEN}",
		"//plain.example:8080/:_auth=YTpi",
		"//both.example/:username=me", "//both.example/:_password=cGFzcw",
		"//both.example/deep/:_authToken=deep",
		"//half.example/:username=me", "_authToken=everywhere")
	for _, tt := range []struct{ address, registry, want string }{
		{"https://registry.example/npm/a", "", "Bearer pa$$word$HOME"},
		{"https://REGISTRY.example:443/npm/@s%2fa/-/a-1.0.0.tgz", "", "Bearer pa$$word$HOME"},
		{"https://registry.example/files/a.tgz", "https://registry.example/npm/", "Bearer pa$$word$HOME"}, // the registry's own host
		{"https://registry.example/files/a.tgz", "https://user.example/x/", ""},
		{"https://registry.example:8443/npm/a", "https://registry.example/npm/", ""},
		{"http://registry.example/npm/a", "https://registry.example/npm/", ""}, // without TLS
		{"https://cdn.example/a.tgz", "https://registry.example/npm/", ""},
		{"https://registry.example.evil.example/npm/a", "https://registry.example/npm/", ""},
		{"http://plain.example:8080/a", "", "Basic YTpi"},
		{"https://user.example/x/a", "", "Basic bWU6cGFzcyB3b3Jk"},
		{"https://both.example/a", "", "Basic bWU6cGFzcw=="},
		{"https://both.example/deep/a", "", "Bearer deep"},
		{"https://both.example/deeper", "", "Basic bWU6cGFzcw=="},
		{"https://half.example/a", "", ""},
	} {
		r, err := http.NewRequest(http.MethodGet, tt.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		sent := c.authorize(r, tt.registry)
		if got := r.Header.Get("Authorization"); got != tt.want || (sent != "") != (tt.want != "") {
			t.Errorf("%s: %q, %v, want %q", tt.address, got, sent, tt.want)
		}
	}
	if !c.unbound() || c.registry("@user/a") != "https://user.example/x/" || c.registry("@other/a") != "https://registry.example/npm/" {
		t.Errorf("%+v", c.registries)
	}
}

// TestWhereSettingsStand: the project's file wins over the user's, that over the machine's; variables win over all.
func TestWhereSettingsStand(t *testing.T) {
	w := newWorld(t)
	write := func(path, text string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	prefix, project := t.TempDir(), t.TempDir()
	write(filepath.Join(prefix, "etc", "npmrc"), "@machine:registry=https://machine.example\nregistry=https://machine.example\n")
	write(filepath.Join(project, ".npmrc"), "@project:registry=https://project.example\n")
	w.npmrc("prefix="+prefix, "@user:registry=https://user.example", "@project:registry=https://user.example", "registry=https://user.example")
	expect := func(dir string, want map[string]string) {
		t.Helper()
		c, err := loadConfig(dir)
		if err != nil {
			t.Fatal(err)
		}
		for name, host := range want {
			if got := c.registry(name); got != "https://"+host+".example/" {
				t.Errorf("%s comes from %s, want %s", name, got, host)
			}
		}
	}
	expect(project, map[string]string{"a": "user", "@machine/a": "machine", "@user/a": "user", "@project/a": "project"})
	expect("", map[string]string{"@project/a": "user"})
	t.Setenv("npm_config_registry", "https://variable.example")
	t.Setenv("NPM_CONFIG_@project:registry", "https://variable.example")
	t.Setenv("NPM_CONFIG_USERCONFIG", write(filepath.Join(t.TempDir(), "rc"), "@user:registry=https://elsewhere.example\n"))
	expect(project, map[string]string{"a": "variable", "@user/a": "elsewhere", "@project/a": "variable"})
	t.Setenv("npm_config_globalconfig", write(filepath.Join(t.TempDir(), "rc"), "@machine:registry=https://other.example\n"))
	expect(project, map[string]string{"@machine/a": "other"})
}

func TestBadSettings(t *testing.T) {
	for line, words := range map[string][]string{
		"registry=nonsense":       {"registry is no address", "npm config set registry"},
		"https-proxy=::":          {"https-proxy is no address of a proxy", "npm config set https-proxy"},
		"cafile=/does/not/exist":  {"cafile", "/does/not/exist", "npm config delete cafile"},
		"ca=nonsense":             {"ca holds no certificate", "cafile"},
		"cafile=${HOME}/.npmrc":   {"holds no certificate in PEM", "npm config set cafile"},
		"@s:registry=ftp://a.b/c": {"@s:registry", "npm config set @s:registry"},
	} {
		w := newWorld(t)
		w.npmrc("registry="+w.reg.URL(), line)
		if strings.HasPrefix(line, "registry") {
			w.npmrc(line)
		}
		c, err := New(Options{Cache: w.cache})
		if err == nil {
			_, err = c.Packument(t.Context(), "a", false)
		}
		kind := report.Usage
		if strings.Contains(line, "cafile") {
			kind = report.Network
		}
		mustFail(t, err, kind, words...)
	}
}
