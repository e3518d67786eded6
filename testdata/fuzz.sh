#!/usr/bin/env bash
# Fuzzes everything that reads the texts and archives of strangers, two targets at a time: 30 seconds each for what comes
# from registries, 10 for the rest, or as long as the first argument says ("60s", what `make fuzz` takes for a night). What
# fails is kept below the package's testdata/fuzz and is from then on a test.
set -euo pipefail
cd "$(dirname "$0")/.."

longer=" FuzzArchive FuzzParsePackument FuzzParseAuthorLock FuzzResolve "
targets=$(git grep -h -o '^func Fuzz[A-Za-z0-9]*' -- '*_test.go' | sed 's/^func //' | sort)
[ -z "$(uniq -d <<<"$targets")" ] || { echo "fuzz.sh: two targets have one name: $(uniq -d <<<"$targets")" >&2; exit 1; }
for target in $targets; do
	file=$(git grep -l "^func $target(" -- '*_test.go')
	case $longer in *" $target "*) time=30s ;; *) time=10s ;; esac
	echo "./$(dirname "$file") $target ${1:-$time}"
done | xargs -P 2 -L 1 bash -c '
	out=$(go test "$1" -run "^$2\$" -fuzz "^$2\$" -fuzztime "$3" -fuzzminimizetime 50x -parallel 1 2>&1) || {
		if grep -q "^    context deadline exceeded\$" <<<"$out" && ! grep -q "Failing input" <<<"$out"; then
			: # The time was over, and nothing was found: Go compares two contexts of which one hears of it a moment later.
		# Go takes a worker that a busy machine kept waiting for a second for one that hangs. One that does hang does it again.
		elif grep -q "hung or terminated unexpectedly" <<<"$out" && go test "$1" -run "^$2\$" -timeout 60s >/dev/null 2>&1; then
			rm "$1/testdata/fuzz/$2/$(grep -o "FAIL: $2/[0-9a-f]*\|-run=$2/[0-9a-f]*" <<<"$out" | tail -1 | sed "s|.*/||")"
		else
			printf "fuzz.sh: %s %s\n%s\n" "$1" "$2" "$out" >&2
			exit 255 # no further targets
		fi
	}
	echo "fuzzed $1 $2: $(grep -o "execs: [0-9]*" <<<"$out" | tail -1)"
' fuzz
