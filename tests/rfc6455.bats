# The protocol as an unfriendly client sees it: RFC 6455 case by case (tests/tools/rfc6455), and noise.
# shellcheck shell=bats disable=SC2030,SC2031

load helper
load broadcaster

# A broadcaster all of whose cases pass, and which is there afterwards and ends as it should.
passes() {
	start --connect-rate 0
	rfc6455 "$PORT" "$1" 9>&-
	stop b
}

@test "framing: lengths, masks, opcodes, reserved bits, pieces" { passes framing; }
@test "fragments, with control frames between" { passes fragments; }
@test "pings come back, exactly and in order" { passes pings; }
@test "closing: codes, reasons, who ends TCP" { passes closing; }
@test "UTF-8, cut at each byte" { passes utf8; }
@test "handshakes, good and bad" { passes handshake; }
@test "what comes in one packet with the handshake" { passes pipelined; }

@test "pings are answered while a big message is on its way, between messages only" {
	start --message-rate 1000 --message-burst 1000
	local big i
	big=$(head -c 900000 /dev/zero | tr '\0' x)
	for i in $(seq 12); do printf '{"type":"session_event","id":"e%s","event_type":"x","data":{"t":"%s"}}\n' "$i" "$big"; done >&9
	wait_for 10 eval "curl -s http://127.0.0.1:$PORT/metrics | grep -q '^kato_live_events_total 12'"
	rfc6455 --between "$PORT" 9>&-
}

@test "noise in frames and heads: nothing dies, nobody else notices" {
	start --connect-rate 0
	spawn good bash -c 'exec 9>&-; exec "$@"' - wsclient --hold --until '"id":"last"' --seconds 60 "$PORT"
	wait_for 20 err_has good '^open '
	rfc6455 --fuzz 2000 1 "$PORT" 9>&-
	echo '{"type":"session_event","id":"last","event_type":"x","data":{}}' >&9
	wait "$(pid_of good)"
	rm "$BATS_TEST_TMPDIR/good.pid"
	stop b
	run grep -i "sanitizer\|runtime error" "$BATS_TEST_TMPDIR/b.err"
	[ "$status" -eq 1 ]
}

@test "a handshake that dribbles is cut off five seconds after the accept" {
	start
	rfc6455 --dribble "$PORT" 9>&-
}

@test "more half-open handshakes than there is room for stop nobody" {
	start --max-clients 1
	rfc6455 --half-open 1300 "$PORT" 9>&-
}

@test "hundreds of connects a second from one address do not disturb others" {
	start --connect-rate 20
	spawn good bash -c 'exec 9>&-; exec "$@"' - wsclient --hold --until '"id":"last"' --seconds 60 "$PORT"
	wait_for 20 err_has good '^open '
	rfc6455 --storm 1500 "$PORT" 9>&-
	echo '{"type":"session_event","id":"last","event_type":"x","data":{}}' >&9
	wait "$(pid_of good)"
	rm "$BATS_TEST_TMPDIR/good.pid"
}
