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

// credentials are those at hand for the endpoint: in its own address, the token, .netrc. nil if there are none.
func (o *Origin) credentials(endpoint *transport.Endpoint) *githttp.BasicAuth {
	if endpoint.User != "" {
		return &githttp.BasicAuth{Username: endpoint.User, Password: endpoint.Password}
	}
	if token := o.opts.Env(EnvToken); token != "" && endpoint.Protocol == "https" &&
		strings.EqualFold(endpoint.Host, githubHost) && (endpoint.Port == 0 || endpoint.Port == 443) {
		return &githttp.BasicAuth{Username: tokenUser, Password: token}
	}
	if user, password, ok := readNetrc(o.opts.Env, endpoint.Host); ok {
		return &githttp.BasicAuth{Username: user, Password: password}
	}
	return nil
}

// askHelper asks git's credential helpers, if git is installed; nil if they know nothing. Nobody is prompted: conduit
// may run where nobody looks.
func (o *Origin) askHelper(ctx context.Context, endpoint *transport.Endpoint) *githttp.BasicAuth {
	out, err := runHelper(ctx, "fill", describe(endpoint, nil))
	if err != nil {
		return nil
	}
	login := &githttp.BasicAuth{}
	for line := range strings.Lines(string(out)) {
		switch key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "="); key {
		case "username":
			login.Username = value
		case "password":
			login.Password = value
		}
	}
	if login.Password == "" {
		return nil
	}
	return login
}

// tellHelper tells git's credential helpers whether the host took what they gave, so that they keep or forget it.
func (o *Origin) tellHelper(ctx context.Context, endpoint *transport.Endpoint, login *githttp.BasicAuth, good bool) {
	verb := "reject"
	if good {
		verb = "approve"
	}
	_, _ = runHelper(ctx, verb, describe(endpoint, login))
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
func describe(endpoint *transport.Endpoint, login *githttp.BasicAuth) string {
	host := endpoint.Host
	if endpoint.Port != 0 {
		host = fmt.Sprintf("%s:%d", host, endpoint.Port)
	}
	text := "protocol=" + endpoint.Protocol + "\nhost=" + host + "\npath=" + strings.TrimPrefix(endpoint.Path, "/") + "\n"
	if login != nil {
		text += "username=" + login.Username + "\npassword=" + login.Password + "\n"
	}
	return text + "\n"
}
