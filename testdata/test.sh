#!/usr/bin/env bash
# Runs every test, with what they need: gcc for the race detector, a compiler for addons, Node, npm, git, OpenSSH, GnuPG, cowsay, a Docker engine, Podman. What is missing is
# installed from Debian's packages where apt-get is there, and what was started is stopped again.
set -euo pipefail
cd "$(dirname "$0")/.."

install() { # COMMAND PACKAGE
	command -v "$1" >/dev/null && return
	if ! command -v apt-get >/dev/null; then
		echo "test.sh: $1 is missing and there is no apt-get: install it by hand" >&2
		exit 1
	fi
	[ -n "${updated:-}" ] || { apt-get update -qq && updated=1; }
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

command -v go >/dev/null || { echo "test.sh: Go 1.26 or newer is missing: see https://go.dev/dl" >&2; exit 1; }
install git git
install node nodejs
install npm npm
install gcc gcc
install cc libc6-dev
install g++ g++ # with make and Python, what node-gyp needs
install make make
install python3 python3
install podman podman
install ssh-keygen openssh-client # with gpg, what git signs with
install gpg gnupg
install ip iproute2 # what the machine without a network lacks
PATH=$PATH:/usr/games install cowsay cowsay # the example's cow is compared with the classic one
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || {
	echo "test.sh: Node $(node --version) is too old: conduit needs 20 or newer" >&2
	exit 1
}

./testdata/docker.sh start
trap './testdata/docker.sh stop' EXIT

./testdata/lint.sh
./sdk/check-types.sh
go run ./resolve/library/npmcheck -before 2026-11-01 -names resolve/library/npmcheck/providers.txt
go test -race -timeout 30m -p 3 ./... # one more at once than there may be cores: those of services wait for an engine
if [ "${CI:-}" = true ]; then
	./testdata/fuzz.sh
fi
echo "all tests passed"
