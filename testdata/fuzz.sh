#!/usr/bin/env bash
# Fuzzes what reads the texts and archives of strangers: 30 seconds for each target, or as long as the first argument says
# ("5m"), two at a time. What fails is kept below the package's testdata/fuzz and is from then on a test.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
targets=(
	cache/tarball:FuzzArchive           # tar and gzip
	cache/extract:FuzzWriter            # names and links that lead out of the folder
	resolve/library:FuzzParsePackument  # documents of registries
	resolve/library:FuzzParseAuthorLock # package-lock.json
	build/nodejs:FuzzResolve            # exports and imports of package.json
	resolve/source/npm:FuzzParseNpmrc   # .npmrc
)
export time
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c '
	target={}
	out=$(go test "./${target%:*}" -run "^${target#*:}\$" -fuzz "^${target#*:}\$" -fuzztime "$time" -fuzzminimizetime 50x -parallel 1 2>&1) || {
		printf "fuzz.sh: %s\n%s\n" "$target" "$out" >&2
		exit 255 # no further targets
	}
	echo "fuzzed $target: $(grep -o "execs: [0-9]*" <<<"$out" | tail -1)"
'
