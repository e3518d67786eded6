#!/usr/bin/env bash
# Shows conduit's main job on this example and leaves nothing behind: cache, state and project are in a temporary folder.
# Where a Docker engine answers the service runs in a container, elsewhere as a process.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tour=$(mktemp -d)
export CONDUIT_CACHE=$tour/cache CONDUIT_STATE=$tour/state
conduit=$root/bin/conduit

finish() {
	"$conduit" -C "$tour/cowsay" -q down || true
	chmod -R u+w "$tour" # what is in the cache is read-only
	rm -rf "$tour"
}
trap finish EXIT

say() { printf '\n$ conduit %s\n' "$*"; "$conduit" "$@"; }

cp -R "$root/examples/cowsay" "$tour/cowsay"
(cd "$root/examples/cowsay/service" && CGO_ENABLED=0 go build -trimpath -o "$tour/cowsay/service/bin/cowsay" .)
cd "$tour/cowsay"
say sync
say list
say run cowsay "Hello from a dynamic provider!"
say ps
say down
