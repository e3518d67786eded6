package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// patience bounds one question to a registry: a lock must not hang on one that swallows packets.
const patience = 20 * time.Second

var sha256Digest = lazyregexp.New(`^sha256:[0-9a-f]{64}$`)

// IsDigest reports whether text is a digest as registries and engines write it, "sha256:" and 64 hex digits.
func IsDigest(text string) bool { return sha256Digest.MatchString(text) }

// Pinned is the digest that a reference itself names ("alpine@sha256:…"), "" where it names none.
func Pinned(ref string) string {
	if _, digest, ok := strings.Cut(ref, "@"); ok && IsDigest(digest) {
		return digest
	}
	return ""
}

// Pin is the reference with a digest in addition to its tag. A reference that names a digest stays as it is.
func Pin(ref, digest string) string {
	if digest == "" || strings.Contains(ref, "@") {
		return ref
	}
	return ref + "@" + digest
}

// Digest asks the registry of a reference which image its tag names now: the digest of the index where there is one, which
// is the same for all platforms. Credentials are the user's own for docker (docker login, credential helpers). A reference
// that names a digest is answered without a request. Errors are of kind [report.Network], and of kind [report.Service] for
// text that is no reference.
func Digest(ctx context.Context, ref string) (string, error) {
	if digest := Pinned(ref); digest != "" {
		return digest, nil
	}
	parsed, err := parseReference(ref)
	if err != nil {
		return "", err
	}
	ask, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	options := []remote.Option{
		remote.WithContext(ask), remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithUserAgent("conduit"),
		remote.WithRetryBackoff(remote.Backoff{Duration: 300 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 2}),
	}
	head, err := remote.Head(parsed, options...)
	if err == nil {
		return head.Digest.String(), nil
	}
	// Not every registry answers HEAD. One that cannot be reached is not asked again.
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode != http.StatusUnauthorized && answer.StatusCode != http.StatusTooManyRequests {
		var got *remote.Descriptor
		if got, err = remote.Get(parsed, options...); err == nil {
			// What came may not be what was sent: it is if the registry has it by that digest too.
			_, err = remote.Get(parsed.Context().Digest(got.Digest.String()), options...)
			if err == nil {
				return got.Digest.String(), nil
			}
			if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
				return "", &report.Error{Kind: report.Network, What: "the registry does not have what it answers for " + ref, Where: parsed.Context().RegistryStr(),
					Why: "there is nothing of the digest " + got.Digest.String(), Next: "run the command again: what came was damaged on its way, or the registry is"}
			}
		}
	}
	return "", unanswered(ctx, parsed, err)
}

func parseReference(ref string) (name.Reference, error) {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return nil, &report.Error{Kind: report.Service, What: fmt.Sprintf("%q is no name of an image", ref), Err: err, Next: "write it as [REGISTRY/]NAME:TAG"}
	}
	return parsed, nil
}

// unanswered is the error for a registry that names no digest.
func unanswered(ctx context.Context, ref name.Reference, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &report.Error{Kind: report.Interrupted, What: "interrupted while asking for the image " + ref.String(), Err: ctx.Err()}
	}
	e := &report.Error{Kind: report.Network, What: "the registry does not say what " + ref.String() + " is", Where: ref.Context().RegistryStr(), Err: err,
		Next: "check the name and that " + ref.Context().RegistryStr() + " can be reached"}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return e
	}
	switch answer.StatusCode {
	case http.StatusNotFound:
		e.What, e.Why = "there is no image "+ref.String(), "its registry answers 404"
		e.Next = "correct the name"
	case http.StatusUnauthorized, http.StatusForbidden:
		e.What, e.Why = "the image "+ref.String()+" is private, or does not exist", fmt.Sprintf("its registry answers %d", answer.StatusCode)
		e.Next = "docker login " + ref.Context().RegistryStr()
	case http.StatusTooManyRequests:
		e.Why = "it limits how often it may be asked (429)"
		e.Next = "docker login " + ref.Context().RegistryStr() + "    raises the limit; or wait a while"
	}
	return e
}
