#!/usr/bin/env bash
# Measures conduit beside its peers and prints ratios; fails where a target is missed. "make bench" builds bin/conduit first.
# Arguments go to the benchmarks: bench/run.sh -runs 15
set -euo pipefail
cd "$(dirname "$0")/.."
missed=0
for bench in graph install start overhead isolation gateway hold hundred compose; do
  go build -o "bin/bench-$bench" "./bench/$bench"
  "bin/bench-$bench" -conduit bin/conduit "$@" || missed=1
done
exit $missed
