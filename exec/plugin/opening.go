package plugin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// opening is what a provider reads from its standard input, which then ends: what other processes of the same user must not see.
// A process's first environment and its arguments are in /proc for all of them, and its socket is theirs to open.
type opening struct {
	Token string            `json:"token"`         // what every call carries
	Env   map[string]string `json:"env,omitempty"` // variables that the host sets before it loads the provider
}

const (
	openingVariable = "CONDUIT_OPENING" // tells a provider that there is an opening to read
	tokenKey        = "conduit-token"   // the metadata of a call that has the token
)

// split returns the variables that a process is started with and those that its opening has. A native provider gets all at its
// start: it may be of a language whose variables cannot be set later.
func split(env []string, native bool) (early []string, late map[string]string) {
	if native {
		return env, nil
	}
	late = map[string]string{}
	for _, entry := range env {
		if name, value, _ := strings.Cut(entry, "="); isEarly(name) {
			early = append(early, entry)
		} else {
			late[name] = value
		}
	}
	return early, late
}

// earlyPrefixes begin the names of variables that loaders, C libraries, V8 and Node.js read before any code of ours runs.
var earlyPrefixes = []string{"NODE_", "UV_", "LD_", "DYLD_", "OPENSSL_", "SSL_CERT_", "MALLOC_", "GLIBC_", "ICU_", "LC_"}

func isEarly(name string) bool {
	name = strings.ToUpper(name)
	return slices.Contains(baseNames, name) || slices.Contains(windowsNames, name) ||
		slices.ContainsFunc(earlyPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// newOpening is the opening of one process.
func newOpening(late map[string]string) (opening, []byte, error) {
	o := opening{Token: rand.Text(), Env: late}
	line, err := json.Marshal(o)
	return o, append(line, '\n'), err
}

// GetRequestMetadata implements [google.golang.org/grpc/credentials.PerRPCCredentials].
func (o opening) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{tokenKey: o.Token}, nil
}

// RequireTransportSecurity implements [google.golang.org/grpc/credentials.PerRPCCredentials]. The socket leaves no machine.
func (o opening) RequireTransportSecurity() bool { return false }

// readOpening is a native provider's side; the token is "" where conduit sent none.
func readOpening() (opening, error) {
	var o opening
	if os.Getenv(openingVariable) == "" {
		return o, nil
	}
	data, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	return o, err
}

// check refuses a call that does not carry the token.
func (o opening) check(ctx context.Context) error {
	if o.Token == "" {
		return nil
	}
	if got := metadata.ValueFromIncomingContext(ctx, tokenKey); len(got) == 1 && subtle.ConstantTimeCompare([]byte(got[0]), []byte(o.Token)) == 1 {
		return nil
	}
	return status.Error(codes.Unauthenticated, "only the conduit that started this provider may call it")
}

// serverOptions have a server check every call.
func (o opening) serverOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			if err := o.check(ctx); err != nil {
				return nil, err
			}
			return handle(ctx, request)
		}),
		grpc.ChainStreamInterceptor(func(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
			if err := o.check(stream.Context()); err != nil {
				return err
			}
			return handle(server, stream)
		}),
	}
}
