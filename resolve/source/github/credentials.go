package github

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// githubHost is the only host that gets the token of [EnvToken], wherever a repository was rewritten to.
const githubHost = "github.com"

// tokenUser is the user name that GitHub expects beside a token.
const tokenUser = "x-access-token"

// login is a user and password, and what to call them in a message.
type login struct {
	*githttp.BasicAuth
	name string
}

// credentials are those at hand for the endpoint: in its own address, the token, .netrc. nil if there are none.
func (o *Origin) credentials(endpoint *transport.Endpoint) *login {
	if endpoint.User != "" {
		return &login{&githttp.BasicAuth{Username: endpoint.User, Password: endpoint.Password}, "those in the address that url.*.insteadOf of git's settings leads to"}
	}
	if token := o.opts.Env(EnvToken); token != "" && endpoint.Protocol == "https" &&
		strings.EqualFold(endpoint.Host, githubHost) && (endpoint.Port == 0 || endpoint.Port == 443) {
		return &login{&githttp.BasicAuth{Username: tokenUser, Password: token}, EnvToken}
	}
	if user, password, ok := readNetrc(o.opts.Env, endpoint.Host); ok {
		return &login{&githttp.BasicAuth{Username: user, Password: password}, "those of " + netrcFile(o.opts.Env) + " for " + endpoint.Host}
	}
	return nil
}

// askHelper asks git's credential helpers, if git is installed; nil if they know nothing. Nobody is prompted: conduit
// may run where nobody looks.
func (o *Origin) askHelper(ctx context.Context, endpoint *transport.Endpoint) *login {
	out, err := runHelper(ctx, "fill", describe(endpoint, nil))
	if err != nil {
		return nil
	}
	helped := &login{&githttp.BasicAuth{}, "those of git's credential helper"}
	for line := range strings.Lines(string(out)) {
		switch key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "="); key {
		case "username":
			helped.Username = value
		case "password":
			helped.Password = value
		}
	}
	if helped.Password == "" {
		return nil
	}
	return helped
}

// tellHelper tells git's credential helpers whether the host took what they gave, so that they keep or forget it.
func (o *Origin) tellHelper(ctx context.Context, endpoint *transport.Endpoint, given *login, good bool) {
	verb := "reject"
	if good {
		verb = "approve"
	}
	_, _ = runHelper(ctx, verb, describe(endpoint, given))
}

func runHelper(ctx context.Context, verb, input string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", "credential", verb)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GCM_INTERACTIVE=never")
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.Bytes(), err
}

// describe is what git credential reads (https://git-scm.com/docs/git-credential#IOFMT).
func describe(endpoint *transport.Endpoint, given *login) string {
	host := endpoint.Host
	if endpoint.Port != 0 {
		host = fmt.Sprintf("%s:%d", host, endpoint.Port)
	}
	text := "protocol=" + endpoint.Protocol + "\nhost=" + host + "\npath=" + strings.TrimPrefix(endpoint.Path, "/") + "\n"
	if given != nil {
		text += "username=" + given.Username + "\npassword=" + given.Password + "\n"
	}
	return text + "\n"
}
