package service

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// rewriting is part of every spec's hash. It changes whenever this package starts to bring up the same spec in another
// way, so that instances of an older conduit are replaced instead of adopted.
const rewriting = "3"

func (s Spec) manifest() *manifest.Service {
	if s.Service == nil {
		return &manifest.Service{}
	}
	return s.Service
}

// place names the service in errors.
func (s Spec) place() string {
	if s.Version == "" {
		return s.Source
	}
	return s.Source + "@" + s.Version
}

// action is what was done with the package, for the audit log.
func (s Spec) action(act report.Act) report.Action {
	return report.Action{Act: act, Subject: s.place(), Name: s.Name, Digest: s.Sum}
}

// trusted tells that the package is a folder of the user's own.
func (s Spec) trusted() bool { return strings.HasPrefix(s.Source, "file:") }

// sum is the digest of the package's files.
func (s Spec) sum() (string, error) {
	if s.Sum != "" {
		return s.Sum, nil
	}
	files, err := dirhash.DirFiles(s.Dir, "")
	if err == nil {
		kept := files[:0]
		for _, f := range files {
			if !strings.HasPrefix(f, ".git/") {
				kept = append(kept, f)
			}
		}
		var sum string
		sum, err = dirhash.Hash1(kept, func(name string) (io.ReadCloser, error) { return os.Open(filepath.Join(s.Dir, name)) })
		if err == nil {
			return sum, nil
		}
	}
	return "", &report.Error{Kind: report.Service, What: "cannot read the package of service " + s.Name, Where: s.Dir, Err: err, Next: "check that the folder exists and is readable, then conduit sync"}
}

// hash identifies what an instance was started from. Two specs of equal hash run the same thing.
func (s Spec) hash() (string, error) {
	sum, err := s.sum()
	if err != nil {
		return "", err
	}
	data, err := json.Marshal([]any{rewriting, s.Source, s.Version, sum, s.manifest(), s.Hint, s.Env, s.Port, s.Images, s.Limits})
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:12]), nil
}

// environment is what the declarations and the user set, the user last.
func (s Spec) environment() map[string]string {
	env := map[string]string{}
	for _, m := range []map[string]string{s.manifest().Environment, s.Hint.Environment, s.Env} {
		for k, v := range m {
			env[k] = v
		}
	}
	return env
}

// setting is the advice to write a setting of the service in conduit.toml, such as `gpu = "off"`.
func (s Spec) setting(text string) string {
	return fmt.Sprintf("in conduit.toml, add to %s under [services]\n  %s\nIf it is not there yet, write it, and type conduit lock:\n  %s = { source = %q, %s }", s.Name, text, s.Name, s.Source, text)
}

// variable is the advice to give the service a variable.
func (s Spec) variable(name, value string) string {
	return s.setting(fmt.Sprintf("env = { %s = %q }", name, value))
}

// healthPath is the HTTP path to probe, "" when none is declared.
func (s Spec) healthPath() string {
	path := s.manifest().Health.Path
	if path == "" {
		path = s.Hint.HealthEndpoint
	}
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// patience is how long the declared health check lets a start take; 0 when it does not say.
func (s Spec) patience() time.Duration {
	h := s.manifest().Health
	start := duration(h.Start, 0)
	if h.Retries <= 0 && h.Interval == "" {
		return start
	}
	return start + (s.Interval()+s.probeTimeout())*time.Duration(s.Retries()+1)
}

// Interval is how long to wait between two probes of a service that runs.
func (s Spec) Interval() time.Duration { return duration(s.manifest().Health.Interval, 30*time.Second) }

// Retries is how many probes in a row must fail until a service that runs is unhealthy.
func (s Spec) Retries() int {
	if n := s.manifest().Health.Retries; n > 0 {
		return n
	}
	return 3
}

// StartPeriod is for how long after a start failing probes do not count.
func (s Spec) StartPeriod() time.Duration { return duration(s.manifest().Health.Start, 0) }

// duration reads a declared duration; 0 and what is none are usual.
func duration(text string, usual time.Duration) time.Duration {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d
	}
	return usual
}

// probeTimeout is how long one probe may take.
func (s Spec) probeTimeout() time.Duration {
	return duration(s.manifest().Health.Timeout, 5*time.Second)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}
