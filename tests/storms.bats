#!/usr/bin/env bats
# One address that connects again and again, as OpenRisk's page does when it misbehaves: it is held and told, nobody else is.
# shellcheck shell=bats disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load broadcaster

DASH='/api/v1/ws/dashboard?token='

# start [OPTION...]: with a document of 15 KB to greet with
start() {
	begin "$@"
	printf '{"type":"dashboard","timestamp":"2026-11-20T22:04:45.219Z","data":{"pad":"%s"}}\n' "$(head -c 15000 /dev/zero | tr '\0' x)" >&9
	wait_for 10 curl -sf -o /dev/null "$API/dashboard/complete"
}
# measure COMMAND...: answers of the load client, an object a line; source=A there means 127.0.0.A
measure() { printf '%s\n' "server port=$PORT pids=$(pid_of b)" "$@" | "$BUILD/bench/load" 2>/dev/null 9>&- | tail -n 1; }
# storm SOURCE TIMES [WORD...]: as fast as can be
storm() { measure "churn times=$2 at_once=50 source=$1 path=$DASH ${*:3}"; }
rss() { awk '/^VmRSS/ {print $2}' "/proc/$(pid_of b)/status"; }
knock() { odd-token knock "$PORT" "$@" 9>&-; }
is_told() { [ "$(knock "$DASH" | head -n 1)" = 429 ]; }

@test "who comes and goes too often is told 429, why, and when to come back; others are served meanwhile" {
	start
	mkfifo "$BATS_TEST_TMPDIR/orders"
	exec 8<>"$BATS_TEST_TMPDIR/orders"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/orders spawn storm "$BUILD/bench/load" 8>&- 9>&-
	printf '%s\n' "server port=$PORT pids=$(pid_of b)" "churn times=1000000 at_once=50 source=1 path=$DASH" >&8
	wait_for 20 is_told
	curl -s -i -N --max-time 5 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "http://127.0.0.1:$PORT$DASH" 9>&- | tr -d '\r' >"$BATS_TEST_TMPDIR/told"
	if grep -q '^HTTP/1.1 429 ' "$BATS_TEST_TMPDIR/told"; then # hardly ever, it had just been forgiven one
		grep -qi '^retry-after: 5$' "$BATS_TEST_TMPDIR/told"
		tail -n 1 "$BATS_TEST_TMPDIR/told" | jq -e '.error | contains("comes and goes too often")'
	fi
	# the same path from elsewhere, other paths and plain HTTP from the same address
	[ "$(measure "open clients=20 source=7 path=$DASH" | jq .opened)" = 20 ]
	[ "$(measure 'open clients=20 source=1 path=/ws' | jq .opened)" = 20 ]
	[ "$(measure 'open clients=20 source=1 path=/api/v1/ws/live-diagnostics' | jq .opened)" = 20 ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' "$API/dashboard/complete")" = 200 ]
	stop storm KILL || true
	exec 8>&-
	# and it is let in again when it rests
	let_in() { [ "$(knock "$DASH" | head -n 1)" = 101 ]; }
	wait_for 30 let_in
}

@test "a storm is named in the log once, counted, bounded in memory, and no sign that we do badly" {
	WEBSOCKET_AUTO_ROLLBACK=on start
	local before after out
	out=$(storm 99 500 reset=1)
	before=$(rss)
	for reset in 0 1; do
		out=$(storm 99 3000 reset=$reset)
		jq -e '.welcomed < 1200 and .refused > 500 and .refused == .too_many and .welcomed + .refused == 3000' <<<"$out"
	done
	after=$(rss)
	[[ "$BUILD" == *san* ]] || [ $((after - before)) -lt 2048 ]
	[ "$(grep -c 'connects of 127.0.0.99 are refused' "$BATS_TEST_TMPDIR/b.err")" = 1 ]
	[ "$(counter 'refused_total{reason="rate"}')" -gt 1000 ]
	[ "$(counter 'websocket_leaves_total{cause="broken"}')" = 0 ]
	[ "$(counter 'websocket_leaves_total{cause="restless"}')" -gt 50 ]
	[ "$(knock /ws | head -n 1)" = 101 ]
	gone() { [ "$(counter websocket_active_connections)" = 0 ]; }
	wait_for 20 gone
}

@test "a crowd of one address that stays is let in, up to a number" {
	start --connect-rate 0 --max-clients-per-address 0
	[ "$(measure "open clients=1200 source=9 path=$DASH" | jq .opened)" = 1200 ]
	stop b
	rm "$BATS_TEST_TMPDIR/feed"
	start
	out=$(measure "open clients=5040 source=9 path=$DASH seconds=30")
	[ "$(jq -c '[.opened, .too_many]' <<<"$out")" = '[5000,40]' ]
	wait_for 10 err_has b 'connects of 127.0.0.9 are refused with 429: too many clients of this address'
}

@test "the operator's own limits take the place of these" {
	start --connect-rate 0
	[ "$(storm 99 2000 | jq .welcomed)" = 2000 ]
	stop b
	rm "$BATS_TEST_TMPDIR/feed"
	start --connect-rate 5
	storm 99 500 | jq -e '.welcomed >= 10 and .welcomed < 300 and .refused == .too_many'
}

@test "an address that is not this machine's has its limits without being asked" {
	start --trusted-proxy 127.0.0.1
	run -1 wsclient --path "$DASH" --clients 400 --count 1 --status --header 'X-Forwarded-For: 192.0.2.7' "$PORT" 9>&-
	[[ $output == *' 429 '*'"error":"too many connects a second from this address"'* ]]
	wait_for 10 err_has b 'connects of 192.0.2.7 are refused'
}
