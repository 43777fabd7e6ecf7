#!/usr/bin/env bats
# What TopDeck's page asks for over HTTP: polling when its WebSocket is down, the drawer, the widgets.
# shellcheck shell=bats disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load broadcaster

start() {
	begin
	LIVE=$API/live-diagnostics
}
# detail WORDS URL...: what is refused says so in TopDeck's shape, and nothing else is in it
detail() {
	local words=$1
	shift
	get "$@" | jq -e --arg words "$words" 'keys == ["detail"] and (.detail | contains($words))'
}
record() { # TYPE ID DATA
	jq -cn --arg type "$1" --arg id "$2" --argjson data "$3" \
		'{type: $type, timestamp: "2026-11-20T22:04:45.219Z", source: "healthd", id: $id, data: $data} | if $id == "" then del(.id) else . end'
}
service() { # ID STATUS SCORE
	record service_health "$1" "$(jq -cn --arg id "$1" --arg s "$2" --argjson n "$3" \
		'{resource_id: $id, resource_name: ($id | ascii_upcase), resource_type: "service", status: $s, health_score: $n, anomalies: [], metrics: {latency_p95: 0.25}, last_updated: "2026-11-20T22:04:45.219Z"}')"
}
anomaly() { # RESOURCE METRIC SEVERITY TIME
	record anomaly "$1:$2" "$(jq -cn --arg id "$1" --arg m "$2" --arg s "$3" --arg t "$4" \
		'{alert_id: "\($id)_\($m)_\($t)", resource_id: $id, resource_name: $id, severity: $s, metric_name: $m, current_value: 9, expected_value: 3, deviation_percentage: 200, detected_at: $t, message: "m", potential_causes: ["load"]}')"
}
edge() { # SOURCE TARGET ABNORMAL
	record traffic_health "$1>$2" "$(jq -cn --arg s "$1" --arg t "$2" --argjson a "$3" \
		'{source_id: $s, target_id: $t, request_rate: 12.5, error_rate: 0.01, latency_p95: 0.1, is_abnormal: $a, anomaly_score: 0.7, trend: "stable"}')"
}
failing() { # SOURCE TARGET
	record failing_dependency "$1>$2" "$(jq -cn --arg s "$1" --arg t "$2" \
		'{source_id: $s, source_name: $s, target_id: $t, target_name: $t, status: "failed", health_score: 20, anomalies: [], error_details: {status: "failed", health_score: 20, anomalies: [], metrics: {}, timestamp: "2026-11-20T22:04:45.219Z"}}')"
}
known() { [ "$(get "$LIVE/snapshot" | jq "$1")" = true ]; }
fill() {
	feed "$(service api healthy 95)" "$(service db failed 20)" "$(service 'a "b"/c é%41' degraded 60)" \
		"$(anomaly api latency_p95 low 2026-11-20T22:04:01.000Z)" "$(anomaly db connections critical 2026-11-20T22:04:02.000Z)" \
		"$(anomaly db deadlocks high 2026-11-20T22:04:03.000Z)" "$(anomaly api cpu_usage critical 2026-11-20T22:04:04.000Z)" \
		"$(edge api db true)" "$(edge db api false)" "$(failing api db)" "$(failing api nowhere)" \
		"$(record overall_health '' '{"status":"critical","services":3,"healthy":1,"degraded":1,"failed":1}')"
	wait_for 10 known '.overall_health == "critical"'
}

@test "the snapshot is what the WebSocket sends, without an envelope" {
	start
	fill
	get "$LIVE/snapshot?duration_hours=1" >"$BATS_TEST_TMPDIR/rest"
	jq -e '(keys - ["anomalies","failing_dependencies","overall_health","services","timestamp","traffic_patterns"]) == []
		and (.services | length) == 3 and (.anomalies | map(.severity)) == ["critical","critical","high","low"]
		and (.traffic_patterns | length) == 2 and (.failing_dependencies | map(.target_id)) == ["db"]
		and .overall_health == "critical"' "$BATS_TEST_TMPDIR/rest"
	wsclient --path /api/v1/ws/live-diagnostics --count 2 "$PORT" | jq -sSc 'map(select(.type == "snapshot_update"))[0].data | del(.timestamp)' >"$BATS_TEST_TMPDIR/ws"
	jq -Sc 'del(.timestamp)' "$BATS_TEST_TMPDIR/rest" | cmp - "$BATS_TEST_TMPDIR/ws"
}

@test "no services: the snapshot has four empty arrays and unknown, and is no error" {
	start
	[ "$(status "$LIVE/snapshot")" = 200 ]
	[ "$(get "$LIVE/snapshot" | jq -c '[.overall_health, .services, .anomalies, .traffic_patterns, .failing_dependencies]')" = '["unknown",[],[],[],[]]' ]
	for r in anomalies traffic-patterns failing-dependencies; do [ "$(get "$LIVE/$r")" = '[]' ]; done
}

@test "duration_hours is a whole number from 1 to 24, wherever it is taken" {
	start
	fill
	for good in 1 24 ''; do [ "$(status "$LIVE/snapshot?duration_hours=$good")" = 200 ]; done
	for bad in 0 25 -1 x 1.5 1e1 99999999999999999999 %20; do
		[ "$(status "$LIVE/snapshot?duration_hours=$bad")" = 400 ]
	done
	detail 'duration_hours: "x\"" is not a whole number from 1 to 24' "$LIVE/snapshot?duration_hours=x%22"
	for r in anomalies traffic-patterns services/api/health services/api/error-logs; do
		[ "$(status "$LIVE/$r?duration_hours=24")" = 200 ]
		detail 'duration_hours: "25" is not a whole number from 1 to 24' "$LIVE/$r?duration_hours=25"
	done
	[ "$(status "$LIVE/anomalies?nobody_knows=this&duration_hours=2")" = 200 ]
}

@test "anomalies: by severity, at most so many, the worst first" {
	start
	fill
	got() { get "$LIVE/anomalies$1" | jq -c 'map(.metric_name)'; }
	[ "$(got)" = '["cpu_usage","connections","deadlocks","latency_p95"]' ]
	[ "$(got '?severity=critical')" = '["cpu_usage","connections"]' ]
	[ "$(got '?severity=medium')" = '[]' ]
	[ "$(got '?severity=critical&limit=1')" = '["cpu_usage"]' ]
	[ "$(got '?limit=500&severity=')" = "$(got)" ]
	detail 'severity: "worst" is not one of low, medium, high, critical' "$LIVE/anomalies?severity=worst"
	for bad in 0 501 x -5 1.0; do detail "limit: \"$bad\" is not a whole number from 1 to 500" "$LIVE/anomalies?limit=$bad"; done
	[ "$(status "$LIVE/anomalies?limit=501")" = 400 ]
}

@test "anomalies: fifty where no limit is given" {
	start
	local i
	anomaly s0 latency low 2026-11-20T22:04:01.000Z >"$BATS_TEST_TMPDIR/one"
	for i in $(seq 60); do sed "s/s0/s$i/g" "$BATS_TEST_TMPDIR/one"; done >"$BATS_TEST_TMPDIR/lines"
	cat "$BATS_TEST_TMPDIR/lines" >&9
	wait_for 10 known '.anomalies | length == 60'
	[ "$(get "$LIVE/anomalies" | jq length)" = 50 ]
	[ "$(get "$LIVE/anomalies?limit=55" | jq length)" = 55 ]
}

@test "traffic: all edges, or the abnormal ones" {
	start
	fill
	got() { get "$LIVE/traffic-patterns$1" | jq -c 'map(.source_id)'; }
	[ "$(got)" = '["api","db"]' ]
	for yes in true True 1; do [ "$(got "?abnormal_only=$yes")" = '["api"]' ]; done
	for no in false 0 ''; do [ "$(got "?abnormal_only=$no")" = '["api","db"]' ]; done
	[ "$(status "$LIVE/traffic-patterns?abnormal_only=maybe")" = 400 ]
	detail 'abnormal_only: "maybe" is not true or false' "$LIVE/traffic-patterns?abnormal_only=maybe"
}

@test "failing dependencies: only those whose both ends are services" {
	start
	fill
	[ "$(get "$LIVE/failing-dependencies" | jq -c 'map([.source_id, .target_id, .error_details.status])')" = '[["api","db","failed"]]' ]
	feed "$(service nowhere failed 10)"
	wait_for 10 known '.services | length == 4'
	[ "$(get "$LIVE/failing-dependencies" | jq length)" = 2 ]
}

@test "one service by its id, whatever bytes are in it; an unknown one is 404" {
	start
	fill
	[ "$(get "$LIVE/services/db/health" | jq -c '[.resource_id, .status, .health_score]')" = '["db","failed",20]' ]
	local odd='a%20%22b%22%2Fc%20%C3%A9%2541'
	[ "$(get "$LIVE/services/$odd/health" | jq -r .resource_id)" = 'a "b"/c é%41' ]
	for id in nobody 'd' 'db%20' 'db%22%7D' '%22' "$(printf 'x%.0s' {1..600})"; do
		[ "$(status "$LIVE/services/$id/health")" = 404 ]
		detail 'there is no' "$LIVE/services/$id/health"
	done
	[ "$(status "$LIVE/services//health")" = 404 ]
	[ "$(status "$LIVE/services/db/health?resource_type=load_balancer")" = 200 ]
	[ "$(status "$LIVE/services/db/health?resource_type=")" = 200 ]
	for bad in 'a%20b' '%22' "$(printf 'x%.0s' {1..65})"; do
		[ "$(status "$LIVE/services/db/health?resource_type=$bad")" = 400 ]
		detail 'resource_type: ' "$LIVE/services/db/health?resource_type=$bad"
	done
	feed '{"type":"service_health","timestamp":"2026-11-20T22:04:45.219Z","id":"db","data":null}'
	wait_for 10 detail 'there is no' "$LIVE/services/db/health"
}

@test "error logs: both shapes, the drawer's and the server's, with no logs" {
	start
	fill
	get "$LIVE/services/db/error-logs?limit=7&duration_hours=3" |
		jq -e '.logs == [] and .ml_analysis == null and .resource_id == "db" and .count == 0 and .limit == 7 and .duration_hours == 3
			and .error_logs == {logs: [], ml_analysis: null} and (.timestamp | test("Z$"))'
	[ "$(get "$LIVE/services/a%20%22b%22/error-logs" | jq -c '[.resource_id, .limit, .duration_hours]')" = '["a \"b\"",10,1]' ]
	for edge in 1 100; do [ "$(get "$LIVE/services/db/error-logs?limit=$edge" | jq .limit)" = $edge ]; done
	for bad in 0 101 x; do
		detail 'a whole number from 1 to 100' "$LIVE/services/db/error-logs?limit=$bad"
	done
}

source_is() { # NAME STATUS
	feed '{"type":"source_status","timestamp":"2026-11-20T22:04:45.219Z","source":"'"$1"'","id":"'"$1"'","data":{"source":"'"$1"'","status":"'"$2"'","interval_ms":10000}}'
}
health_is() { [ "$(get "$LIVE/health" | jq -c '[.status, .components.prometheus, .components.neo4j]')" = "$1" ]; }

@test "health: Prometheus is healthy while its collector says so, and no longer" {
	start
	get "$LIVE/health" | jq -e 'keys == ["components","status","timestamp"]'
	health_is '["unhealthy","unhealthy","unhealthy"]'
	source_is prom-services up
	wait_for 10 health_is '["degraded","healthy","unhealthy"]'
	feed '{"type":"dependencies","timestamp":"2026-11-20T22:04:45.219Z","source":"prom-services","data":{"edges":[]}}'
	wait_for 10 health_is '["healthy","healthy","healthy"]'
	source_is prom-services degraded
	wait_for 10 health_is '["degraded","unhealthy","healthy"]'
	source_is prom-services@b up
	source_is prom-servicesx down
	wait_for 10 health_is '["healthy","healthy","healthy"]'
	source_is katoctl/prom-services down
	wait_for 10 health_is '["degraded","unhealthy","healthy"]'
	[ "$(status "$LIVE/health")" = 200 ]
}

@test "the WebSocket's health says how many of its clients are there, at both paths" {
	start
	wsclient --path /ws --hold --seconds 60 "$PORT" 9>&- 3>&- >/dev/null 2>&1 &
	echo $! >"$BATS_TEST_TMPDIR/other.pid"
	spawn c wsclient --path /ws/live-diagnostics --clients 3 --hold --seconds 60 "$PORT"
	of() { get "$URL$1/live-diagnostics/health"; }
	three() { [ "$(of /api/v1/ws | jq .active_connections)" = 3 ]; }
	wait_for 10 three
	for p in /api/v1/ws /ws; do
		of $p | jq -e 'keys == ["active_connections","publisher_running","status","timestamp"] and .status == "healthy"
			and .publisher_running == true and .active_connections == 3'
	done
	stop c || true
	none() { [ "$(of /ws | jq .active_connections)" = 0 ]; }
	wait_for 10 none
}

@test "when the input has ended, no health says that all is well" {
	: >"$BATS_TEST_TMPDIR/nothing"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/nothing spawn b broadcaster --port 0
	PORT=$(port_of b)
	LIVE=http://127.0.0.1:$PORT/api/v1/live-diagnostics
	ended() { [ "$(curl -s "http://127.0.0.1:$PORT/api/v1/ws/live-diagnostics/health" | jq -c '[.status, .publisher_running]')" = '["degraded",false]' ]; }
	wait_for 10 ended
	[ "$(status "$LIVE/snapshot")" = 200 ]
}

@test "a page of another origin may read it if it is listed, after a preflight too" {
	CORS_ORIGINS=http://page.example:3000 start
	fill
	for p in snapshot?duration_hours=1 health anomalies services/nobody/health anomalies?limit=0; do
		[ "$(header Access-Control-Allow-Origin -H 'Origin: http://page.example:3000' "$LIVE/$p")" = http://page.example:3000 ]
		[ -z "$(header Access-Control-Allow-Origin -H 'Origin: http://evil.example' "$LIVE/$p")" ]
		[ -z "$(header Access-Control-Allow-Origin -H 'Origin: http://page.example:3001' "$LIVE/$p")" ]
		[ -z "$(header Access-Control-Allow-Origin "$LIVE/$p")" ]
	done
	ask() { get -X OPTIONS -D - -o /dev/null -H "Origin: $1" -H 'Access-Control-Request-Method: GET' -H 'Access-Control-Request-Headers: content-type' "$LIVE/snapshot"; }
	ask http://page.example:3000 >"$BATS_TEST_TMPDIR/head"
	grep -q ' 204 ' "$BATS_TEST_TMPDIR/head"
	grep -qi '^access-control-allow-origin: http://page.example:3000' "$BATS_TEST_TMPDIR/head"
	grep -qi '^access-control-allow-methods: .*GET' "$BATS_TEST_TMPDIR/head"
	grep -qi '^access-control-allow-headers: content-type' "$BATS_TEST_TMPDIR/head"
	ask http://evil.example >"$BATS_TEST_TMPDIR/head"
	run grep -qi '^access-control-allow-origin' "$BATS_TEST_TMPDIR/head"
	[ "$status" -eq 1 ]
}

@test "with CORS_ORIGINS=* any page may read it" {
	CORS_ORIGINS='*' start
	[ "$(header Access-Control-Allow-Origin -H 'Origin: http://any.example' "$LIVE/snapshot")" = http://any.example ]
	[ -z "$(header Access-Control-Allow-Credentials -H 'Origin: http://any.example' "$LIVE/snapshot")" ]
}

@test "refusals have the shape that client reads: unknown routes, other methods, a GET of the WebSocket" {
	start
	[ "$(status "$LIVE/services/api/baseline")" = 404 ]
	detail 'there is no route' "$LIVE/services/api/baseline"
	[ "$(status -X POST "$LIVE/services/api/root-cause-analysis")" = 405 ]
	detail 'only GET' -X POST "$LIVE/services/api/root-cause-analysis"
	for p in /api/v1/ws/live-diagnostics /ws/live-diagnostics; do
		[ "$(status "$URL$p")" = 426 ]
		detail 'is a WebSocket' "$URL$p"
	done
	[ "$(status "$URL/ws/live-diagnostics/nothing")" = 404 ]
	[ "$(header Content-Type "$LIVE/nothing")" = 'application/json; charset=utf-8' ]
	# KATO's own stay as they were
	[ "$(header Content-Type "$URL/api/v1/nothing")" = application/problem+json ]
}

@test "an answer is made once for all who ask meanwhile, and is never an old one" {
	start
	fill
	local i
	for i in $(seq 8); do
		feed "$(service api degraded "$i")"
		wait_for 10 known ".services[0].health_score == $i"
		[ "$(get "$LIVE/services/api/health" | jq .health_score)" = "$i" ]
		[ "$(get "$LIVE/anomalies" | jq length)" = 4 ]
	done
	feed '{"type":"anomaly","timestamp":"2026-11-20T22:04:45.219Z","id":"db:deadlocks","data":null}'
	wait_for 10 known '.anomalies | length == 3'
	[ "$(get "$LIVE/anomalies" | jq length)" = 3 ]
}
