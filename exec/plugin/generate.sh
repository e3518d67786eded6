#!/bin/sh
# Generates the Go and TypeScript code of the contract from its .proto files. Needs go, node with npm, and protoc
# (Debian: protobuf-compiler). The generators are pinned here; `generate.sh --check` writes nothing and fails when the
# committed code is not what they make. A test compares checksums instead, which needs none of these.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
host=$(cd "$here/../../sdk/host" && pwd)
tools=${TMPDIR:-/tmp}/conduit-protoc-tools
protoc_gen_go=v1.36.12
protoc_gen_go_grpc=v1.6.2
ts_proto=2.11.8

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir -p "$tools" "$out/go" "$out/ts"
GOBIN=$tools go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go"
GOBIN=$tools go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$protoc_gen_go_grpc"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools" "ts-proto@$ts_proto"

# protoc's own version stands in a comment of the Go code; it is dropped so that any protoc gives the same files.
PATH=$tools:$tools/node_modules/.bin:$PATH
protoc -I "$here/proto" --go_out="$out/go" --go_opt=paths=source_relative \
  --go-grpc_out="$out/go" --go-grpc_opt=paths=source_relative provider.proto
for file in "$out"/go/*.go; do
  sed -i.bak '/^\/\/.*protoc  *v/d' "$file" && rm "$file.bak"
done
# Plain functions that encode and decode, no descriptors: what a generator with reflection makes costs a quarter of the
# time that a provider takes to start.
protoc -I "$here/proto" -I "$host/proto" --ts_proto_out="$out/ts" \
  --ts_proto_opt=env=node,forceLong=bigint,oneof=unions-value,unrecognizedEnum=false \
  --ts_proto_opt=outputJsonMethods=false,outputPartialMethods=false,outputServices=generic-definitions \
  provider.proto health.proto status.proto
for file in $(cd "$out/ts" && find . -name '*.ts'); do
  sed -i.bak '/^\/\/  *protoc  *v/d' "$out/ts/$file" && rm "$out/ts/$file.bak"
done

if [ "${1:-}" = --check ]; then
  for file in "$out"/go/*.go; do cmp "$file" "$here/proto/$(basename "$file")"; done
  diff -r "$out/ts" "$host/src/gen"
  exit 0
fi
rm -rf "$host/src/gen"
cp "$out"/go/*.go "$here/proto/"
cp -R "$out/ts" "$host/src/gen"
cd "$here/../.."
sha256sum exec/plugin/proto/*.proto exec/plugin/proto/*.pb.go sdk/host/proto/*.proto \
  $(find sdk/host/src/gen -name '*.ts' | LC_ALL=C sort) >exec/plugin/proto/generated.sum
