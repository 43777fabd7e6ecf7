# The measuring tools measure: a load client that would not notice a loss proves nothing.
bats_require_minimum_version 1.5.0
load helper

setup() {
	mkfifo "$BATS_TEST_TMPDIR/feed"
	exec 9<>"$BATS_TEST_TMPDIR/feed"
}

teardown() {
	stop_all
	exec 9>&-
}

# floor [OPTIONS...]: started, fed from descriptor 9, its port in $port and its pid in $pid.
floor() {
	SPAWN_STDIN=$BATS_TEST_TMPDIR/feed spawn floor "$BUILD/bench/floor" "$@"
	wait_for 10 has_line "$BATS_TEST_TMPDIR/floor.out"
	port=$(cat "$BATS_TEST_TMPDIR/floor.out") pid=$(pid_of floor)
}
has_line() { [ -n "$(head -n 1 "$1")" ]; }

# measure COMMAND...: the answers of the load client, an object a line
measure() {
	printf '%s\n' "server port=$port pids=$pid feed=9" "$@" | "$BUILD/bench/load"
}

@test "load: every client of a thousand has every event, and the server's CPU time is counted" {
	floor
	out=$(measure 'open clients=1000' 'pace count=5 bytes=1024 every_ms=1')
	tail -n 1 <<<"$out" | jq -e '.delivered == 5000 and .missing == 0 and .doubled == 0 and .wrong == 0 and .cpu_ns > 0 and .last > 0'
}

@test "load: what is back to back arrives whole and in order" {
	floor --batch
	out=$(measure 'open clients=50' 'burst count=2000 bytes=700 window=100')
	tail -n 1 <<<"$out" | jq -e '.delivered == 100000 and .missing == 0 and .doubled == 0 and .bytes > 70000000'
}

@test "load: a missing and a doubled event are noticed, at each client" {
	floor
	out=$(measure 'open clients=3' 'expect number=10' 'line {"n":10}' 'line {"n":12}' 'line {"n":12}' 'quiet ms=100' 'settle number=14' total)
	tail -n 1 <<<"$out" | jq -e '.messages == 9 and .missing == 9 and .doubled == 3'
}

@test "load: a set of clients gets what is fed to that set" {
	floor
	out=$(measure 'open clients=2 set=0 path=/ws?set=0' 'open clients=3 set=1 path=/ws?set=1' 'line @1 {"x":1}' 'line {"x":2}' 'quiet ms=100' total)
	tail -n 1 <<<"$out" | jq -e '.set_messages[0] == 2 and .set_messages[1] == 6'
}

@test "load: a client's text is answered, by a floor that does not answer it is not" {
	floor
	out=$(measure 'open clients=20' 'say count=40 per_second=2000')
	tail -n 1 <<<"$out" | jq -e '.answers == 40'
	stop floor || true
	floor --silent
	out=$(measure 'open clients=20' 'say count=40 per_second=2000')
	tail -n 1 <<<"$out" | jq -e '.answers == 0 and .clients == 20'
}

@test "load: who comes back goes on from the event seen last" {
	SPAWN_STDIN=$BATS_TEST_TMPDIR/feed spawn server broadcaster --port 0
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/server.err"
	port=$(sed -n '1s/.*://p' "$BATS_TEST_TMPDIR/server.err") pid=$(pid_of server)
	out=$(measure 'open clients=30 offsets=1' 'pace count=10 bytes=300 every_ms=1' 'drop' 'line {"type":"session_event","n":11}' \
		'quiet ms=50' 'reopen clients=30 path=/ws?subscribe=session_events' 'quiet ms=100' 'settle number=11' total)
	tail -n 1 <<<"$out" | jq -e '.recovered == 30 and .missing == 0 and .doubled == 0 and .messages > 330'
}

@test "bench-broadcaster: a row is measured and judged, and an unknown one refused" {
	run "$ROOT/tests/bench/bench-broadcaster" --rounds 1 cpu1000 20
	[[ $output == *'cpu1000: '*' x (bar 1.3, aim 1.15: '*'rounds '* ]]
	run -1 "$ROOT/tests/bench/bench-broadcaster" nonsense
	[[ $output == *'no row nonsense'* ]]
}
