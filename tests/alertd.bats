#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2016 # run sets stderr; jq, awk and rules have dollars of their own

load helper
bats_require_minimum_version 1.5.0
teardown() { stop_all; }

# rec TYPE SECONDS DATA [MEMBERS]: a record at so many seconds after 22:00 of an evening.
rec() {
	printf '{"type":"%s","timestamp":"2026-11-20T22:%02d:%02d.000Z","source":"test",%s"data":%s}\n' \
		"$1" $(($2 / 60)) $(($2 % 60)) "${4:+$4,}" "$3"
}
cpu() { rec containers "$1" '{"aggregated":{"host_cpu_percent":'"$2"'}}'; }
# box SECONDS NAME STATUS [NAME STATUS]...: a containers record with just those.
box() {
	local at=$1 list='' sep=''
	shift
	while [ $# -gt 0 ]; do
		list="$list$sep{\"name\":\"$1\",\"status\":\"$2\"}"
		sep=,
		shift 2
	done
	rec containers "$at" "{\"aggregated\":{},\"containers\":[$list]}"
}
status() { rec source_status "$1" "{\"source\":\"$2\",\"status\":\"$3\",\"interval_ms\":3000}" "\"id\":\"$2\""; }
# told: the alerts of standard input, one a line: second of the message, level, state, message.
told() {
	jq -r 'select(.type == "system_alert") | (.timestamp[11:19] | split(":") | (.[0] | tonumber - 22) * 3600 + (.[1] | tonumber) * 60
		+ (.[2] | tonumber)) as $t | .alerts[] | "\($t) \(.level) \(.state) \(.message)"'
}
same() { diff <(printf '%s\n' "$@") -; }

@test "every line passes byte for byte: unknown, broken, empty, CRLF, NUL, not UTF-8, 2^53 + 1" {
	cd "$BATS_TEST_TMPDIR"
	{
		printf '{"type":"whatever","n":9007199254740993,"x":1e400,"s":"\\u00e9"}\n'
		printf 'not json\n\n \n{"type":"metrics"\r\n{"type":"metrics"}\r\n\r\n'
		printf 'nul \0 here\n{"type":"x","s":"\377\376"}\n[1,2]\n{"type":3}\n'
		printf '{ "type" : "spaced" , "data" : [ 1 , 2 ] }  \n'
	} >in
	alertd <in >out 2>err
	cmp in out
	[ "$(grep -c . err)" -le 5 ]
	tail -n 1 err | grep -q '^alertd: warning: 12 lines, 3 records, 0 messages added; 6 not records'
}

@test "the last line is given the newline it lacks, and judged" {
	box 0 web exited | head -c -1 >"$BATS_TEST_TMPDIR/in"
	run -0 alertd <"$BATS_TEST_TMPDIR/in"
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = "$(box 0 web exited)" ]
	[[ ${lines[1]} == '{"type":"system_alert",'*'"Container '"'web'"' is exited"'* ]]
}

@test "no input, no output, exit 0" {
	run -0 alertd </dev/null
	[ -z "$output" ]
}

@test "a line over 1 MiB is dropped, counted and said once; one of just 1 MiB passes" {
	cd "$BATS_TEST_TMPDIR"
	{
		head -c 1048576 /dev/zero | tr '\0' a; echo
		head -c 1048577 /dev/zero | tr '\0' b; echo
		head -c 3000000 /dev/zero | tr '\0' c; echo
		box 0 web exited
	} | alertd >out 2>err
	[ "$(wc -l <out)" -eq 3 ]
	head -n 1 out | tr -d '\n' | wc -c | grep -qx 1048576
	run ! grep -q '[bc]\{9\}' out
	tail -n 1 out | grep -q "Container 'web' is exited"
	[ "$(grep -c 'over 1048576 bytes' err)" -eq 1 ]
	tail -n 1 err | grep -q '; 2 over-long lines dropped'
}

@test "an added line stands directly behind its cause, one message for all its alerts" {
	cd "$BATS_TEST_TMPDIR"
	{
		rec x 0 1
		rec containers 1 '{"aggregated":{"host_cpu_percent":81,"total_memory_percent":86},"containers":[{"name":"a","status":"exited"},{"name":"b","status":"dead"}]}'
		rec y 1 2
		rec metrics 2 '{"performance":{"error_rate":0.06}}'
		rec z 2 3
	} >in
	alertd <in >out
	jq -r '.type' out | tr '\n' ' ' | grep -qx 'x containers system_alert y metrics system_alert z '
	jq -c 'select(.type == "system_alert") | [.alerts[].type]' out |
		same '["high_cpu","high_memory","container_down","container_down"]' '["high_error_rate"]'
	jq -c 'select(.type == "system_alert") | [.id, .timestamp, .source]' out |
		same '["alert_1795212001000_1","2026-11-20T22:00:01.000Z","alertd"]' '["alert_1795212002000_2","2026-11-20T22:00:02.000Z","alertd"]'
	grep system_alert out >alerts
	valid alerts
}

@test "the four original alerts: words, members, values, order" {
	{
		rec containers 0 '{"containers":[{"name":"kato","status":"running"},{"name":"kato-redis","status":"exited"},{"name":"q","status":"paused"}],
			"aggregated":{"total_cpu_percent":82.456,"total_memory_percent":91.2}}' | tr -d '\n\t'
		echo
		rec metrics 1 '{"performance":{"error_rate":0.073456}}'
	} | alertd | jq -c 'select(.type == "system_alert") | .alerts[] | del(.since)' | same \
		'{"level":"warning","type":"high_cpu","message":"High CPU usage: 82.5%","value":82.46,"threshold":80,"state":"firing","key":"high_cpu"}' \
		'{"level":"warning","type":"high_memory","message":"High memory usage: 91.2%","value":91.2,"threshold":85,"state":"firing","key":"high_memory"}' \
		'{"level":"error","type":"container_down","message":"Container '"'kato-redis'"' is exited","state":"firing","key":"container_down_kato-redis","container_name":"kato-redis","status":"exited"}' \
		'{"level":"error","type":"container_down","message":"Container '"'q'"' is paused","state":"firing","key":"container_down_q","container_name":"q","status":"paused"}' \
		'{"level":"warning","type":"high_error_rate","message":"High error rate: 7.3%","value":0.0735,"threshold":0.05,"state":"firing","key":"high_error_rate"}'
}

@test "thresholds are strict, error begins at 90, 95 and 0.10" {
	for v in 80 80.01 89.99 90; do cpu 0 $v | alertd | told; done | same '0 warning firing High CPU usage: 80.0%' \
		'0 warning firing High CPU usage: 90.0%' '0 error firing High CPU usage: 90.0%'
	for v in 85 85.5 94.9 95; do rec containers 0 "{\"aggregated\":{\"total_memory_percent\":$v}}" | alertd | told; done | same \
		'0 warning firing High memory usage: 85.5%' '0 warning firing High memory usage: 94.9%' '0 error firing High memory usage: 95.0%'
	for v in 0.05 0.051 0.0999 0.1; do rec metrics 0 "{\"performance\":{\"error_rate\":$v}}" | alertd | told; done | same \
		'0 warning firing High error rate: 5.1%' '0 warning firing High error rate: 10.0%' '0 error firing High error rate: 10.0%'
}

@test "values round as Python does it" {
	for v in 82.125 82.135 82.375 82.675 82.25 82.35; do cpu 0 $v; done | alertd --cooldown 0 |
		jq -r 'select(.alerts) | .alerts[] | "\(.value) \(.message)"' >"$BATS_TEST_TMPDIR/got"
	/usr/bin/python3 -c 'for v in 82.125, 82.135, 82.375, 82.675, 82.25, 82.35: print(round(v, 2), f"High CPU usage: {v:.1f}%")' |
		diff - "$BATS_TEST_TMPDIR/got"
}

@test "CPU is the host's where it is known, else the containers' sum" {
	[ -z "$(rec containers 0 '{"aggregated":{"total_cpu_percent":400,"host_cpu_percent":50}}' | alertd | told)" ]
	rec containers 0 '{"aggregated":{"total_cpu_percent":400,"host_cpu_percent":null}}' | alertd | told |
		same '0 error firing High CPU usage: 400.0%'
}

@test "thresholds and cooldown come from the original's environment names" {
	cpu 0 55 | ALERT_CPU_THRESHOLD=50 alertd | jq -c 'select(.alerts) | .alerts[].threshold' | same 50
	rec containers 0 '{"aggregated":{"total_memory_percent":40}}' | ALERT_MEMORY_THRESHOLD=39.5 alertd | told | same '0 warning firing High memory usage: 40.0%'
	rec metrics 0 '{"performance":{"error_rate":0.02}}' | ALERT_ERROR_RATE_THRESHOLD=0.01 alertd | told | same '0 warning firing High error rate: 2.0%'
	{ cpu 0 85; cpu 9 85; cpu 10 85; } | ALERT_COOLDOWN_SECONDS=10 alertd | told | same '0 warning firing High CPU usage: 85.0%' '10 warning firing High CPU usage: 85.0%'
}

@test "what goes on is repeated when the cooldown of 60 s has passed, not before" {
	{ cpu 0 85; cpu 3 86; cpu 59 87; cpu 60 88; cpu 119 88; cpu 121 89; } | alertd | told | same '0 warning firing High CPU usage: 85.0%' \
		'60 warning firing High CPU usage: 88.0%' '121 warning firing High CPU usage: 89.0%'
}

@test "each container has a cooldown of its own" {
	{ box 0 a exited b running; box 3 a exited b dead; box 60 a exited b dead; box 63 a exited b dead; } | alertd | told | same \
		"0 error firing Container 'a' is exited" "3 error firing Container 'b' is dead" \
		"60 error firing Container 'a' is exited" "63 error firing Container 'b' is dead"
}

@test "an escalation speaks at once and starts the cooldown anew; a fall is mute" {
	{ cpu 0 85; cpu 3 95; cpu 6 85; cpu 9 95; cpu 60 95; cpu 62 95; cpu 63 85; cpu 66 95; } | alertd | told | same \
		'0 warning firing High CPU usage: 85.0%' '3 error firing High CPU usage: 95.0%' '63 warning firing High CPU usage: 85.0%' \
		'66 error firing High CPU usage: 95.0%'
}

@test "resolved is said once, at once, with since and how long it lasted" {
	{ cpu 0 85; cpu 100 86; cpu 200 41.2; cpu 203 40; } | alertd >"$BATS_TEST_TMPDIR/out"
	jq -c 'select(.alerts) | .alerts[] | select(.state == "resolved")' "$BATS_TEST_TMPDIR/out" | same \
		'{"level":"info","type":"high_cpu","message":"CPU usage back to normal: 41.2% (high for 3m 20s)","value":41.2,"threshold":80,"state":"resolved","since":"2026-11-20T22:00:00.000Z","key":"high_cpu"}'
	grep system_alert "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/alerts"
	valid "$BATS_TEST_TMPDIR/alerts"
	{
		rec metrics 0 '{"performance":{"error_rate":0.2}}'
		rec metrics 3 '{"performance":{"error_rate":0.012}}'
		rec containers 3 '{"aggregated":{"total_memory_percent":99}}'
		rec containers 9 '{"aggregated":{"total_memory_percent":60.06}}'
		box 10 web paused
		box 20 web running
	} | alertd | told | grep resolved | same '3 info resolved Error rate back to normal: 1.2% (high for 3s)' \
		'9 info resolved Memory usage back to normal: 60.1% (high for 6s)' "20 info resolved Container 'web' is running again (down for 10s)"
}

@test "a new firing within the cooldown is mute, and so is its end" {
	{ cpu 0 85; cpu 5 50; cpu 10 85; cpu 15 50; cpu 20 95; cpu 25 95; cpu 30 50; cpu 61 85; cpu 62 50; } | alertd | told | same \
		'0 warning firing High CPU usage: 85.0%' '5 info resolved CPU usage back to normal: 50.0% (high for 5s)' \
		'61 warning firing High CPU usage: 85.0%' '62 info resolved CPU usage back to normal: 50.0% (high for 1s)'
}

@test "a mute firing that outlasts the cooldown is told, and escalates" {
	{ cpu 0 85; cpu 5 50; cpu 10 85; cpu 60 85; cpu 70 50; } | alertd | told | same '0 warning firing High CPU usage: 85.0%' \
		'5 info resolved CPU usage back to normal: 50.0% (high for 5s)' '60 warning firing High CPU usage: 85.0%' \
		'70 info resolved CPU usage back to normal: 50.0% (high for 1m 0s)'
	{ cpu 0 85; cpu 5 50; cpu 10 85; cpu 13 96; } | alertd | told | tail -n 1 | same '13 error firing High CPU usage: 96.0%'
}

@test "no data keeps the state: missing, null, another kind, no list" {
	{
		cpu 0 85
		box 1 web exited
		for d in '{}' 'null' '{"aggregated":{"host_cpu_percent":null}}' '{"aggregated":{"host_cpu_percent":"5"}}' '[]' '"x"' \
			'{"error":"Failed to fetch container stats"}' '{"containers":null}' '{"aggregated":{},"containers":[{"name":"web"}]}' \
			'{"aggregated":{},"containers":{"name":"web","status":"running"}}'; do
			rec containers 3 "$d"
		done
	} | alertd | told | same '0 warning firing High CPU usage: 85.0%' "1 error firing Container 'web' is exited"
}

@test "a container that was removed resolves its alerts; an expected one is missing, which is down" {
	{ box 0 a exited b exited; box 3 b exited; box 6 b missing; box 63 b missing; box 66 b running; } | alertd | told | same \
		"0 error firing Container 'a' is exited" "0 error firing Container 'b' is exited" "3 info resolved Container 'a' was removed (down for 3s)" \
		"63 error firing Container 'b' is missing" "66 info resolved Container 'b' is running again (down for 1m 6s)"
}

@test "a list that says it is truncated removes nobody" {
	{
		box 0 a exited
		rec containers 3 '{"containers":[{"name":"b","status":"running"}],"truncated":12}'
		box 6 b running
	} | alertd | told | same "0 error firing Container 'a' is exited" "6 info resolved Container 'a' was removed (down for 6s)"
}

@test "container_unhealthy comes from health, container_oom from container_event" {
	local h='{"containers":[{"name":"web","status":"running","health":"'
	{
		rec containers 0 "${h}healthy\"}]}"
		rec containers 3 "${h}unhealthy\"}]}"
		rec containers 6 "${h}healthy\"}]}"
		rec container_event 7 '{"action":"die","name":"web","container_id":"1"}' '"id":"e1"'
		rec container_event 8 '{"action":"oom","name":"web","container_id":"1"}' '"id":"e2"'
		rec container_event 9 '{"action":"oom","name":"web","container_id":"1"}' '"id":"e3"'
		rec container_event 68 '{"action":"oom","name":"web","container_id":"1"}' '"id":"e4"'
	} | alertd >"$BATS_TEST_TMPDIR/out"
	told <"$BATS_TEST_TMPDIR/out" | same "3 warning firing Container 'web' is unhealthy" "6 info resolved Container 'web' is healthy again (unhealthy for 3s)" \
		"8 error firing Container 'web' ran out of memory" "68 error firing Container 'web' ran out of memory"
	jq -c 'select(.alerts) | .alerts[] | select(.type == "container_oom") | [.key, .container_name, .since[17:19]]' "$BATS_TEST_TMPDIR/out" |
		same '["container_oom_web","web","08"]' '["container_oom_web","web","08"]'
	grep system_alert "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/alerts"
	valid "$BATS_TEST_TMPDIR/alerts"
}

@test "a source that says down is told, and its return" {
	{
		rec source_status 0 '{"source":"kato-metrics","status":"down","error":"connection refused","interval_ms":3000}'
		status 3 kato-metrics down
		status 9 kato-metrics up
	} | alertd | told | same "0 error firing Source 'kato-metrics' is down: connection refused" "9 info resolved Source 'kato-metrics' is back (down for 9s)"
}

# from SOURCE SECONDS: any record of that source.
from() { rec sessions "$2" '{}' | sed "s/\"source\":\"test\"/\"source\":\"$1\"/"; }

@test "a source is silent after 3 intervals and 10 s, as others' times pass, until it speaks" {
	{ status 0 kato-metrics up; from other 9; from other 10; from other 11; from kato-metrics 15; from other 24; } | alertd | told | same \
		"10 error firing Source 'kato-metrics' is silent: nothing for 10s" "15 info resolved Source 'kato-metrics' is back (down for 15s)"
	{ status 0 slow up | sed 's/3000/20000/'; from other 59; from other 60; } | alertd | told | same "60 error firing Source 'slow' is silent: nothing for 1m 0s"
}

@test "its readings count, silence goes over into down, and only its own word ends that" {
	{ status 0 a up; from a 8; from b 17; from b 18; status 20 a down; from a 21; from b 40; status 41 a degraded; from b 50; } | alertd | told | same \
		"18 error firing Source 'a' is silent: nothing for 10s" "41 info resolved Source 'a' is back (down for 33s)"
}

@test "silence that goes on is repeated after the cooldown; who never told an interval is not watched" {
	{ from x 0; status 0 a up; for s in 10 20 40 69 70 71; do from b $s; done; } | alertd | told | same \
		"10 error firing Source 'a' is silent: nothing for 10s" "70 error firing Source 'a' is silent: nothing for 1m 10s"
}

@test "system_alert records of the input pass and teach nothing" {
	cd "$BATS_TEST_TMPDIR"
	{
		cpu 0 85
		printf '{"type":"system_alert","timestamp":"2099-01-01T00:00:00.000Z","source":"alertd","id":"alert_1_1","alerts":[{"level":"info","type":"high_cpu","key":"high_cpu","state":"resolved"}]}\n'
		cpu 3 86
		cpu 60 86
	} >in
	alertd <in >out 2>err
	[ "$(wc -l <out)" -eq 6 ]
	told <out | grep -v null | same '0 warning firing High CPU usage: 85.0%' '60 warning firing High CPU usage: 86.0%'
	[ ! -s err ]
}

@test "an alert from a demo record is marked demo" {
	{ cpu 0 85 | sed 's/"source"/"demo":true,"source"/'; cpu 3 50; } | alertd | jq -c 'select(.alerts) | .demo' | same true null
}

@test "a record without a timestamp is judged by the newest time, before the first not at all" {
	{
		echo '{"type":"containers","data":{"aggregated":{"host_cpu_percent":99}}}'
		cpu 7 50
		echo '{"type":"containers","timestamp":"yesterday","data":{"aggregated":{"host_cpu_percent":99}}}'
	} | alertd 2>"$BATS_TEST_TMPDIR/err" | told | same '7 error firing High CPU usage: 99.0%'
	grep -c 'judged by the newest time' "$BATS_TEST_TMPDIR/err" | same 1
}

@test "a record dated 2099 or 1970 breaks nothing that comes later" {
	for year in 2099 1970 0001; do
		{
			cpu 0 85
			cpu 3 85 | sed "s/2026/$year/"
			cpu 6 50
			cpu 70 85
			cpu 131 85
			cpu 133 50
		} | alertd 2>"$BATS_TEST_TMPDIR/err" >"$BATS_TEST_TMPDIR/out"
		told <"$BATS_TEST_TMPDIR/out" | tail -n 3 | same '70 warning firing High CPU usage: 85.0%' '131 warning firing High CPU usage: 85.0%' \
			'133 info resolved CPU usage back to normal: 50.0% (high for 1m 3s)'
		grep -c 'time jumped' "$BATS_TEST_TMPDIR/err" | same 1
	done
}

@test "a stray record from another year neither mutes nor repeats what the cooldown covers" {
	{ cpu 0 85; rec x 1 1 | sed s/2026/2099/; cpu 3 85; cpu 60 85; } | alertd 2>/dev/null | told | same '0 warning firing High CPU usage: 85.0%' \
		'60 warning firing High CPU usage: 85.0%'
}

@test "a day that is played again gives its alerts again" {
	{ cpu 300 85; cpu 303 50; cpu 0 85; cpu 3 50; } | alertd 2>/dev/null | told | same '300 warning firing High CPU usage: 85.0%' \
		'303 info resolved CPU usage back to normal: 50.0% (high for 3s)' '0 warning firing High CPU usage: 85.0%' \
		'3 info resolved CPU usage back to normal: 50.0% (high for 3s)'
}

@test "a new timeline makes nobody silent" {
	{ status 0 a up; from b 400; from b 409; from b 410; } | alertd 2>/dev/null | told | same "410 error firing Source 'a' is silent: nothing for 10s"
}

@test "the same recording gives the same bytes, however it is cut" {
	cd "$BATS_TEST_TMPDIR"
	recording 400000 >in
	alertd <in >whole
	grep -c system_alert whole
	[ "$(grep -c system_alert whole)" -gt 5 ]
	dd if=in bs=7 status=none | alertd | cmp whole -
	dd if=in bs=100001 status=none | alertd | cmp whole -
	while IFS= read -r line; do printf '%s\n' "$line"; done <in | alertd | cmp whole -
	grep system_alert whole >alerts
	valid alerts
}

@test "names with quotes, escapes and other letters come out as they went in" {
	rec containers 0 '{"containers":[{"name":"a\"b\\c\u00e9\n","status":"exit\u0065d"}]}' | alertd | jq -c 'select(.alerts) | .alerts[] | [.container_name, .key, .message, .status]' |
		same '["a\"b\\cé\n","container_down_a\"b\\cé\n","Container '"'a\\\"b\\\\cé\\n'"' is exited","exited"]'
}

@test "lines are not held while no input waits" {
	mkfifo "$BATS_TEST_TMPDIR/in"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/in spawn a alertd
	exec 7>"$BATS_TEST_TMPDIR/in"
	cpu 0 85 >&7
	wait_for 10 has_lines a 2
	printf 'half a li' >&7
	rec x 3 1 >&7
	wait_for 10 has_lines a 3
	exec 7>&-
	wait "$(pid_of a)"
}

@test "TERM and INT end it with 0" {
	mkfifo "$BATS_TEST_TMPDIR/in"
	for sig in TERM INT; do
		SPAWN_STDIN=$BATS_TEST_TMPDIR/in spawn a alertd
		exec 7>"$BATS_TEST_TMPDIR/in"
		cpu 0 85 >&7
		wait_for 10 has_lines a 2
		stop a "$sig"
		exec 7>&-
	done
}

@test "a reader that left ends it with 0" {
	run -0 bash -c "yes '{\"type\":\"x\"}' | (alertd; echo \$? >'$BATS_TEST_TMPDIR/code') | head -n 1"
	[ "$(cat "$BATS_TEST_TMPDIR/code")" -eq 0 ]
}

@test "HUP reads settings and rules again; bad ones change nothing and are said" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo in
	echo ALERT_CPU_THRESHOLD=80 >settings
	cp "$ROOT/share/alerts.conf" rules
	SPAWN_STDIN=in spawn a alertd --settings settings --rules rules
	exec 7>in
	cpu 0 75 >&7
	wait_for 10 has_lines a 1
	echo ALERT_CPU_THRESHOLD=70 >settings
	kill -HUP "$(pid_of a)"
	wait_for 10 err_has a 'read again'
	cpu 3 75 >&7
	wait_for 10 has_lines a 3
	echo ALERT_CPU_THRESHOLD=many >settings
	kill -HUP "$(pid_of a)"
	wait_for 10 err_has a 'settings:1: ALERT_CPU_THRESHOLD=many'
	echo ALERT_CPU_THRESHOLD=60 >settings
	echo nonsense >>rules
	kill -HUP "$(pid_of a)"
	wait_for 10 err_has a 'rules not changed'
	cpu 66 65 >&7
	wait_for 10 has_lines a 5
	exec 7>&-
	wait "$(pid_of a)"
	told <a.out | same '3 warning firing High CPU usage: 75.0%' '66 info resolved CPU usage back to normal: 65.0% (high for 1m 3s)'
}

@test "what fires is remembered over HUP" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo in
	SPAWN_STDIN=in spawn a alertd
	exec 7>in
	{ box 0 web exited; status 0 b up; } >&7
	wait_for 10 has_lines a 3
	kill -HUP "$(pid_of a)"
	wait_for 10 err_has a 'read again'
	{ box 3 web exited; box 6 web running; box 10 web running; } >&7
	exec 7>&-
	wait "$(pid_of a)"
	told <a.out | same "0 error firing Container 'web' is exited" "6 info resolved Container 'web' is running again (down for 6s)" \
		"10 error firing Source 'b' is silent: nothing for 10s"
}

@test "ready-fd gets its newline" {
	alertd --ready-fd 5 5>"$BATS_TEST_TMPDIR/ready" </dev/null
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ready")" -eq 1 ]
	KATO_READY_FD=5 alertd 5>"$BATS_TEST_TMPDIR/ready2" </dev/null
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ready2")" -eq 1 ]
	run -2 alertd --ready-fd 99 </dev/null
}

@test "wrong usage and settings: exit 2, naming what" {
	run -2 --separate-stderr alertd --nonsense </dev/null
	[[ $stderr == *--nonsense* ]]
	run -2 --separate-stderr alertd file </dev/null
	[[ $stderr == *file:* ]]
	ALERT_CPU_THRESHOLD=high run -2 --separate-stderr alertd </dev/null
	[[ $stderr == *ALERT_CPU_THRESHOLD=high* ]]
	run -2 --separate-stderr alertd --cooldown -1 </dev/null
	[[ $stderr == *"--cooldown -1"* ]]
	run -2 --separate-stderr alertd --rules "$BATS_TEST_TMPDIR/none" </dev/null
	[[ $stderr == *"$BATS_TEST_TMPDIR/none: No such file"* ]]
	[ -z "$output" ]
}

@test "the built-in rules are share/alerts.conf" {
	cd "$BATS_TEST_TMPDIR"
	recording 300000 >in
	alertd <in >builtin
	alertd --rules "$ROOT/share/alerts.conf" <in | cmp builtin -
	grep -q system_alert builtin
	run -0 alertd --check
	run -0 alertd --check --rules "$ROOT/share/alerts.conf"
}

@test "--check names file, line and word of each mistake" {
	cd "$BATS_TEST_TMPDIR"
	cat >bad <<-'END'
		value before.any
		alert high_cpu
			on Containers
			vlaue aggregated.cpu
			value a..b
			warning > $ALERT_CUP_THRESHOLD
			error >= 9O
			say High: {value:x}
			round 2 3
		alert high_cpu
			on containers
			error => 3
			warning > 5
			say It is {value
			resolved over
		alert nothing
			each containers
	END
	run -2 --separate-stderr alertd --check --rules bad
	[ -z "$output" ]
	for want in 'bad:1: value:' 'bad:3: Containers:' 'bad:4: vlaue:' 'bad:5: a..b:' 'bad:6: $ALERT_CUP_THRESHOLD:' \
		'bad:7: 9O:' 'bad:8: {value:x}:' 'bad:9: 3:' 'bad:10: high_cpu:' 'bad:12: =>:' 'bad:14: {value:' 'bad:16: nothing: lacks a line: on' \
		'bad:16: nothing: lacks a line: say' 'bad:16: nothing: has each'; do
		[[ $stderr == *"$want"* ]] || { echo "lacks $want: $stderr"; return 1; }
	done
	run -2 --separate-stderr alertd --rules bad </dev/null
	[[ $stderr == *'bad:4: vlaue:'* ]]
}

@test "rules of one's own: scores, severities, counts, events, things that go" {
	cd "$BATS_TEST_TMPDIR"
	cat >rules <<-'END'
		alert low_score
			on service_health
			by .id resource_id
			value score
			warning < 50
			error < 20
			say {name} is down to {value} of 100 ({status}, since {.timestamp})
			resolved {name} is fine again: {value} (poor for {for})
			gone {name} is gone
		alert service_failed
			on service_health
			by .id resource_id
			value status
			error == failed
			say {name} failed
			resolved {name} recovered
			gone {name} is gone
		alert critical_anomaly
			on anomaly
			by .id anomaly
			value severity
			with resource_id
			error == critical
			say {resource_id}: {metric} is {observed:1}, expected {expected:1} {{sic}
			resolved {name} is over
			gone {name} is over after {for}
		alert many_degraded
			on overall_health
			value degraded
			cooldown 0
			warning >= 3
			say {value} services degraded, {threshold} is the limit
			resolved only {value} degraded
		alert traffic
			on traffic_anomaly
			by source_id
			event
			info always
			say traffic anomaly at {name}
	END
	{
		rec service_health 0 '{"score":49.5,"status":"degraded"}' '"id":"db"'
		rec service_health 1 '{"score":10,"status":"failed"}' '"id":"db"'
		rec service_health 2 '{"score":80,"status":"healthy"}' '"id":"db"'
		rec service_health 3 '{"score":5,"status":"failed"}' '"id":"web"'
		rec service_health 4 null '"id":"web"'
		rec anomaly 5 '{"severity":"critical","resource_id":"db","metric":"latency","observed":512.34,"expected":20}' '"id":"db:latency"'
		rec anomaly 9 null '"id":"db:latency"'
		rec overall_health 10 '{"degraded":2}'
		rec overall_health 11 '{"degraded":3}'
		rec overall_health 12 '{"degraded":4}'
		rec overall_health 13 '{"degraded":0}'
		rec traffic_anomaly 14 '{"source_id":"a"}' '"id":"t1"'
	} | alertd --rules rules >out
	told <out | same '0 warning firing db is down to 49.5 of 100 (degraded, since 2026-11-20T22:00:00.000Z)' \
		'1 error firing db is down to 10 of 100 (failed, since 2026-11-20T22:00:01.000Z)' '1 error firing db failed' \
		'2 info resolved db is fine again: 80 (poor for 2s)' '2 info resolved db recovered' \
		'3 error firing web is down to 5 of 100 (failed, since 2026-11-20T22:00:03.000Z)' '3 error firing web failed' \
		'4 info resolved web is gone' '4 info resolved web is gone' \
		'5 error firing db: latency is 512.3, expected 20.0 {sic}' '9 info resolved db:latency is over after 4s' \
		'11 warning firing 3 services degraded, 3 is the limit' '12 warning firing 4 services degraded, 3 is the limit' \
		'13 info resolved only 0 degraded' '14 info firing traffic anomaly at a'
	jq -c 'select(.alerts) | .alerts[] | select(.type == "critical_anomaly") | [.key, .anomaly, .resource_id]' out |
		same '["critical_anomaly_db:latency","db:latency","db"]' '["critical_anomaly_db:latency","db:latency",null]'
	grep system_alert out >alerts
	valid alerts
}

@test "the number of things that fire is bounded, said and counted; those told stay right" {
	{ box 0 a exited b exited c exited; box 3 a running b exited c exited; box 6 a running b running c exited; } |
		alertd --max-keys 2 --cooldown 1 2>"$BATS_TEST_TMPDIR/err" | told | same "0 error firing Container 'a' is exited" "0 error firing Container 'b' is exited" \
		"3 info resolved Container 'a' is running again (down for 3s)" "3 error firing Container 'b' is exited" "3 error firing Container 'c' is exited" \
		"6 info resolved Container 'b' is running again (down for 6s)" "6 error firing Container 'c' is exited"
	grep -q -- '--max-keys 2' "$BATS_TEST_TMPDIR/err"
}

# hostile: 50,000 containers that die, each with a name of its own, in lines of 500.
hostile() {
	/usr/bin/python3 - <<-'END'
		import json
		for n in range(100):
		    print(json.dumps({"type": "containers", "timestamp": "2026-11-20T22:00:%02d.000Z" % (n % 60), "source": "x", "data": {"aggregated": {},
		        "containers": [{"name": "c%d" % (n * 500 + i), "status": "exited"} for i in range(500)], "truncated": 1}}))
	END
}

@test "50,000 container names: bounded, counted, and later lines are right" {
	cd "$BATS_TEST_TMPDIR"
	{ hostile; box 61 web exited; cpu 62 95; } | alertd >out 2>err
	[ "$(told <out | grep -c "firing Container 'c")" -eq 10000 ]
	grep -q -- '--max-keys 10000' err
	tail -n 1 err | grep -q '; 4000[01] firings not told'
	told <out | tail -n 1 | same '62 error firing High CPU usage: 95.0%'
	awk 'length > 1048576 { exit 1 }' out
}

@test "a line with 30,000 alerts makes messages that fit a line" {
	cd "$BATS_TEST_TMPDIR"
	/usr/bin/python3 -c 'import json
print(json.dumps({"type":"containers","timestamp":"2026-11-20T22:00:00.000Z","data":{"containers":[{"name":"c%d"%i,"status":"x"} for i in range(25000)]}}, separators=(",", ":")))' |
		alertd --max-keys 100000 >out
	[ "$(wc -l <out)" -gt 3 ]
	awk 'length > 1048576 { exit 1 }' out
	told <out | wc -l | grep -qx 25000
	jq -r 'select(.alerts) | .id' out | sort | uniq -d | wc -l | grep -qx 0
}

@test "100 MB without a newline, noise, 10,000 deep: memory bounded, later lines right" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo in
	SPAWN_STDIN=in spawn a alertd
	exec 7>in
	{
		head -c 100000000 /dev/zero | tr '\0' '['
		echo
		head -c 3000000 /dev/urandom
		echo
		head -c 10000 /dev/zero | tr '\0' '['
		echo
		printf '{"type":"containers","timestamp":"2026-11-20T22:00:00.000Z","data":'
		head -c 10000 /dev/zero | tr '\0' '{'
		echo
		hostile
		cpu 62 95
	} >&7
	wait_for 60 out_has a 'High CPU usage: 95.0%'
	if [ -z "${SAN-}" ]; then
		hwm=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(pid_of a)/status")
		echo "peak $hwm kB"
		[ "$hwm" -lt 16384 ]
	fi
	exec 7>&-
	wait "$(pid_of a)"
	grep -q 'over-long' a.err
}

@test "--help teaches: its examples work" {
	cd "$BATS_TEST_TMPDIR"
	recording 200000 >day.ndjson
	cp "$ROOT/share/alerts.conf" my-alerts.conf
	kato-metrics() { cat day.ndjson; }
	export -f kato-metrics
	alertd --help | sed -n '/^Examples:/,/^$/s/^  //p' >examples
	[ "$(grep -c . examples)" -ge 4 ]
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		echo "$line"
		bash -o pipefail -c "$line" >out
		case $line in *--check*) ;; *) [ -s out ] ;; esac
	done <examples
}
