package npm

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// credential is what npm's configuration holds for one host and path.
type credential struct{ token, basic, username, password string }

// header is the value for Authorization, "" where the credential is not complete.
func (c *credential) header() string {
	switch {
	case c.token != "":
		return "Bearer " + c.token
	case c.basic != "":
		return "Basic " + c.basic
	case c.username != "" && c.password != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.username+":"+c.password))
	}
	return ""
}

// credentials are keyed by what they are good for: "//HOST[:PORT]/PATH", with or without a slash at the end.
type credentials map[string]*credential

// set takes a setting such as "//HOST/PATH/:_authToken".
func (c credentials) set(name, value string) {
	i := strings.LastIndex(name, ":")
	if i < 0 {
		return
	}
	at := c[name[:i]]
	if at == nil {
		at = &credential{}
	}
	switch name[i+1:] {
	case "_authToken":
		at.token = value
	case "_auth":
		at.basic = value
	case "username":
		at.username = value
	case "_password":
		at.password = lenient(value)
	default:
		return
	}
	c[name[:i]] = at
}

// lenient decodes base64 as Node.js does: up to the padding, without it too, characters of other alphabets passed over.
func lenient(s string) string {
	s, _, _ = strings.Cut(s, "=")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		}
		return -1
	}, s)
	if len(s)%4 == 1 { // a single character makes no byte
		s = s[:len(s)-1]
	}
	data, _ := base64.RawStdEncoding.DecodeString(s) // no error is possible any more
	return string(data)
}

// takeUser moves a user and password out of a registry's address, which is returned without them: they go to that
// registry only.
func (c credentials) takeUser(u *url.URL) string {
	if u.User != nil {
		password, _ := u.User.Password()
		key := "//" + hostOf(u) + withSlash(u.EscapedPath())
		if c[key] == nil || c[key].header() == "" {
			c[key] = &credential{username: u.User.Username(), password: password}
		}
		u.User = nil
	}
	return u.String()
}

// hostOf is host and port as they stand in the names of credentials: without a port that the scheme implies.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if name, port, err := net.SplitHostPort(host); err == nil && (u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80") {
		if strings.Contains(name, ":") {
			name = "[" + name + "]"
		}
		return name
	}
	return host
}

// find returns what is set for the address, and under which name: the longest path wins.
func (c credentials) find(u *url.URL) (header, name string) {
	for key := "//" + hostOf(u) + u.EscapedPath(); len(key) > len("//"); {
		if at := c[key]; at != nil {
			if h := at.header(); h != "" {
				return h, key
			}
		}
		if bare, slash := strings.CutSuffix(key, "/"); slash {
			key = bare
		} else {
			key = key[:strings.LastIndex(key, "/")+1]
		}
	}
	return "", ""
}

// authorize adds the credentials that are configured for the request's own host and path, else those of the registry
// that the package comes from if it is on the same host. It returns the name that they are configured
// under, "" where there are none. Without TLS they go only where the configuration itself names a registry without TLS.
func (c *config) authorize(r *http.Request, registry string) (sent string) {
	if r.URL.Scheme != "https" && !c.hasRegistry(r.URL) {
		return ""
	}
	header, name := c.credentials.find(r.URL)
	if base, err := url.Parse(registry); header == "" && err == nil && hostOf(base) == hostOf(r.URL) {
		header, name = c.credentials.find(base)
	}
	if header == "" {
		return ""
	}
	r.Header.Set("Authorization", header)
	return name
}

// hasRegistry tells whether a registry is configured with u's scheme and host.
func (c *config) hasRegistry(u *url.URL) bool {
	for _, address := range c.registries {
		if r, err := url.Parse(address); err == nil && r.Scheme == u.Scheme && hostOf(r) == hostOf(u) {
			return true
		}
	}
	return false
}

// knows tells whether the configuration says anything about u's host: a registry, or credentials.
func (c *config) knows(u *url.URL) bool {
	for _, address := range c.registries {
		if r, err := url.Parse(address); err == nil && hostOf(r) == hostOf(u) {
			return true
		}
	}
	for key := range c.credentials {
		host, _, _ := strings.Cut(key[len("//"):], "/")
		if strings.EqualFold(host, hostOf(u)) {
			return true
		}
	}
	return false
}

// unbound tells whether the configuration has credentials that name no host. npm does not use such any more, and nor do we.
func (c *config) unbound() bool {
	return c.settings.get("_authToken") != "" || c.settings.get("_auth") != "" || c.settings.get("_password") != ""
}
