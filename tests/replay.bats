#!/usr/bin/env bats
# katoctl replay: recordings, at the speed they were made.
# shellcheck shell=bats disable=SC2154 # stderr is set by run

bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { stop_all; }

# at MS...: records with stamps so many ms after a moment
at() {
	local i=0 ms
	for ms; do
		i=$((i + 1))
		printf '{"type":"tick","timestamp":"2026-11-20T22:%02d:%02d.%03dZ","id":"tick %d","n":%d}\n' \
			$((ms / 60000)) $((ms / 1000 % 60)) $((ms % 1000)) $i $i
	done
}

# arrivals COMMAND...: when each line of it came, ms after the first; on one line
arrivals() {
	/usr/bin/python3 -c '
import subprocess, sys, time
t = []
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE) as p:
    for line in p.stdout:
        t.append(time.monotonic())
print(*(round(1000 * (x - t[0])) for x in t))' "$@"
}

# near WANT...: the words of standard input are these, each late by at most 80. A line may be read late on a busy
# machine, the first one too; the one that was read soonest tells when all were due.
near() {
	local got want=("$@") i soonest=1000000
	read -ra got
	[ ${#got[@]} -eq ${#want[@]} ] || { echo "got ${got[*]}"; return 1; }
	for i in "${!want[@]}"; do
		((got[i] - want[i] >= soonest)) || soonest=$((got[i] - want[i]))
	done
	for i in "${!want[@]}"; do
		((got[i] - want[i] - soonest <= 80)) || { echo "got ${got[*]}"; return 1; }
	done
}

@test "lines keep the distances they were recorded with" {
	at 0 100 100 350 900 >tape
	arrivals katoctl replay tape | near 0 100 100 350 900
}

@test "the median line is at most 3 ms off" {
	at $(seq 0 20 2000) >tape
	arrivals katoctl replay tape | tr ' ' '\n' | awk '{ d = $1 - 20 * (NR - 1); print d < 0 ? -d : d }' | sort -n >off
	[ "$(wc -l <off)" -eq 101 ]
	[ "$(sed -n 51p off)" -le 3 ]
}

@test "other speeds" {
	at 0 1000 4000 >tape
	arrivals katoctl replay --speed 10 tape | near 0 100 400
	at 0 100 >tape
	arrivals katoctl replay --speed 0.25 tape | near 0 400
	at $(seq 0 59999 3000000) >tape
	SECONDS=0
	[ "$(katoctl replay --speed max tape | wc -l)" -eq 51 ]
	[ $SECONDS -lt 5 ]
}

@test "a line without a time goes with the one before, a step back or far ahead is not waited for" {
	{
		echo 'not json'
		at 1000
		echo '{"type":"x"}'
		at 1300 1290
		echo
		at 1400
		at 1401 | sed s/2026-11-20T22/2026-11-20T23/
		at 1500 | sed s/2026-11-20T22/2026-11-21T23/
		at 1600 | sed s/2026-11-20T22/2026-11-21T23/
		at 1500
		at 1600
	} >tape
	katoctl replay tape >out
	cmp tape out
	arrivals katoctl replay tape | near 0 0 0 300 300 300 400 400 400 500 500 600
}

@test "files one after the other, a dash for standard input, byte for byte" {
	at 0 10 >one
	head -c 100000 /dev/urandom >two
	printf '\0 \r\n{"type":"a","timestamp":"2026-11-20T22:00:00.011Z"}\r\n' >>two
	at 20 >three
	katoctl replay one - three <two >out
	cat one two three | cmp - out
	katoctl replay --speed max one - three <two | cmp - out
}

@test "a last line without newline gets one" {
	printf '{"type":"a"}\n{"type":"b","da' >tape
	[ "$(katoctl replay tape tape | wc -l)" -eq 4 ]
	[ "$(katoctl replay --speed max tape tape | tail -n 1)" = '{"type":"b","da' ]
}

@test "a line is written when it is due, not when the next one is" {
	at 0 60000 >tape
	spawn replay katoctl replay tape
	wait_for 5 has_lines replay 1
	mkfifo pipe
	exec 7<>pipe
	SPAWN_STDIN=pipe spawn follow katoctl replay - 7>&-
	echo '{"type":"a"}' >&7
	wait_for 5 has_lines follow 1
	stop follow
	stop replay
}

@test "retime: stamps are now, keep their distances, and all others in the record move along" {
	{
		at 0 | sed 's/"n":1/"since":"2026-11-20T21:59:59.500Z","n":9007199254740993/'
		at 400
	} >tape
	before=$(date +%s%3N)
	katoctl replay --retime tape >out
	after=$(date +%s%3N)
	jq -es --argjson b "$before" --argjson a "$after" '
		def ms: sub("\\.(?<f>[0-9]+)Z"; "Z") as $s | ($s | fromdate) * 1000 + (.[20:23] | tonumber);
		(.[0].timestamp | ms) as $x | (.[1].timestamp | ms) as $y | (.[0].since | ms) as $s |
		$y - $x == 400 and $x - $s == 500 and $x >= $b - 5 and $y <= $a + 5' out
	grep -q '"n":9007199254740993}$' out
	valid out
}

@test "retime: at another speed the stamps still say when the line came" {
	at 0 4000 >tape
	katoctl replay --retime --speed 10 tape | jq -es '.[1].timestamp[18:23] as $b | .[0].timestamp[18:23] as $a |
		((($b | tonumber) - ($a | tonumber) + 10) * 1000 | round) % 10000 == 400'
	katoctl replay --retime --speed max tape >out
	[ "$(jq -r '.timestamp[0:15]' out | sort -u | head -c 11)" = "$(date -u +%Y-%m-%dT)" ]
}

@test "loop: round after round, a gap between them, event ids new in each, state ids as they are" {
	{
		at 0 50
		printf '{"type":"services","id":"api","timestamp":"2026-11-20T22:00:00.050Z","data":{}}\n'
	} >tape
	spawn replay katoctl replay --loop tape
	wait_for 10 has_lines replay 9
	stop replay
	head -n 9 replay.out | jq -es '[.[].id | select(. == "api")] | length == 3'
	head -n 9 replay.out | jq -es '[.[].id | select(. != "api")] | length == 6 and (unique | length) == 6'
	head -n 9 replay.out | jq -es '[.[].id | select(. != "api") | test("^tick [12]~[0-9a-f]+\\.[123]$")] | all'
	[ "$(jq -r .timestamp replay.out | head -n 1)" = 2026-11-20T22:00:00.000Z ]
	# two runs do not share ids
	spawn again katoctl replay --loop tape
	wait_for 10 has_lines again 3
	stop again
	[ "$(head -n 1 again.out)" != "$(head -n 1 replay.out)" ]
}

@test "loop: --state names one more type whose ids stay" {
	at 0 10 >tape
	spawn replay katoctl replay --loop --state tick tape
	wait_for 10 has_lines replay 4
	stop replay
	[ "$(jq -r .id replay.out | sort -u)" = $'tick 1\ntick 2' ]
}

@test "loop: a recording without times does not flood" {
	printf '{"type":"a"}\n{"type":"b"}\n' >tape
	spawn replay katoctl replay --loop tape
	wait_for 10 has_lines replay 4
	stop replay
	[ "$(line_count replay)" -lt 20 ]
}

@test "loop: what cannot be played again is refused" {
	mkfifo pipe
	: >empty
	run -2 katoctl replay --loop - </dev/null
	[[ $output == *'cannot be read again'* ]]
	run -2 katoctl replay --loop pipe
	run -1 katoctl replay --loop empty
	[[ $output == *'not one line'* ]]
}

@test "TERM ends it with 0, waiting or blocked, and no line is cut" {
	at 0 60000 >tape
	spawn replay katoctl replay tape
	wait_for 5 has_lines replay 1
	stop replay
	lines a 1000 10000 >big
	mkfifo pipe
	exec 7<>pipe
	katoctl replay --speed max big >pipe 7>&- 3>&- &
	echo $! >replay.pid
	something() { read -r -t 0.1 -n 1 -u 7; }
	wait_for 5 something
	stop replay
	exec 7>&-
}

@test "the reader leaves: 0, also while waiting" {
	at 0 60000 >tape
	status=$(timeout 20 katoctl replay tape | head -n 1 >/dev/null && echo "${PIPESTATUS[0]}")
	[ "$status" = 0 ]
	lines a 10000 10000 >big
	status=$(katoctl replay --speed max big | head -n 1 >/dev/null && echo "${PIPESTATUS[0]}")
	[ "$status" = 0 ]
}

@test "a disk that is full is a failure, said" {
	lines a 10 10 >tape
	run -1 bash -c 'katoctl replay tape >/dev/full'
	[[ $output == *'standard output: No space left on device'* ]]
}

@test "memory stays small, whatever the file" {
	{ lines a 300 1000000; lines b 1 1048577; echo good; } >tape
	mkfifo pipe
	katoctl replay --speed max - <tape >out 2>err 3>&- &
	echo $! >replay.pid
	wait_for 60 grep -q good out
	wait "$(pid_of replay)"
	rm replay.pid
	[ "$(wc -l <out)" -eq 301 ]
	grep -q 'standard input: 1 lines of more than 1048576 bytes skipped' err
	if [ -z "${SAN-}" ]; then
		(ulimit -v 60000 && katoctl replay --speed max tape | tail -n 1) | grep -qx good
	fi
}

@test "progress is shown on a terminal only" {
	at 0 300 600 >tape
	script -qec "katoctl replay tape >out" seen </dev/null >/dev/null
	grep -q 'tape: [0-9]* %, 00:00:00, [0-9]* lines' seen
	cmp tape out
	run -0 --separate-stderr katoctl replay tape
	[ -z "$stderr" ]
}

@test "wrong usage and files that are not there" {
	run -2 katoctl replay
	[[ $output == *'replay which FILE'* ]]
	run -2 katoctl replay --speed 0 x
	[[ $output == *'--speed 0: must be from 0.001 to 1000000, or max'* ]]
	run -2 katoctl replay --speed fast x
	run -2 katoctl replay no-such-file
	[[ $output == *'no-such-file: No such file or directory'* ]]
	run -2 katoctl replay .
	[[ $output == *'.: Is a directory'* ]]
	echo '{"type":"a"}' | gzip >tape.gz
	run -2 katoctl replay tape.gz
	[[ $output == *'zcat tape.gz | katoctl replay -'* ]]
}

# ---- the bundled recording

@test "the demo is valid, marked as one, small, without alerts of its own, and made by make-demo" {
	demo=$ROOT/share/demo/kato.ndjson
	valid "$demo"
	[ "$(wc -c <"$demo")" -lt 1000000 ]
	jq -es 'all(.demo == true) and all(.type != "system_alert")' "$demo"
	[ "$(jq -r .type "$demo" | sort -u | tr '\n' ' ')" = 'container_event containers dashboard metrics session_event sessions source_status ' ]
	[ "$(jq -r 'select(.id and .type != "source_status") | .id' "$demo" | sort | uniq -d)" = '' ]
	make-demo | cmp - "$demo"
}

@test "the demo's counts add up" {
	jq -es '[.[] | select(.type == "session_event").data] as $e | ($e | all(.current_count == .previous_count + .delta)) and
		([range(1; $e | length) | $e[.].previous_count == $e[. - 1].current_count] | all)' "$ROOT/share/demo/kato.ndjson"
}

@test "the demo shows what a bad day has: exited, missing, unhealthy, a source that is down and comes back" {
	demo=$ROOT/share/demo/kato.ndjson
	[ "$(jq -r 'select(.type == "containers").data.containers[].status' "$demo" | sort -u | paste -sd' ')" = 'exited missing running' ]
	[ "$(jq -r 'select(.type == "containers").data.containers[].health // empty' "$demo" | sort -u | paste -sd' ')" = 'healthy starting unhealthy' ]
	[ "$(jq -r 'select(.type == "container_event").data.action' "$demo" | sort -u | paste -sd' ')" = 'destroy die health_status start' ]
	[ "$(jq -r 'select(.type == "source_status" and .source == "docker-stats").data.status' "$demo" | uniq | paste -sd' ')" = 'up down up' ]
	# nothing is told of containers meanwhile, and all is well at the end, when it begins again
	jq -es '[.[] | select(.type == "source_status" and .data.status == "down").timestamp] as $down |
		[.[] | select(.type == "containers" and .timestamp > $down[0] and .timestamp <= $down[-1])] == []' "$demo"
	jq -es '[.[] | select(.type == "containers")][-1].data.containers | all(.status == "running" and .health == "healthy")' "$demo"
	jq -es '[.[] | select(.type == "dashboard").data] | length == 20 and all(.patterns == .patterns_over_time[-1].patterns and
		.patterns == ([.bases[].patterns] | add) and (.patterns_over_time | length == 24))' "$demo"
}

@test "the demo lets alerts fire and resolve, at any speed and time" {
	katoctl replay --retime --speed 300 "$ROOT/share/demo/kato.ndjson" | alertd >out
	valid out
	jq -r 'select(.type == "system_alert").alerts[] | "\(.type) \(.level) \(.state)"' out >alerts
	for want in 'high_cpu warning firing' 'high_cpu info resolved' 'container_down error firing' 'container_down info resolved' \
		'high_error_rate warning firing' 'high_error_rate info resolved' 'container_unhealthy warning firing' \
		'container_unhealthy info resolved' 'source_down error firing' 'source_down info resolved'; do
		grep -qx "$want" alerts || { echo "$want"; cat alerts; return 1; }
	done
	jq -es '[.[] | select(.type == "system_alert") | .demo == true] | all' out
}

# ---- and those of the diagnostics pipeline, which are whole: what the filters add is in

@test "the demos of diagnostics are valid, marked as such, small, and made by make-demo-diagnostics and make-demo-openrisk" {
	for demo in diagnostics openrisk; do
		valid "$ROOT/share/demo/$demo.ndjson"
		jq -es 'all(.demo == true)' "$ROOT/share/demo/$demo.ndjson"
		"make-demo-$demo" | cmp - "$ROOT/share/demo/$demo.ndjson" ||
			{ echo "made anew by: PATH=\$PWD/build/bin:\$PATH tests/tools/make-demo-$demo >share/demo/$demo.ndjson"; return 1; }
	done
	[ "$(cat "$ROOT"/share/demo/{diagnostics,openrisk}.ndjson | wc -c)" -lt 1200000 ]
}

@test "the demo of diagnostics tells of a bad day that ends well: every state, every event, every alert, and its end" {
	demo=$ROOT/share/demo/diagnostics.ndjson
	jq -es 'def of($t): map(select(.type == $t));
		(of("dependencies")[0].data.edges | length == 16) and (of("services") | map(.data.type) | unique | length >= 5) and
		(of("service_health") | map(.data.status) | unique == ["degraded", "failed", "healthy"]) and
		(of("overall_health") | map(.data.status) | [.[0], .[-1]] == ["healthy", "healthy"] and any(. == "critical")) and
		(of("anomaly") | map(.data.severity // empty) | unique | contains(["critical", "high", "medium"])) and
		(of("health_change") | any(.data.new_status == "failed")) and (of("traffic_anomaly") | length > 0) and
		(of("traffic_health") | any(.data.is_abnormal)) and (of("failing_dependency") | any(.data.status == "failed")) and
		(of("source_status") | map(.data.status) | unique == ["down", "up"])' "$demo"
	# all is well at the end, when it begins again
	jq -es 'map(select(.type | IN("service_health", "traffic_health", "anomaly", "failing_dependency"))) | group_by([.type, .id]) | map(last.data) |
		all(. == null or .status == "healthy" or .is_abnormal == false)' "$demo"
	jq -es '[.[] | select(.alerts).alerts[]] | group_by(.key) | all(last.state == "resolved") and
		(map(.[0].type) | unique) == ["critical_anomaly", "health_score_drop", "multiple_services_degraded", "service_failure", "traffic_pattern_anomaly"]' "$demo"
}

@test "the demo of OpenRisk has the shape that its page reads, changes slowly, and its counts agree" {
	jq -c 'select(.type == "dashboard").data' "$ROOT/share/demo/openrisk.ndjson" | valid --http openrisk-complete
	jq -es '[.[] | select(.type == "dashboard").data] | length == 20 and (map(.metrics.total_risks) | . == sort and unique == [41, 42, 43]) and
		all((.severity_distribution | add) == .metrics.total_risks and .risk_trends[-1].score == .metrics.average_risk_score and (.risk_trends | length == 7) and
			(.top_risks | map(.score) | . == (sort | reverse)) and (.mitigation_progress | length <= 10 and all(.progress <= 100)))' "$ROOT/share/demo/openrisk.ndjson"
}
