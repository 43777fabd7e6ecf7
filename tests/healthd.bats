#!/usr/bin/env bats
# healthd: what follows from readings of services, traffic and dependencies.
# shellcheck shell=bash disable=SC2016,SC1003,SC2030,SC2031,SC2129 # jq has dollars of its own, and JSON its backslashes

load helper
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { stop_all; }

stamp() { date -u -d "@$((1795000000 + $1))" +%Y-%m-%dT%H:%M:%S.000Z; } # SECONDS
# service SECOND ID METRICS: a record
service() { echo "{\"type\":\"services\",\"id\":\"$2\",\"timestamp\":\"$(stamp "$1")\",\"source\":\"p\",\"data\":{\"name\":\"The $2\",\"type\":\"service\",\"metrics\":$3}}"; }
traffic() { echo "{\"type\":\"traffic\",\"id\":\"$2>$3\",\"timestamp\":\"$(stamp "$1")\",\"data\":{\"source_id\":\"$2\",\"target_id\":\"$3\"$4}}"; }
edges() { # SECOND S>T...
	local t
	t=$(stamp "$1")
	shift
	printf '%s\n' "$@" | jq -Rnc --arg t "$t" '{type: "dependencies", timestamp: $t, data: {edges: [inputs | select(. != "") | split(">") | {source_id: .[0], target_id: .[1]}]}}'
}
# many SECONDS ID EXPRESSION: a record every 10 s, $i is the number
many() { jq -nc --argjson n "$(($1 / 10))" --arg id "$2" "range(\$n) as \$i | {type: \"services\", id: \$id, timestamp: (1795000000 + \$i * 10 | todate | sub(\"Z\"; \".000Z\")), source: \"p\", data: {name: (\"The \" + \$id), type: \"service\", metrics: ($3)}}"; }
of() { jq -c --arg t "$1" 'select(.type == $t)' out; }
data() { of "$1" | jq -c .data; }
judge() { healthd "$@" <in >out; }

@test "every line passes as it came, and what follows stands directly behind" {
	{
		echo '{"type":"other", "n":9007199254740993}'
		service 0 a '{"cpu":0.1}'
		echo 'no record'
		echo
		echo '{"type":"services"}'
		printf '{"type":"metrics"}\r\n'
		printf '{"type":"last"}'
	} >in
	judge
	grep -v '"source":"healthd"' out | diff - <(cat in; echo)
	[ "$(sed -n 3p out | jq -r .type)" = service_health ]
	[ "$(sed -n 4p out | jq -r .type)" = overall_health ]
	valid <(grep '"source":"healthd"' out)
}

@test "a service has a score and a status by the formula" {
	service 0 well '{"error_rate":0,"latency_p95":0.1,"cpu_usage":0.5,"odd":7}' >in
	service 0 slow '{"error_rate":0.2,"latency_p95":1.5,"cpu_usage":0.95}' >>in
	service 0 gone '{"error_rate":0.6}' >>in
	service 0 none '{}' >>in
	judge
	data service_health | sed -n 1p | jq -e '.resource_id == "well" and .resource_name == "The well" and .resource_type == "service" and .status == "healthy" and
		.health_score == 100 and .anomalies == [] and .metrics == {error_rate: 0, latency_p95: 0.1, cpu_usage: 0.5, odd: 7} and .last_updated == "'"$(stamp 0)"'"'
	data service_health | sed -n 2p | jq -e '.health_score == 50 and .status == "degraded" and
		.anomalies == ["high error rate 20.0%", "high latency 1500 ms", "CPU saturation"]'
	data service_health | sed -n 3p | jq -e '.health_score == 30 and .status == "failed"'
	data service_health | sed -n 4p | jq -e '.health_score == 100 and .status == "healthy" and .metrics == {}'
	data overall_health | tail -n 1 | jq -e '. == {status: "critical", services: 4, healthy: 2, degraded: 1, failed: 1, unwell: 2}'
}

@test "a status changes once, at the edge, silently at first sight, and back only with some to spare" {
	{
		service 0 a '{"error_rate":0}'
		service 10 a '{"error_rate":0.9}'
		service 20 a '{"error_rate":0.9}'
	} >in
	judge
	[ "$(data health_change)" = '{"resource_id":"a","resource_name":"The a","old_status":"healthy","new_status":"failed","health_score":45}' ]
	service 0 b '{"error_rate":0.9}' >in
	judge
	[ -z "$(of health_change)" ]
	# the mean falls slowly: 70 is not enough after degraded
	many 3600 c 'if $i == 0 then {error_rate: 1} else {error_rate: 0} end' >in
	judge
	[ "$(data health_change | jq -r '.old_status + ">" + .new_status' | tr '\n' ' ')" = "failed>degraded degraded>healthy " ]
	data health_change | jq -e '.health_score >= 55'
	data health_change | tail -n 1 | jq -e '.health_score >= 75'
}

@test "an anomaly begins with one event, is a state while it lasts, and ends with null" {
	{
		service 0 a '{"latency_p95":0.2}'
		service 10 a '{"latency_p95":2.5}'
		service 20 a '{"latency_p95":2.4}'
		service 30 a '{"latency_p95":0.9}'
		service 40 a '{"latency_p95":0.2}'
		service 50 a '{"latency_p95":0.2}'
	} >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
	of anomaly_detected | jq -e '.data | .resource_id == "a" and .resource_name == "The a" and .metric_name == "latency_p95" and .severity == "critical" and
		.current_value == 2.5 and .expected_value == 0.2 and .deviation_percentage == 1150 and .detected_at == "'"$(stamp 10)"'" and
		(.message | startswith("latency_p95 is 1150.0% above")) and .description == .message and .potential_causes == [] and (.alert_id | contains("a_latency_p95_"))'
	[ "$(of anomaly | jq -c '[.id, .data.current_value]' | tr '\n' ' ')" = '["a:latency_p95",2.5] ["a:latency_p95",2.4] ["a:latency_p95",0.9] ["a:latency_p95",null] ' ]
	[ "$(of anomaly | sed 3q | jq -r .data.alert_id | sort -u | wc -l)" -eq 1 ]
}

@test "what is far from usual is an anomaly once enough is known, and does not become usual at once" {
	many 1000 a '{queue: (if $i == 20 or $i == 60 then 500 else 100 + $i % 5 end)}' >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
	of anomaly_detected | jq -e '.data | .current_value == 500 and .expected_value > 101 and .expected_value < 125 and (.severity | IN("high", "critical"))'
	many 1000 b '{queue: (if $i > 40 then 500 else 100 + $i % 5 end)}' >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
	data anomaly | tail -n 1 | jq -e '.expected_value < 105'
}

@test "an anomaly that lasts an hour becomes what is usual" {
	many 5000 a '{queue: (if $i > 40 then 500 else 100 + $i % 5 end)}' >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
	of anomaly | tail -n 1 | jq -e '.data == null'
}

@test "what a service needs and is not well is a cause, and a failing dependency with both ends" {
	{
		edges 0 'web>db' 'api>db' 'web>api'
		service 0 db '{"error_rate":0}'
		service 0 web '{"latency_p95":0.1}'
		service 10 db '{"error_rate":0.9}'
		service 10 web '{"latency_p95":3}'
	} >in
	judge
	[ "$(of failing_dependency | jq -r .id | sort | tr '\n' ' ')" = 'api>db web>db ' ]
	of failing_dependency | jq -es 'map(select(.id == "web>db")) | .[0].data | .source_name == "The web" and .target_name == "The db" and .status == "failed" and .health_score == 45 and
		.anomalies == ["high error rate 90.0%"] and .error_details.status == "failed" and .error_details.metrics == {error_rate: 0.9} and .error_details.timestamp == "'"$(stamp 10)"'"'
	data anomaly_detected | jq -e 'select(.resource_id == "web") | .potential_causes | length == 1 and .[0] == "The db is failed"'
}

@test "a dependency that is no longer one, or is well again, is taken back" {
	{
		edges 0 'web>db' 'api>db'
		service 0 db '{"error_rate":0.9}'
		edges 10 'web>db'
	} >in
	many 4000 db '{error_rate: 0}' | tail -n +2 >>in
	judge
	of failing_dependency | jq -es 'map(select(.id == "api>db")) | last.data == null and (map(select(.data == null)) | length == 1)'
	of failing_dependency | jq -es 'map(select(.id == "web>db")) | last.data == null and (map(select(.data == null)) | length == 1)'
}

@test "a service that is gone takes everything of it along" {
	{
		edges 0 'web>db'
		service 0 db '{"error_rate":0.9}'
		echo "{\"type\":\"services\",\"id\":\"db\",\"timestamp\":\"$(stamp 10)\",\"data\":null}"
		echo "{\"type\":\"services\",\"id\":\"never\",\"timestamp\":\"$(stamp 10)\",\"data\":null}"
	} >in
	judge
	for t in service_health anomaly failing_dependency; do of "$t" | tail -n 1 | jq -e '.data == null'; done
	[ "$(of service_health | wc -l)" -eq 2 ]
	data overall_health | tail -n 1 | jq -e '.status == "unknown" and .services == 0'
}

@test "traffic has a score, a trend, and one event when it becomes abnormal" {
	{
		traffic 0 a b ',"request_rate":10,"error_rate":0.01,"latency_p95":0.2'
		traffic 60 a b ',"request_rate":20,"error_rate":0.9,"latency_p95":0.2'
		traffic 120 a b ',"request_rate":20,"error_rate":0.9,"latency_p95":9'
		traffic 130 a b ',"request_rate":20,"error_rate":0.9,"latency_p95":9'
		traffic 140 c d ''
		echo "{\"type\":\"traffic\",\"id\":\"a>b\",\"timestamp\":\"$(stamp 150)\",\"data\":null}"
	} >in
	judge
	data traffic_health | sed -n 1p | jq -e '. == {source_id: "a", target_id: "b", request_rate: 10, error_rate: 0.01, latency_p95: 0.2, is_abnormal: false, anomaly_score: 0, trend: "stable"}'
	data traffic_health | sed -n 2p | jq -e '.anomaly_score == 0.4 and .is_abnormal == false and .trend == "increasing" and .request_rate == 15'
	data traffic_health | sed -n 3p | jq -e '.anomaly_score == 0.7 and .is_abnormal'
	[ "$(of traffic_anomaly | wc -l)" -eq 1 ]
	data traffic_anomaly | jq -e '.source_id == "a" and .target_id == "b" and .anomaly_type == "latency_spike" and (.description | test("requests/s, .*% errors, P95 .* ms"))'
	of traffic_health | tail -n 1 | jq -e '.id == "a>b" and .data == null'
}

@test "a recording gives the same bytes each time, at any speed" {
	{
		edges 0 'a>b' 'b>c' 'c>a'
		for i in a b c; do many 800 $i '{latency_p95: ($i % 13 / 6), error_rate: ($i % 7 / 50), queue: ($i * 31 % 17)}'; done | jq -sc 'sort_by(.timestamp)[]'
		edges 900 'a>b'
	} >in
	judge
	mv out first
	judge
	cmp out first
	while IFS= read -r line; do printf '%s\n' "$line"; done <in | healthd | cmp - first
}

@test "what is known is kept over an end and a kill, and nothing begins twice" {
	many 600 a '{queue: (100 + $i % 5), error_rate: 0}' >in
	service 610 a '{"queue":900,"error_rate":0.99}' >>in
	judge --state st
	[ "$(of anomaly_detected | wc -l)" -eq 2 ]
	service 620 a '{"queue":905,"error_rate":0.99}' >in
	judge --state st
	[ -z "$(of anomaly_detected)" ]
	data anomaly | jq -es 'map(select(.metric_name == "queue")) | .[0].expected_value < 103 and .[0].detected_at == "'"$(stamp 610)"'"'
	mkfifo pipe
	SPAWN_STDIN=pipe spawn health healthd --state st
	exec 9>pipe
	service 630 a '{"queue":101,"error_rate":0}' >&9
	wait_for 10 out_has health '"id":"a:queue".*null'
	kill -KILL "$(pid_of health)"
	exec 9>&-
	service 640 a '{"queue":102,"error_rate":0}' >in
	judge --state st
	run -1 grep '"type":"anomaly"' out
	service 650 a '{"queue":900,"error_rate":0}' >in
	judge --state st
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
}

@test "killed at any time, it goes on as if nothing had been: not an event is lost, and none has two ids" {
	health-again make "$RANDOM" 4000 >in
	judge
	kill-filter 40 "$RANDOM" in killed healthd --state st
	cmp out killed
}

@test "an end and a beginning at any record change nothing" {
	health-again make 7 900 >in
	judge
	split -l 90 in part.
	for p in part.*; do healthd --state st <"$p"; done | jq -c 'select(.type != "overall_health")' >parts
	jq -c 'select(.type != "overall_health")' out | cmp - parts
}

@test "the rules, written a second time from the page, say the same on random records" {
	echo 'forget_minutes 1e6' >rules
	health-again make "$RANDOM" 8000 >in
	judge --rules rules
	health-again check <out >said || { cat said; return 1; }
	tail -n 1 said | jq -e '.wrong == 0 and .service_health > 5000 and .anomaly_detected > 100 and .traffic_anomaly > 20 and .health_change > 20 and .failing_dependency > 100'
}

@test "what a service once was is forgotten after an hour, also of a metric that is no longer measured" {
	{
		many 60 a '{error_rate: 0.9, latency_p95: 3}'
		many 4000 a 'if $i < 10 then {error_rate: 0.9, latency_p95: 3} else {queue: 1} end' | tail -n +10
		traffic 0 a b ',"request_rate":1,"error_rate":0.9,"latency_p95":3'
		traffic 3700 a b ',"request_rate":1'
	} >in
	judge
	data service_health | tail -n 1 | jq -e '.status == "healthy" and .anomalies == [] and .health_score == 100'
	data traffic_health | tail -n 1 | jq -e '.is_abnormal == false and .error_rate == 0'
}

@test "one wrong time spoils nothing for longer than an hour, be it of the past or of the future" {
	for wrong in 2100-01-01 1980-01-01; do
		{
			many 600 a '{error_rate: 0, queue: (100 + $i % 5)}'
			echo "{\"type\":\"services\",\"id\":\"a\",\"timestamp\":\"${wrong}T00:00:00.000Z\",\"data\":{\"metrics\":{\"error_rate\":0.9,\"queue\":900}}}"
			many 9000 a '{error_rate: 0, queue: (100 + $i % 5)}' | tail -n +61
		} >in
		judge
		data health_change | tail -n 1 | jq -e '.new_status == "healthy"'
		data service_health | tail -n 1 | jq -e '.health_score == 100'
		of anomaly | jq -es 'map(select(.id == "a:queue")) | last.data == null'
		of overall_health | tail -n 1 | jq -e '.timestamp[:4] == "2026"'
	done
}

@test "what stays over its limit is one anomaly, however long" {
	many 20000 a '{latency_p95: (if $i == 0 then 0.1 else 2 end)}' >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 1 ]
	of anomaly | tail -n 1 | jq -e '.data.current_value == 2'
}

@test "traffic at the border is told once, not with each reading, and again after it was well" {
	for i in $(seq 0 200); do traffic $((i * 30)) a b ",\"request_rate\":1,\"latency_p95\":3,\"error_rate\":0.$((i % 2 ? 46 : 54))" | sed 's/0\.46/0.0499/; s/0\.54/0.0502/'; done >in
	echo 'window_minutes 1' >rules
	judge --rules rules
	[ "$(data traffic_health | jq .is_abnormal | uniq | wc -l)" -gt 20 ]
	[ "$(of traffic_anomaly | wc -l)" -eq 1 ]
	traffic 7000 a b ',"request_rate":1,"latency_p95":0.1,"error_rate":0' >>in
	traffic 7200 a b ',"request_rate":1,"latency_p95":3,"error_rate":0.5' >>in
	judge --rules rules
	[ "$(of traffic_anomaly | wc -l)" -eq 2 ]
}

@test "services come and go by the ten thousand, and take their room along" {
	jq -nrc 'range(30000) as $i | {type: "services", id: "pod-\($i)", timestamp: (1795000000 + $i | todate | sub("Z"; ".000Z")),
		data: {metrics: {error_rate: 0}}}, if $i % 2 == 0 then {type: "services", id: "pod-\($i)", timestamp: (1795000000 + $i | todate | sub("Z"; ".000Z")), data: null} else empty end' >in
	judge 2>err
	[ ! -s err ]
	data overall_health | tail -n 1 | jq -e '.services < 2000' # an hour of those that did not say good bye
	of service_health | jq -es 'map(select(.data == null)) | length > 28000'
	jq -nc 'range(50100) | {type: "traffic", timestamp: "2026-11-20T10:00:00.000Z", data: {source_id: "a\(. % 300)", target_id: "b\(. / 300 | floor)"}}' >in
	judge 2>err
	grep -q 'more services, metrics or edges than there is room for' err
	[ "$(of traffic_health | wc -l)" -eq 50000 ]
}

@test "where noise makes too many anomalies, several in a row can be asked for" {
	many 2000 a '{queue: (100 + $i % 5 + (if [60, 80, 81, 100] | index($i) then 99 else 0 end)), latency_p95: (if $i == 100 then 3 else 0.1 end)}' >in
	judge
	[ "$(of anomaly_detected | wc -l)" -eq 4 ]
	echo 'confirm_samples 2' >rules
	judge --rules rules
	data anomaly_detected | jq -es 'map(.metric_name) == ["queue", "latency_p95"] and .[0].detected_at == "'"$(stamp 810)"'"'
}

@test "each alert of live diagnostics is told once, however it goes on, and a failed service counts as one that is degraded" {
	for i in $(seq 0 29); do for s in a b c; do service $((i * 10)) $s "{\"error_rate\":0.9,\"latency_p95\":3.$i}"; done; traffic $((i * 10)) a b ',"request_rate":9,"error_rate":0.9,"latency_p95":3'; done >in
	healthd <in | alertd --rules "$ROOT/share/alerts-diagnostics.conf" >out
	[ "$(jq -r 'select(.type == "system_alert") | .alerts[] | .type' out | sort | uniq -c | awk '{print $1 $2}' | tr '\n' ' ')" = \
		"6critical_anomaly 3health_score_drop 1multiple_services_degraded 3service_failure 1traffic_pattern_anomaly " ]
}

@test "a state file that is none is set aside" {
	mkdir -p "$STATE_DIRECTORY"
	printf '{"tool":"healthd","format":1}\nrubbish\n' >"$STATE_DIRECTORY/st"
	service 0 a '{}' >in
	judge --state st 2>err
	grep -q 'st' err
	compgen -G "$STATE_DIRECTORY/st.broken-*"
	[ "$(of service_health | wc -l)" -eq 1 ]
}

@test "rules are settings: a file changes them, HUP reads it again, and a mistake names its line" {
	service 0 a '{"latency_p95":0.5}' >in
	echo 'latency_limit 0.4' >rules
	judge --rules rules
	data service_health | jq -e '.anomalies == ["high latency 500 ms"] and .health_score == 90'
	printf 'sigma 3\nsigmas 0\n' >bad
	run -2 healthd --rules bad
	[[ "$output" == *"bad:1: sigma: no rule of this name"* && "$output" == *"bad:2: sigmas: want 1 to 100"* ]]
	healthd --rules rules --check >all
	grep -qx 'latency_limit 0.4' all
	healthd --rules all --check | diff - all
	mkfifo pipe
	SPAWN_STDIN=pipe spawn health healthd --rules rules
	exec 9>pipe
	service 0 a '{"latency_p95":0.5}' >&9
	wait_for 10 out_has health 'high latency'
	echo 'latency_limit 2' >rules
	kill -HUP "$(pid_of health)"
	wait_for 10 err_has health 'rules read again'
	service 10 b '{"latency_p95":0.5}' >&9
	wait_for 10 out_has health '"resource_id":"b".*"anomalies":\[\]'
	exec 9>&-
}

@test "values that are none, names that are too long and bad records cost nobody else anything" {
	{
		service 0 a '{"x":"1","y":null,"z":1e999,"ok":2,"":3}'
		service 0 "$(printf 'n%.0s' $(seq 600))" '{}'
		echo "{\"type\":\"services\",\"id\":\"b\",\"timestamp\":\"$(stamp 1)\",\"data\":[]}"
		echo "{\"type\":\"services\",\"timestamp\":\"$(stamp 1)\",\"data\":{}}"
		echo "{\"type\":\"traffic\",\"timestamp\":\"$(stamp 1)\",\"data\":{\"source_id\":7}}"
		echo "{\"type\":\"dependencies\",\"timestamp\":\"$(stamp 1)\",\"data\":{\"edges\":7}}"
		service 2 'q\"\\' '{"ok":1}'
	} >in
	judge 2>err
	data service_health | sed -n 1p | jq -e '.metrics == {ok: 2}'
	[ "$(of service_health | wc -l)" -eq 2 ]
	of service_health | tail -n 1 | jq -e '.id == "q\"\\"'
	grep -q 'passed on (5 so far)' err
}

@test "demo data stays demo data" {
	service 0 a '{"error_rate":0.9}' | sed 's/^{/{"demo":true,/' >in
	judge
	jq -es 'all(.demo)' out
}

@test "it ends with 0 when its reader leaves and on TERM" {
	many 3000 a '{}' >in
	for _ in $(seq 200); do cat in; done >big
	healthd <big | head -n 1
	[ "${PIPESTATUS[0]}" -eq 0 ]
	mkfifo pipe
	SPAWN_STDIN=pipe spawn health healthd
	exec 9>pipe
	service 0 a '{}' >&9
	wait_for 10 out_has health service_health
	stop health
	exec 9>&-
}

@test "the five alerts of live diagnostics fire behind it, and are resolved" {
	{
		edges 0 'a>b'
		for s in a b c d; do service 0 $s '{"error_rate":0.3}'; done
		service 60 a '{"error_rate":0.99}'
		traffic 70 a b ',"request_rate":9,"error_rate":0.9,"latency_p95":3'
		traffic 80 a b '' | sed 's/"data".*/"data":null}/'
		for s in a b c d; do service 90 $s '{}' | sed 's/"data".*/"data":null}/'; done
	} >in
	healthd <in | alertd --rules "$ROOT/share/alerts-diagnostics.conf" >out
	for t in health_score_drop critical_anomaly multiple_services_degraded traffic_pattern_anomaly service_failure; do
		[ "$(jq -r --arg t $t 'select(.type == "system_alert") | .alerts[] | select(.type == $t) | .state' out | sort -u | tr '\n' ' ')" = "firing resolved " ]
	done
	jq -es '[.[] | select(.type == "system_alert") | .alerts[].message | select(test("\\{|null"))] == []' out
}
