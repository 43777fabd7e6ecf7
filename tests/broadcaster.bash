# A broadcaster with its input in our hands, and clients of it; loaded after helper. A file that needs more of it defines its own.
# shellcheck shell=bash disable=SC2034

# WS_PATH is where clients connect, HELD what those in the background get besides, UNDER what the broadcaster is started by.
WS_PATH=/ws
HELD=()
UNDER=()

teardown() {
	exec 9>&- || true
	stop_all
}

# begin [OPTION...]: a broadcaster named b, on PORT, fed by feed LINE... Nobody but us holds the feed open.
begin() {
	[ -p "$BATS_TEST_TMPDIR/feed" ] || mkfifo "$BATS_TEST_TMPDIR/feed"
	exec 9<>"$BATS_TEST_TMPDIR/feed"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/feed spawn b "${UNDER[@]}" broadcaster --port 0 "$@" 9>&-
	PORT=$(port_of b)
	URL=http://127.0.0.1:$PORT
	API=$URL/api/v1
}
start() { begin "$@"; }
feed() { printf '%s\n' "$@" >&9; }

ws() { wsclient --path "$WS_PATH" "$@" "$PORT" 9>&-; }
# client NAME OPTION...: in the background, once its upgrade is through; output in NAME.out
client() {
	local name=$1
	shift
	spawn "$name" wsclient --hold --path "$WS_PATH" "${HELD[@]}" "$@" "$PORT" 9>&-
	wait_for 60 err_has "$name" '^open '
}
# ended NAME: waits until it ends by itself, and returns its exit status
ended() {
	wait "$(pid_of "$1")"
	local status=$?
	rm -f "$BATS_TEST_TMPDIR/$1.pid"
	return $status
}
types() { jq -r .type "$BATS_TEST_TMPDIR/$1.out" | paste -sd' '; }
# got NAME EXPRESSION: does jq find it true of the client's messages, a list?
got() { jq -se "$2" "$BATS_TEST_TMPDIR/$1.out"; }

get() { curl -s --max-time 20 "$@" 9>&-; }
status() { get -o /dev/null -w '%{http_code}' "$@"; }
is_status() { # CODE URL...
	[ "$(status "${@:2}")" = "$1" ]
}
header() { # NAME URL...: of the answer
	get -D - -o /dev/null "${@:2}" | tr -d '\r' | sed -n "s/^$1: //Ip"
}
# counter NAME: what /metrics says of it, "kato_live_" left out
counter() { get "$URL/metrics" | awk -v n="kato_live_$1" '$1 == n { print $2 }'; }
