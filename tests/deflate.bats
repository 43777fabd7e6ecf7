# permessage-deflate (RFC 7692): what is agreed on, what is sent compressed, and what a client's compressed messages can do.
# shellcheck shell=bats disable=SC2154

bats_require_minimum_version 1.5.0
load helper
load broadcaster

setup() { start; }

start() { begin --dashboard none "$@"; }
# metrics ID: a reading of some 2 KB that compresses well; event ID TEXT
metrics() { printf '{"type":"metrics","timestamp":"2026-01-02T03:04:05.000Z","data":{"id":%s%s}}\n' "$1" "$(printf ',"reading_%d":17.25' {1..100})"; }
event() { printf '{"type":"session_event","id":"%s","timestamp":"2026-01-02T03:04:05.000Z","data":{"text":"%s"}}\n' "$1" "$2"; }
long() { printf '%s and once more ' {1..60}; }
# agreed OFFERS: what is answered to them
agreed() { deflate-client "$PORT" "$1" | sed -n 's/^agreed //p'; }

both='permessage-deflate; server_no_context_takeover; client_no_context_takeover'

@test "the offers that browsers and libraries make are taken, without a window to keep" {
	[ "$(agreed 'permessage-deflate')" = "$both" ]
	[ "$(agreed 'permessage-deflate; client_max_window_bits')" = "$both" ]
	[ "$(agreed 'permessage-deflate;client_max_window_bits=10;	server_no_context_takeover;client_no_context_takeover')" = "$both" ]
	[ "$(agreed 'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12')" = "$both; server_max_window_bits=12" ]
	[ "$(agreed '')" = nothing ]
}

@test "an offer with a fault is declined, and the first good one of several taken" {
	for bad in 'unknown' 'server_max_window_bits=9' 'server_max_window_bits' 'client_max_window_bits=16' 'client_no_context_takeover=1' \
		'server_no_context_takeover; server_no_context_takeover'; do
		[ "$(agreed "permessage-deflate; $bad")" = nothing ]
		[ "$(agreed "permessage-deflate; $bad, permessage-deflate")" = "$both" ]
		[ "$(agreed "foo; x=\"a,b\"|permessage-deflate; $bad|permessage-deflate; server_max_window_bits=13")" = "$both; server_max_window_bits=12" ]
	done
	[ "$(agreed 'permessage-deflate, permessage-deflate')" = "$both" ]
	[ "$(agreed 'foo; x=",permessage-deflate"')" = nothing ]
	run -0 deflate-client "$PORT" "$(printf 'some-extension, %.0s' {1..20})permessage-deflate"
	[ "$output" = 'status 400' ]
}

@test "who asked gets state and events compressed, who did not gets the same bytes plain" {
	metrics 0 >&9
	wait_for 10 out_has_metrics
	spawn wide deflate-client "$PORT" permessage-deflate get '"last"'
	spawn keep deflate-client "$PORT" permessage-deflate keep get '"last"'
	spawn narrow deflate-client "$PORT" 'permessage-deflate; server_max_window_bits=12' window 12 get '"last"'
	spawn plain deflate-client "$PORT" '' get '"last"'
	for c in wide keep narrow plain; do wait_for 10 out_has $c realtime_update; done
	for i in 1 2 3; do
		metrics "$i" >&9
		event "e$i" "$(long)" >&9
		for c in wide keep narrow plain; do wait_for 10 out_has $c "\"id\":$i,"; done
	done
	{ event big "$(for _ in {1..12}; do long; done)"; event tiny ''; event last "$(long)"; } >&9
	for c in plain wide keep narrow; do
		wait_for 10 out_has $c '"last"'
		sed -E '/^agreed|"connected"/d; s/^(plain|deflated) //' "$BATS_TEST_TMPDIR/$c.out" >"$BATS_TEST_TMPDIR/$c.text"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/$c.text")" -ge 10 ]
		diff -q <(grep -v realtime_update "$BATS_TEST_TMPDIR/plain.text") <(grep -v realtime_update "$BATS_TEST_TMPDIR/$c.text")
		diff -q <(grep -o '"metrics":{"id.*' "$BATS_TEST_TMPDIR/plain.text") <(grep -o '"metrics":{"id.*' "$BATS_TEST_TMPDIR/$c.text")
	done
	run -1 grep '^deflated' "$BATS_TEST_TMPDIR/plain.out"
	for c in wide keep narrow; do
		[ "$(grep -c '^deflated.*session_event' "$BATS_TEST_TMPDIR/$c.out")" -eq 5 ]
		[ "$(grep -c '^deflated.*realtime_update' "$BATS_TEST_TMPDIR/$c.out")" -ge 4 ]
		grep -q '^plain.*"tiny"' "$BATS_TEST_TMPDIR/$c.out"
	done
}
out_has_metrics() { curl -sf "http://127.0.0.1:$PORT/api/v1/system/metrics"; }

@test "what a client sends compressed is understood: whole, in fragments with a ping between, beside plain messages" {
	run -0 deflate-client "$PORT" 'permessage-deflate; client_max_window_bits' \
		send '{"type":"subscribe","subscriptions":["weather"]}' get '"subscriptions":["weather"]' \
		fragments '{"type":"subscribe","subscriptions":["traffic"]}' get '"traffic"' \
		plain ping get heartbeat send ping get heartbeat frame c1 00 get error frame c1 '' get error
}

@test "a client that keeps its window all the same is told that its data is broken" {
	run -0 deflate-client "$PORT" permessage-deflate takeover \
		send '{"type":"subscribe","subscriptions":["weather"]}' get subscribed send '{"type":"subscribe","subscriptions":["weather"]}' closed
	[[ $output == *"closed 1007 "* ]]
}

@test "a bomb ends with 1009 and its client alone; it costs no memory" {
	spawn other deflate-client "$PORT" permessage-deflate get '"last"'
	wait_for 10 out_has other connected
	before=$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of b)/status")
	for size in 4097 100000 4000000; do
		run -0 deflate-client "$PORT" permessage-deflate bomb $size closed
		[[ $output == *"closed 1009 "* ]]
	done
	after=$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of b)/status")
	[ $((after - before)) -lt 2000 ]
	event last "$(long)" >&9
	wait_for 10 out_has other '"last"'
}

@test "broken compressed data ends with 1007, RSV1 where it has no meaning with 1002" {
	for data in ffffffff f248cdc9 48656c6c6f f20011 ; do
		run -0 deflate-client "$PORT" permessage-deflate frame c1 $data closed
		[[ $output == *"closed 1007 "* ]]
	done
	# on a continuation, a ping, a pong, a close frame; without an agreement; RSV2
	for frames in '41 aa frame c0 aa' '01 61 frame c0 61' 'c9 00' 'ca 00' 'c8 03e8' 'a1 61'; do
		# shellcheck disable=SC2086
		run -0 deflate-client "$PORT" permessage-deflate frame $frames closed
		[[ $output == *"closed 1002 "* ]]
	done
	run -0 deflate-client "$PORT" '' frame c1 00 closed
	[[ $output == *"closed 1002 "* ]]
	# text that is not UTF-8 once inflated; binary
	run -0 deflate-client "$PORT" permessage-deflate frame c1 fa07 frame 81 ff closed
	[[ $output == *"closed 1007 "* ]]
	run -0 deflate-client "$PORT" permessage-deflate frame c2 00 closed
	[[ $output == *"closed 1003 "* ]]
}

@test "a resume, a snapshot and a client that reads late are right for who compresses" {
	stop b
	start --queue-bytes 16M
	text=$(long)
	for i in {1..40}; do event "e$i" "$text"; done >&9
	metrics 1 >&9
	wait_for 10 out_has_metrics
	epoch=$(curl -sf "http://127.0.0.1:$PORT/api/v1/events" | jq -r .epoch)
	run -0 deflate-client "$PORT" permessage-deflate \
		send "{\"type\":\"subscribe\",\"subscriptions\":[\"session_event\"],\"since\":{\"epoch\":\"$epoch\",\"offset\":10}}" get '"id":"e40"' \
		send '{"type":"subscribe","subscriptions":["metrics"]}' send '{"type":"get_snapshot"}' get '"metrics":{"id":1'
	[ "$(grep -o '"id":"e[0-9]*"' <<<"$output" | sort -u | wc -l)" -eq 30 ]
	spawn late deflate-client "$PORT" permessage-deflate get connected pause "$BATS_TEST_TMPDIR/go" get '"final"'
	wait_for 10 out_has late connected
	for i in {1..3000}; do event "f$i" "$i$text"; done >&9
	event final "$text" >&9
	wait_for 20 has_event final
	touch "$BATS_TEST_TMPDIR/go"
	wait_for 20 out_has late '"final"'
	[ "$(grep -o '"id":"f[0-9]*"' "$BATS_TEST_TMPDIR/late.out" | uniq | wc -l)" -eq 3000 ]
}
has_event() { curl -sf "http://127.0.0.1:$PORT/api/v1/events?limit=1" | grep -q "\"$1\""; }

@test "WEBSOCKET_COMPRESSION=false: it is agreed on with nobody; HUP reads it, and who has it keeps it" {
	stop b
	echo >"$BATS_TEST_TMPDIR/settings"
	start --settings "$BATS_TEST_TMPDIR/settings"
	spawn old deflate-client "$PORT" permessage-deflate get '"last"'
	wait_for 10 out_has old connected
	echo WEBSOCKET_COMPRESSION=false >"$BATS_TEST_TMPDIR/settings"
	kill -HUP "$(pid_of b)"
	wait_for 10 err_has b 'settings read again'
	[ "$(agreed permessage-deflate)" = nothing ]
	event last "$(long)" >&9
	wait_for 10 out_has old '"last"'
	grep -q '^deflated.*"last"' "$BATS_TEST_TMPDIR/old.out"
}

@test "the clients of Node and of Python agree on it and understand what comes" {
	metrics 5 >&9
	wait_for 10 out_has_metrics
	tried=0
	if [ -d "$ROOT/tests/web/node_modules/ws" ]; then
		tried=1
		run -0 node "$ROOT/tests/tools/deflate-node.mjs" "ws://127.0.0.1:$PORT/ws"
		[[ $output == *permessage-deflate*'"id":5'*subscribed* ]]
	fi
	if /usr/bin/python3 -c 'import websockets' 2>/dev/null; then
		tried=1
		run -0 /usr/bin/python3 -c 'import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1]) as ws:
        print([str(e.name) for e in ws.extensions])
        await ws.send("{\"type\":\"subscribe\",\"subscriptions\":[\"weather\"]}")
        async for text in ws:
            print(text)
            if "subscribed" in text:
                break
asyncio.run(main())' "ws://127.0.0.1:$PORT/ws"
		[[ $output == *permessage-deflate*'"id":5'*subscribed* ]]
	fi
	[ $tried = 1 ] || skip 'neither is here'
}
