#!/usr/bin/env bash
# Makes sure that a Docker engine answers, for the tests: starts one where none does, and installs it (Debian's docker.io)
# where there is none to start.
#
#   testdata/docker.sh          make sure that an engine answers
#   testdata/docker.sh stop     stop the engine that this script started, and no other
set -euo pipefail

run=${XDG_RUNTIME_DIR:-/tmp}/conduit-test-docker-$(id -u)
pidfile=$run/dockerd.pid
log=$run/dockerd.log

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# ours prints the process ID of the engine that we started and that still runs. The ID alone could be another process's
# by now.
ours() {
  local pid
  pid=$(cat "$pidfile" 2>/dev/null) || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "$pidfile" || return 1
  echo "$pid"
}

start() {
  if command -v docker >/dev/null && answers; then
    echo "a Docker engine answers: $(docker version --format '{{.Server.Version}}')"
    return
  fi
  if [ -n "${DOCKER_HOST:-}" ]; then
    echo "DOCKER_HOST=$DOCKER_HOST does not answer; unset it to let this script start an engine" >&2
    exit 1
  fi
  if ! command -v dockerd >/dev/null && [ ! -x /usr/sbin/dockerd ]; then
    echo "installing docker.io"
    as_root apt-get update -q >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends docker.io iptables >/dev/null
  fi
  mkdir -p "$run"
  # The second choices are for machines (containers, mostly) whose kernel or rights do not allow the first.
  for options in "" "--storage-driver=vfs" "--storage-driver=vfs --iptables=false --ip6tables=false"; do
    # shellcheck disable=SC2086 # the options are words
    launch $options && return
    echo "dockerd $options did not start" >&2
  done
  tail -n 20 "$log" >&2
  echo "no Docker engine could be started; the whole log is $log" >&2
  exit 1
}

launch() {
  rm -f "$pidfile"
  as_root setsid "$(PATH=$PATH:/usr/sbin command -v dockerd)" --pidfile "$pidfile" "$@" >"$log" 2>&1 </dev/null &
  local i
  for i in $(seq 300); do
    if answers; then
      echo "started a Docker engine: $(docker version --format '{{.Server.Version}}')"
      echo "stop it with: $0 stop"
      return 0
    fi
    # Dead before it answered: no use in waiting.
    [ "$i" -lt 20 ] || ours >/dev/null || return 1
    sleep 0.1
  done
  stop
  return 1
}

stop() {
  local pid i
  if ! pid=$(ours); then
    echo "this script has no engine running"
    return
  fi
  as_root kill "$pid"
  for i in $(seq 200); do
    ours >/dev/null || { echo "stopped"; rm -f "$pidfile"; return; }
    sleep 0.1
  done
  echo "dockerd (process $pid) does not stop" >&2
  exit 1
}

case ${1:-start} in
  start) start ;;
  stop) stop ;;
  *) echo "usage: $0 [start|stop]" >&2; exit 2 ;;
esac
