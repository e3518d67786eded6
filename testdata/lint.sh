#!/usr/bin/env bash
# Checks the code without running it: format, vet, staticcheck, and that conduit compiles for every platform it is
# released for. The SDK's types are checked by sdk/check-types.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l $(git ls-files '*.go'))
if [ -n "$unformatted" ]; then
	echo "lint.sh: not formatted, run gofmt -w on:" $unformatted >&2
	exit 1
fi
go vet ./...
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
for target in darwin/arm64 windows/amd64; do
	echo "compiling for $target"
	CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/conduit
done
