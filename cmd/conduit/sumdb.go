package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify/policy"
	"github.com/MediaConduit/conduit/verify/sumdb"
)

func (a *app) sumdbCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "sumdb",
		Short: "Run a checksum log: what every version was when it was first asked for",
		Long: `Run a checksum log: a transparency log, by the protocol of Go's checksum database, of what every version of a provider or service was
when somebody first asked for it. Whoever trusts it is not shown a version that differs from everybody else's:

  CONDUIT_SUMDB="NAME+HASH+KEY https://sums.example.com"

docs/sumdb.md is the handbook.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.sumdbKeyCommand(), a.sumdbServeCommand())
	return c
}

func (a *app) sumdbKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key NAME FILE",
		Short: "Make the key of a log, and print what clients need of it",
		Long: `Make the key that a log signs with. NAME is best the host that the log is at. What signs is written to FILE, which must not exist; what
verifies, and goes into CONDUIT_SUMDB, is printed.`,
		Example: "  conduit sumdb key sums.example.com sumdb.key",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, given []string) error {
			signer, verifier, err := sumdb.NewKey(given[0])
			if err != nil {
				return err
			}
			f, err := os.OpenFile(given[1], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err == nil {
				_, err = f.WriteString(signer + "\n")
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				return &report.Error{What: "cannot write the key", Where: given[1], Err: err, Next: "name a file that does not exist, in a folder that is writable"}
			}
			return a.result(verifier)
		},
	}
}

func (a *app) sumdbServeCommand() *cobra.Command {
	var listen, token, tokenFile, keyFile, data string
	var allow []string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve a checksum log",
		Long: `Serve a checksum log over HTTP, until an interrupt. For a version that nobody has asked for yet, its files are fetched from where they
are published, with this machine's credentials and proxies, and their sum is appended and signed; it stays for ever. Only sources that
--allow matches are asked for. Without a token, only loopback addresses are served; put a proxy with TLS in front for others.`,
		Example: "  conduit sumdb serve --key-file sumdb.key --data /srv/sumdb\n  conduit sumdb serve --key-file sumdb.key --data /srv/sumdb --allow 'github:acme/*'",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			admitted, err := tokens(cmd.Context(), token, tokenFile)
			if err != nil {
				return err
			}
			return a.serveLog(cmd.Context(), listen, admitted, keyFile, data, allow)
		},
	}
	flags := c.Flags()
	flags.StringVar(&listen, "listen", "127.0.0.1:8440", "address; port 0 takes a free one")
	flags.StringVar(&token, "token", "", "reference to the token that requests must have; a line each for several")
	flags.StringVar(&tokenFile, "token-file", "", "file with the token: short for --token file:PATH")
	flags.StringVar(&keyFile, "key-file", "", "file with the key, as conduit sumdb key has written it")
	flags.StringVar(&data, "data", "", "folder of the log")
	flags.StringSliceVar(&allow, "allow", []string{"github:**", "npm:**"}, "pattern of sources that may be asked for")
	return c
}

func (a *app) serveLog(ctx context.Context, listen string, tokens []string, keyFile, data string, allow []string) (err error) {
	if keyFile == "" || data == "" {
		return usage("a log needs a key and a folder", "conduit sumdb key NAME sumdb.key && conduit sumdb serve --key-file sumdb.key --data DIR")
	}
	var allowed []policy.Pattern
	for _, text := range allow {
		p, err := policy.ParsePattern(text)
		if err != nil {
			return usage("--allow "+text+" is no pattern of sources: "+err.Error(), "--allow 'github:OWNER/*'")
		}
		allowed = append(allowed, p)
	}
	key, err := os.ReadFile(keyFile)
	if err == nil {
		err = os.MkdirAll(data, 0o700)
	}
	if err != nil {
		return &report.Error{What: "cannot begin the log", Err: err, Next: "name a key that conduit sumdb key has written, and a folder that is writable"}
	}
	store, err := openCache()
	if err != nil {
		return err
	}
	logged := report.To(ctx, nil)
	log := a.logger()
	s, err := sumdb.Open(filepath.Join(data, "log.db"), strings.TrimSpace(string(key)), func(_ context.Context, from, version string) (string, error) {
		sum, err := source.Published(logged, store, allowed, from, version)
		if err != nil {
			log.Warn("not logged", "source", from, "version", version, "why", err.Error())
		} else {
			log.Info("logged", "source", from, "version", version, "sum", sum)
		}
		return sum, err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return a.serveHandler(ctx, "conduit sumdb serve", listen, tokens, mirror.Guard(tokens, s.Handler()))
}

// logName is the checksum log that is asked, as conduit env shows it.
func logName() (string, error) {
	log, err := sumdb.Parse(os.Getenv(sumdb.Env))
	if err != nil || log == nil {
		return "", err
	}
	return fmt.Sprintf("%s %s", log.Key, log.URL.Redacted()), nil
}
