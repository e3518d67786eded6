package npm

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/google/osv-scalibr/clients/datasource"

	"github.com/MediaConduit/conduit/report"
)

// config is what npm's configuration says about registries: npmrc files (built-in, global, user, project) and
// environment, as npm reads them.
type config struct {
	npm     datasource.NPMRegistryConfig
	builtin string // the registry that is used where none is configured
}

func loadConfig(dir string) (*config, error) {
	cfg, err := datasource.LoadNPMRegistryConfig(dir)
	if err != nil {
		return nil, &report.Error{Kind: report.Usage, What: "npm's configuration cannot be read", Err: err, Next: "check with 'npm config list', and mend the .npmrc that it names"}
	}
	c := &config{npm: cfg, builtin: withSlash(datasource.ParseNPMRegistryInfo(nil).ScopeURLs[""])}
	if cfg.ScopeURLs[""] == "" { // npm takes an empty variable for an unset one
		cfg.ScopeURLs[""] = c.builtin
	}
	for scope, address := range cfg.ScopeURLs {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			setting := "registry"
			if scope != "" {
				setting = scope + ":registry"
			}
			return nil, &report.Error{Kind: report.Usage, What: "the npm setting " + setting + " is no address of a registry", Why: "it is " + address,
				Next: "set it with 'npm config set " + setting + " https://HOST/'"}
		}
		if u.User != nil { // credentials in the address go to its own host only, as basic authentication
			password, _ := u.User.Password()
			basic := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
			u.User = nil
			address = u.String()
			c.addAuth("//"+u.Host+withSlash(u.EscapedPath()), func(a *datasource.HTTPAuthentication) { a.BasicAuth = basic })
		}
		cfg.ScopeURLs[scope] = withSlash(address)
	}
	c.readEnvironment(os.Environ())
	return c, nil
}

func withSlash(s string) string { return strings.TrimRight(s, "/") + "/" }

func (c *config) addAuth(prefix string, set func(*datasource.HTTPAuthentication)) {
	a := c.npm.Auths[prefix]
	if a == nil {
		a = &datasource.HTTPAuthentication{SupportedMethods: []datasource.HTTPAuthMethod{datasource.AuthBearer, datasource.AuthBasic}, AlwaysAuth: true}
		c.npm.Auths[prefix] = a
	}
	set(a)
}

var braced = regexp.MustCompile(`\$\{([^}]+)\}`)

// readEnvironment adds credentials from variables such as npm_config_//host/:_authToken. The loader folds their names to
// lower case and so misses them.
func (c *config) readEnvironment(environ []string) {
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if len(name) < 13 || !strings.EqualFold(name[:11], "npm_config_") || name[11:13] != "//" || value == "" {
			continue
		}
		key := name[11:]
		i := strings.LastIndex(key, ":")
		if i < 0 {
			continue
		}
		value = braced.ReplaceAllStringFunc(value, func(v string) string { return os.Getenv(v[2 : len(v)-1]) })
		switch key[i+1:] {
		case "_authToken":
			c.addAuth(key[:i], func(a *datasource.HTTPAuthentication) { a.BearerToken = value })
		case "_auth":
			c.addAuth(key[:i], func(a *datasource.HTTPAuthentication) { a.BasicAuth = value })
		case "username":
			c.addAuth(key[:i], func(a *datasource.HTTPAuthentication) { a.Username = value })
		case "_password":
			if p, err := base64.StdEncoding.DecodeString(value); err == nil {
				c.addAuth(key[:i], func(a *datasource.HTTPAuthentication) { a.Password = string(p) })
			}
		}
	}
}

// registry is the base address for a package, ending in a slash.
func (c *config) registry(name string) string {
	if scope, _, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(scope, "@") {
		if address, ok := c.npm.ScopeURLs[scope]; ok {
			return address
		}
	}
	return c.npm.ScopeURLs[""]
}

// authorize adds the credentials that are configured for the request's own host and path, and reports whether there are
// any.
func (c *config) authorize(r *http.Request) bool {
	a := c.npm.Auths.GetAuth(r.URL.String())
	switch {
	case a == nil:
		return false
	case a.BearerToken != "":
		r.Header.Set("Authorization", "Bearer "+a.BearerToken)
	case a.BasicAuth != "":
		r.Header.Set("Authorization", "Basic "+a.BasicAuth)
	default:
		r.SetBasicAuth(a.Username, a.Password)
	}
	return true
}

// documentURL is the address of a package's document.
func (c *config) documentURL(name string) string {
	return c.registry(name) + strings.Replace(url.PathEscape(name), "%2F", "%2f", 1)
}

// tarballURL is where every registry known to us keeps a version's tarball.
func (c *config) tarballURL(name, version string) string {
	base := name[strings.LastIndex(name, "/")+1:]
	return c.registry(name) + name + "/-/" + base + "-" + version + ".tgz"
}

// rebase replaces the default registry's address by the configured one, as npm does: mirrors pass documents on without
// rewriting the addresses in them.
func (c *config) rebase(name, tarball string) string {
	if rest, ok := strings.CutPrefix(tarball, c.builtin); ok {
		return c.registry(name) + rest
	}
	return tarball
}
