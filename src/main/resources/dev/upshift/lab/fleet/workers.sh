#!/bin/sh
# Starts, stops and asks about one process of the lab's fleets.
#   workers.sh start NAME    returns when it serves; 0 also when it runs already
#   workers.sh stop NAME     graceful; 1 when it still runs after its time
#   workers.sh status NAME   0 it runs, 3 it does not
# NAME.conf beside this script says what to run, one setting a line:
#   java=PATH  classpath=PATH  main=CLASS  [hosts=FILE]  [share=FILE]
#   [start-seconds=20]  [stop-seconds=10]  option=JVM-OPTION ...  arg=ARGUMENT ...
set -u

fail() {
  echo "workers.sh: $2" >&2
  exit "$1"
}

[ $# -eq 2 ] || fail 2 "usage: workers.sh start|stop|status NAME"
action=$1
name=$2
case $name in '' | */* | .*) fail 2 "no name of a process: $name" ;; esac
here=$(cd "$(dirname "$0")" && pwd) || exit 2
base=$here/$name
conf=$base.conf
[ -r "$conf" ] || fail 2 "$conf cannot be read"

# setting KEY DEFAULT: the value of a line of the conf file.
setting() {
  value=$(sed -n "s/^$1=//p" "$conf" | head -n 1)
  echo "${value:-$2}"
}

# What one process is and no other: its id, its start in clock ticks since boot (field 22 of
# proc_pid_stat(5); the name in field 2 may hold blanks and brackets), and the boot.
identity() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086 # the fields are meant to be split
  set -- "$1" ${stat##*)}
  case $2 in Z | X) return 1 ;; esac # ended, only nobody has asked for its exit code yet
  echo "$1 ${21} $(cat /proc/sys/kernel/random/boot_id)"
}

# Sets pid, if the process of the pid file runs and really is ours.
running() {
  recorded=$(cat "$base.pid" 2>/dev/null) || return 1
  pid=${recorded%% *}
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$(identity "$pid")" = "$recorded" ]
}

one_at_a_time() {
  exec 9>"$base.lock"
  flock -w 60 9 || fail 1 "another start or stop of $name does not end"
}

# await TENTHS COMMAND: 0 as soon as the command succeeds.
await() {
  tenths=$1
  shift
  until "$@"; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

ready_or_ended() { [ -f "$base.ready" ] || { [ -f "$base.pid" ] && ! running; }; }
ended() { ! running; }

start() {
  one_at_a_time
  running && return 0
  rm -f "$base.ready" "$base.pid"
  setsid sh "$here/workers.sh" run "$name" </dev/null >>"$base.log" 2>&1 9>&- &
  await "$(setting start-seconds 20)0" ready_or_ended ||
    fail 1 "$name does not serve yet, see $base.log"
  running || fail 1 "$name ended at its start, see $base.log"
}

stop() {
  one_at_a_time
  if running; then
    kill -TERM "$pid" 2>/dev/null
    await "$(setting stop-seconds 10)0" ended || fail 1 "$name still runs, process $pid"
  fi
  rm -f "$base.pid" "$base.ready"
}

# Inside the new session: writes the pid file, then becomes the JVM under the same id.
run() {
  identity $$ >"$base.pid.new" && mv "$base.pid.new" "$base.pid" || exit 1
  java=$(setting java java)
  archive=$(setting share '')
  hosts=$(setting hosts '')
  set -- "$java" -Dsun.net.inetaddr.ttl=0 -Dsun.net.inetaddr.negative.ttl=0 \
    -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -Xlog:disable -Xshare:auto
  [ -z "$hosts" ] || set -- "$@" "-Djdk.net.hosts.file=$hosts"
  [ -z "$archive" ] || set -- "$@" "-XX:SharedArchiveFile=$archive"
  while IFS= read -r line; do
    case $line in option=*) set -- "$@" "${line#option=}" ;; esac
  done <"$conf"
  set -- "$@" -cp "$(setting classpath .)" "$(setting main '')"
  while IFS= read -r line; do
    case $line in arg=*) set -- "$@" "${line#arg=}" ;; esac
  done <"$conf"
  exec "$@" --name "$name" --ready-file "$base.ready"
}

case $action in
  start) start ;;
  stop) stop ;;
  status) if running; then echo "$name runs, process $pid"; else exit 3; fi ;;
  run) run ;;
  *) fail 2 "usage: workers.sh start|stop|status NAME" ;;
esac
