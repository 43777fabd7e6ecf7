#!/usr/bin/env bats
# OpenRisk's real-time dashboard over WebSocket: one document of somebody else's, as it is. HTTP is elsewhere.
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034 # what eval gets is for later, and jq has dollars of its own

load helper
load broadcaster
bats_require_minimum_version 1.5.0

# The one test that takes half a minute runs beside the others.
setup_file() {
	broadcaster --port 0 <<<'{"type":"dashboard","data":{"n":1}}' 2>"$BATS_FILE_TMPDIR/b.err" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/b.pid"
	for _ in $(seq 500); do grep -q listening "$BATS_FILE_TMPDIR/b.err" && break; sleep 0.02; done
	wsclient --path /api/v1/ws/dashboard --stamp --seconds 75 --until never "$(sed -n 's|.*listening on http://[^ ]*:\([0-9]*\)$|\1|p' "$BATS_FILE_TMPDIR/b.err")" >"$BATS_FILE_TMPDIR/t.out" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/t.pid"
}
teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/b.pid")" "$(cat "$BATS_FILE_TMPDIR/t.pid")" || true; }

WS_PATH='/api/v1/ws/dashboard?token='
HELD=(--seconds 90)

known() { wait_for 20 eval 'ws --send "{\"action\":\"ping\"}" --until pong | grep -q dashboard_update'; }

DATA='{"metrics":{"average_risk_score":12.50,"trending_up_percent":1e1,"overdue_count":9007199254740993,"sla_compliance_rate":80.0,"total_risks":3,"active_risks":2,"mitigation_rate":33.3,"updated_at":"2026-11-20T22:04:45Z"}, "risk_trends":null,"top_risks":[{"id":"r1","name":"\u00e9 \"q\"","score":0.30}],"odd" : {"x":[]}}'
dashboard() { echo "{\"type\":\"dashboard\",\"timestamp\":\"2026-11-20T22:04:45.219Z\",\"source\":\"http-poll\",\"data\":${1-$DATA}}"; }

@test "B7.1: the upgrade is taken with an empty token, with any, and with none, where there is no key" {
	start
	feed "$(dashboard)"
	known
	local query
	for query in '' '?token=' '?token=abc'; do wsclient --path "/api/v1/ws/dashboard$query" --count 1 "$PORT" 9>&- | jq -e '.type == "dashboard_update"'; done
	wsclient --path /api/v1/ws/dashboard --header 'Origin: http://localhost:3001' --count 1 "$PORT" 9>&- | jq -e '.type == "dashboard_update"'
}

@test "B7.2: the last document is the first message, byte for byte and without an envelope's time" {
	start
	feed "$(dashboard)"
	known
	[ "$(ws --count 1)" = '{"type":"dashboard_update","data":'"$DATA"'}' ]
}

@test "B7.2: each new document goes out as it comes" {
	start
	client t
	feed "$(dashboard '{"n":1}')"
	wait_for 20 out_has t '"n":1'
	feed "$(dashboard '{"n":2}')"
	wait_for 20 out_has t '"n":2'
	got t 'map(.data.n) == [1, 2]'
}

@test "B7.3: refresh gets the document, ping gets a bare pong, and nobody else gets either" {
	start
	feed "$(dashboard '{"n":1}')"
	known
	client other
	ws --send '{"action":"refresh"}' --send '{"action":"ping"}' --count 3 >"$BATS_TEST_TMPDIR/t.out"
	diff - "$BATS_TEST_TMPDIR/t.out" <<-'END'
		{"type":"dashboard_update","data":{"n":1}}
		{"type":"dashboard_update","data":{"n":1}}
		{"type":"pong"}
	END
	feed "$(dashboard '{"n":2}')"
	wait_for 20 got other 'length == 2'
	got other 'map(.data.n) == [1, 2]'
}

@test "B7.3: what is unknown, broken or binary is ignored, and counts as no fault" {
	start
	feed "$(dashboard '{"n":1}')"
	known
	ws --send '{"action":"nonsense"}' --send '{broken' --send '[1]' --send '{"type":"ping"}' --send '{"action":7}' --send '"ping"' --send ping --send '' \
		--send-hex 8291000000007b22616374696f6e223a2270696e67227d --send-hex 028300000000010203008100000000788081000000 --send-hex 00ff \
		--send '{"action":"subscribe","subscriptions":["metrics"]}' --send '{"action":"ping"}' --count 2 --closes >"$BATS_TEST_TMPDIR/t.out"
	[ "$(cat "$BATS_TEST_TMPDIR/t.out")" = '{"type":"dashboard_update","data":{"n":1}}
{"type":"pong"}' ]
	[ "$(counter websocket_bad_requests_total)" -eq 0 ]
	[ "$(counter websocket_protocol_closes_total)" -eq 0 ]
}

@test "B7.4: while nothing is known nothing is sent, to refresh either, and no error" {
	start
	feed '{"type":"dashboard","id":"other","data":{"n":9}}' '{"type":"metrics","data":{"a":1}}' '{"type":"session_event","data":{}}'
	client t --send '{"action":"refresh"}' --send '{"action":"ping"}'
	wait_for 20 out_has t pong
	feed "$(dashboard '{"n":1}')"
	wait_for 20 out_has t dashboard_update
	got t 'map(.type) == ["pong", "dashboard_update"]'
}

@test "B7.6: lists that are null, and numbers as they were written, pass; a document that is none keeps the last good one" {
	start
	feed "$(dashboard '{"metrics":{"average_risk_score":0.10},"risk_trends":null,"top_risks":null}')"
	known
	feed "$(dashboard null)" "$(dashboard '[1]')" "$(dashboard NaN)" '{"type":"dashboard"}'
	wait_for 20 eval '[ "$(counter records_bad_state_total)" -eq 3 ] && [ "$(counter lines_bad_total)" -eq 1 ]'
	[ "$(ws --count 1)" = '{"type":"dashboard_update","data":{"metrics":{"average_risk_score":0.10},"risk_trends":null,"top_risks":null}}' ]
}

@test "B7.7: who sends too much is told in OpenRisk's shape, ignored for a while and then closed, as on every path" {
	start --message-rate 1 --message-burst 3
	for _ in $(seq 70); do echo '{"action":"nonsense"}'; done >"$BATS_TEST_TMPDIR/flood"
	ws --send "@$BATS_TEST_TMPDIR/flood" --closes --seconds 20 >"$BATS_TEST_TMPDIR/t.out" || true
	grep -F 'close 1008' "$BATS_TEST_TMPDIR/t.out"
	head -n 1 "$BATS_TEST_TMPDIR/t.out" | jq -e '.type == "error" and (.error | startswith("too many messages")) and (keys | length) == 2'
}

@test "a document of a demonstration is marked at the top, and stays as it is" {
	start
	feed '{"type":"dashboard","demo":true,"data":{"n":1}}'
	known
	[ "$(ws --count 1)" = '{"type":"dashboard_update","demo":true,"data":{"n":1}}' ]
}

@test "a token that does not allow the document gets none, and no event of another type comes here" {
	head -c 32 /dev/urandom | base64 >"$BATS_TEST_TMPDIR/key"
	chmod 600 "$BATS_TEST_TMPDIR/key"
	start --jwt-key-file "$BATS_TEST_TMPDIR/key"
	token() { katoctl token --key-file "$BATS_TEST_TMPDIR/key" --topics "$1"; }
	feed "$(dashboard '{"n":1}')"
	WS_PATH="/api/v1/ws/dashboard?token=$(token '*')"
	known
	client all
	feed '{"type":"system_alert","alerts":[]}' "$(dashboard '{"n":2}')"
	wait_for 20 out_has all '"n":2'
	got all 'map(.data.n) == [1, 2]'
	WS_PATH="/api/v1/ws/dashboard?token=$(token metrics)"
	ws --send '{"action":"refresh"}' --send '{"action":"ping"}' --until pong | jq -se 'map(.type) == ["pong"]'
}

@test "B7.2: the last document comes again after 30 seconds, though it is the same" {
	wait_for 60 eval '[ "$(wc -l <"$BATS_FILE_TMPDIR/t.out")" -ge 2 ]'
	cut -f2 "$BATS_FILE_TMPDIR/t.out" | jq -se '. == [{type: "dashboard_update", data: {n: 1}}, {type: "dashboard_update", data: {n: 1}}]'
	awk '{ at[NR] = $1 } END { gap = (at[2] - at[1]) / 1e6; exit !(gap > 28 && gap < 40) }' "$BATS_FILE_TMPDIR/t.out"
}
