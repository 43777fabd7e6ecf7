# What every .bats file loads. Nothing here sleeps for a fixed time: wait_for polls a condition until a deadline.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
FIXTURES=$ROOT/tests/fixtures
PATH=$BUILD/bin:$BUILD/tools:$ROOT/tests/tools:$PATH:/usr/sbin:/sbin
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
# A test sees our settings only: none from the caller, none from /etc.
while IFS='=' read -r name _; do
	case $name in KATO_* | WEBSOCKET_* | ALERT_* | CORS_ORIGINS | LOG_LEVEL | DOCKER_HOST | VITE_*) unset "$name" ;; esac
done < <(env)
export KATO_LIVE_SETTINGS=/dev/null
# What tools keep stays inside the test.
export STATE_DIRECTORY=${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-/proc}}/state

# spawn NAME COMMAND...: in the background; output in $BATS_TEST_TMPDIR/NAME.out and .err, pid in NAME.pid.
# Standard input is /dev/null unless SPAWN_STDIN names a file or FIFO.
spawn() {
	local name=$1
	shift
	# emptied here and not by the child, so that nobody reads what an earlier NAME wrote
	: >"$BATS_TEST_TMPDIR/$name.out"
	: >"$BATS_TEST_TMPDIR/$name.err"
	"$@" <"${SPAWN_STDIN:-/dev/null}" >>"$BATS_TEST_TMPDIR/$name.out" 2>>"$BATS_TEST_TMPDIR/$name.err" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/$name.pid"
}

pid_of() { cat "$BATS_TEST_TMPDIR/$1.pid"; }

# stop NAME [SIGNAL]: ends it by its pid and returns its exit status.
stop() {
	local pid
	pid=$(pid_of "$1")
	rm -f "$BATS_TEST_TMPDIR/$1.pid"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid"
}

# stop_all: for teardown.
stop_all() {
	local f pid
	for f in "$BATS_TEST_TMPDIR"/*.pid; do
		[ -e "$f" ] || continue
		pid=$(cat "$f")
		kill -TERM "$pid" 2>/dev/null
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		rm -f "$f"
	done
	return 0
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails, saying so, after that long.
wait_for() {
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "never became true: $*" >&2
			tail -n 5 "$BATS_TEST_TMPDIR"/*.err >&2 2>/dev/null
			return 1
		fi
		sleep 0.02
	done
}

# line_count NAME: lines in NAME.out
line_count() { wc -l <"$BATS_TEST_TMPDIR/$1.out"; }
has_lines() { [ "$(line_count "$1")" -ge "$2" ]; }
out_has() { grep -q -- "$2" "$BATS_TEST_TMPDIR/$1.out"; }
err_has() { grep -q -- "$2" "$BATS_TEST_TMPDIR/$1.err"; }

# port_of NAME: the port that NAME said on stderr it listens on; waits for it.
port_of() {
	wait_for 10 err_has "$1" 'listening on http' || return 1
	sed -n 's|.*listening on https\{0,1\}://[^ ]*:\([0-9]*\).*|\1|p' "$BATS_TEST_TMPDIR/$1.err" | head -n 1
}

# valid FILE...: each line is a record (or wire message) that its schema in share/schema allows.
valid() { /usr/bin/python3 "$ROOT/tests/tools/validate" "$@"; }
