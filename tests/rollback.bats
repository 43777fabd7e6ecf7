# The automatic rollback, and why clients left.
# shellcheck shell=bats disable=SC2030,SC2031

load helper
load broadcaster

# start SETTING... [-- OPTION...]: a broadcaster named b with these in its settings file
start() {
	: >"$BATS_TEST_TMPDIR/settings"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		echo "$1" >>"$BATS_TEST_TMPDIR/settings"
		shift
	done
	[ $# -eq 0 ] || shift
	begin --settings "$BATS_TEST_TMPDIR/settings" "$@"
}
get() { curl -s "http://127.0.0.1:$PORT$1" 9>&-; }
has() { get "$1" | grep -qF -- "$2"; }
# N clients whose connections break off
break_off() {
	client gone --clients "$1" --seconds 60
	stop gone KILL || true
}

@test "on: connections that break off switch WebSocket off, and all are told; HUP switches it on" {
	start WEBSOCKET_AUTO_ROLLBACK=on
	client stays --seconds 60
	break_off 5
	wait_for 10 err_has b 'critical: 5 abnormal disconnects in a minute, the limit is 3: WebSocket is switched off'
	run wsclient --status "$PORT"
	[[ $output == *' 503 '* ]]
	wait_for 5 eval "grep '\"connected\"' '$BATS_TEST_TMPDIR/stays.out' | tail -n 1 | jq -e '.flags | tostring | contains(\"false\")'"
	wait_for 5 out_has stays '"type":"source_status".*"source":"broadcaster".*"degraded"'
	grep '"source_status"' "$BATS_TEST_TMPDIR/stays.out" >"$BATS_TEST_TMPDIR/told"
	valid "$BATS_TEST_TMPDIR/told"
	has /metrics 'kato_live_rollbacks_total{cause="disconnects"} 1'
	has /metrics 'kato_live_rolled_back 1'
	has /api/v1/ws/stats '"rolled_back":true'
	kill -HUP "$(pid_of b)"
	wait_for 5 err_has b 'switched on again'
	wait_for 5 out_has stays '"source":"broadcaster".*"status":"up"'
	wsclient --count 1 "$PORT" 9>&-
	has /metrics 'kato_live_rolled_back 0'
	stop stays || true
}

@test "warn, which is the default: it is said, and nothing else happens" {
	start
	break_off 5
	wait_for 10 err_has b 'critical: 5 abnormal disconnects.*would switch WebSocket off'
	wsclient --count 1 "$PORT" 9>&-
	has /metrics 'kato_live_rolled_back 0'
	has /metrics 'kato_live_rollbacks_total{cause="disconnects"} 1'
}

@test "off: nothing is judged" {
	start WEBSOCKET_AUTO_ROLLBACK=off
	break_off 5
	wait_for 5 has /metrics 'kato_live_websocket_leaves_total{cause="broken"} 5'
	sleep 1.5
	run err_has b critical
	[ "$status" -ne 0 ]
}

@test "as many as are set are fine" {
	start WEBSOCKET_AUTO_ROLLBACK=on -- --rollback-disconnects 5
	break_off 5
	wait_for 5 has /metrics 'kato_live_websocket_leaves_total{cause="broken"} 5'
	sleep 1.5
	wsclient --count 1 "$PORT" 9>&-
}

@test "each way to leave is counted by its cause and said" {
	start -- --log-level debug
	bye() { wsclient --send-hex "$1" --quiet --seconds 5 "$PORT" 9>&- || true; }
	bye 88820000000003e8
	bye 888000000000
	bye 8882000000000fa0
	bye ffff
	break_off 1
	wait_for 5 has /metrics 'websocket_leaves_total{cause="normal"} 2'
	wait_for 5 has /metrics 'websocket_leaves_total{cause="code"} 1'
	wait_for 5 has /metrics 'websocket_leaves_total{cause="fault"} 1'
	wait_for 5 has /metrics 'websocket_leaves_total{cause="broken"} 1'
	err_has b 'left: peer closed with 1000'
	err_has b 'left: peer closed with 4000'
	err_has b 'left: server closed with 1002'
	err_has b 'left: the connection ended without a close frame'
	run err_has b critical
	[ "$status" -ne 0 ]
}

@test "a broadcast is said at debug, with its time and its clients" {
	start -- --log-level debug
	client some --clients 3 --seconds 60
	echo '{"type":"session_event","id":"e","event_type":"x","data":{}}' >&9
	wait_for 5 grep -qE 'broadcast completed in [0-9.]+ ms for 3 clients' "$BATS_TEST_TMPDIR/b.err"
	stop some || true
}
