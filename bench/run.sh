#!/usr/bin/env bash
# Measures conduit beside its peers and prints ratios; fails where a target is missed. "make bench" builds bin/conduit first.
# Arguments go to the benchmark: bench/run.sh -runs 15
set -euo pipefail
cd "$(dirname "$0")/.."
go build -o bin/bench-graph ./bench/graph
exec bin/bench-graph -conduit bin/conduit "$@"
