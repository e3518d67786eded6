package report_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

type kept []report.Action

func (k *kept) Record(a report.Action) error {
	*k = append(*k, a)
	return nil
}

func (k *kept) Require() error { return nil }

func TestRecord(t *testing.T) {
	t.Parallel()
	report.Record(t.Context(), report.Action{Act: report.Fetched}) // nobody keeps it
	var k kept
	ctx := report.To(report.Recording(t.Context(), &k), nil)
	report.Record(ctx, report.Action{Act: report.Fetched, Subject: "a@1.0.0", Origin: "https://user:secret@example.com:8080/a.tgz?token=secret#secret"})
	report.Record(ctx, report.Action{Act: report.Fetched, Origin: "%zz://secret@host"})
	want := kept{{Act: report.Fetched, Subject: "a@1.0.0", Origin: "https://example.com:8080/a.tgz"}, {Act: report.Fetched}}
	if !slices.Equal(k, want) {
		t.Errorf("%+v", k)
	}
}

func TestRecordRefusals(t *testing.T) {
	t.Parallel()
	policy := &report.Error{Kind: report.Policy, What: "p", Where: "conduit.toml:3", Why: "because"}
	integrity := &report.Error{Kind: report.Integrity, What: "i", Err: errors.New("cause")}
	network := &report.Error{Kind: report.Network, What: "n"}
	both := errors.Join(policy, fmt.Errorf("at it: %w", integrity), network)
	for _, c := range []struct {
		err  error
		want []string
	}{
		{nil, nil},
		{network, nil},
		{context.Canceled, nil},
		{policy, []string{"policy 5 p conduit.toml:3 because"}},
		{&report.Error{What: "outer", Err: integrity}, []string{"integrity 4 i  cause"}},
		{both, []string{"policy 5 p conduit.toml:3 because", "integrity 4 i  cause"}},
		{&report.Error{Kind: report.Policy, What: "2 errors", Err: both}, []string{"policy 5 p conduit.toml:3 because", "integrity 4 i  cause"}},
		{errors.Join(policy, policy), []string{"policy 5 p conduit.toml:3 because"}},
	} {
		var k kept
		report.RecordRefusals(report.Recording(t.Context(), &k), c.err)
		var got []string
		for _, a := range k {
			got = append(got, fmt.Sprintf("%s %d %s %s %s", a.Kind, a.Exit, a.What, a.Where, a.Why))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
