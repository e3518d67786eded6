package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

// judgement runs npm's own code: that of the npm on PATH.
const judgement = `
const fs = require('fs')
const need = require('module').createRequire(fs.realpathSync(process.argv[1]))
const semver = need('semver'), npa = need('npm-package-arg'), pickManifest = need('npm-pick-manifest')
const { before, edges, picks } = JSON.parse(fs.readFileSync(0, 'utf8'))
const real = (name, spec) => { const s = npa.resolve(name, spec); return s.type === 'alias' ? s.subSpec : s }
const satisfies = ({ name, spec, gotName, gotVersion }) => {
  const s = real(name, spec)
  if (!s.registry || s.name !== gotName) return false
  return s.type === 'tag' || s.fetchSpec === '*' || semver.satisfies(gotVersion, s.fetchSpec, true)
}
const pick = ({ packument, name, spec }) => {
  try {
    return pickManifest(packument, real(name, spec).fetchSpec, { before: new Date(before) }).version
  } catch (e) {
    return ''
  }
}
process.stdout.write(JSON.stringify({ edges: edges.map(satisfies), picks: picks.map(pick) }))
`

// question is an import and the version that it means.
type question struct {
	Name       string `json:"name"`
	Spec       string `json:"spec"`
	GotName    string `json:"gotName"`
	GotVersion string `json:"gotVersion"`
}

// choice asks what npm picks for a range on its own.
type choice struct {
	Name      string         `json:"name"`
	Spec      string         `json:"spec"`
	Packument map[string]any `json:"packument"`
}

// verdicts answer questions and choices in their order.
type verdicts struct {
	Edges []bool   `json:"edges"`
	Picks []string `json:"picks"`
}

// judge asks npm's own code.
type judge struct {
	npm string // npm's program, beside which its code stands
}

func newJudge() (*judge, error) {
	path, err := exec.LookPath("npm")
	if err == nil {
		path, err = filepath.Abs(path)
	}
	return &judge{path}, err
}

func (j *judge) ask(ctx context.Context, o options, edges []question, picks []choice) (verdicts, error) {
	in, err := json.Marshal(map[string]any{"before": o.before, "edges": edges, "picks": picks})
	if err != nil {
		return verdicts{}, err
	}
	cmd := exec.CommandContext(ctx, "node", "-e", judgement, j.npm)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	data, err := cmd.Output()
	if err != nil {
		return verdicts{}, fmt.Errorf("npm's own code: %w\n%s", err, stderr.String())
	}
	var out verdicts
	return out, json.Unmarshal(data, &out)
}
