#!/usr/bin/env bats
# What OpenRisk's dashboard polls when its WebSocket is down.
# shellcheck shell=bats disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load broadcaster

start() {
	begin
	DASH=$API/dashboard
}
# error WORDS URL...: what is refused says so in OpenRisk's shape, and nothing else is in it
error() {
	local words=$1
	shift
	get "$@" | jq -e --arg words "$words" 'keys == ["error"] and (.error | contains($words))'
}
# document JSON: is the newest analytics, and is known
document() {
	printf '{"type":"dashboard","timestamp":"2026-11-20T22:04:45.219Z","source":"http-poll","data":%s}\n' "$1" >&9
	wait_for 10 is_document "$1"
}
is_document() { [ "$(get "$DASH/complete")" = "$1" ]; }

# Spaces, an integer no double can hold, and members nobody knows: all of it is theirs.
DOC='{"metrics":{"average_risk_score": 12.50,"trending_up_percent":3.0,"overdue_count":9007199254740993,"sla_compliance_rate":80,"total_risks":7,"active_risks":5,"mitigation_rate":40,"updated_at":"2026-11-20T22:00:00Z"},"risk_trends":[{"date":"2026-11-14","score":1.0,"count":1,"new_risks":1,"mitigated":0},{"date":"2026-11-15","score":2,"count":2,"new_risks":0,"mitigated":1}],"severity_distribution":{"critical":1,"high":2,"medium":3,"low":1},"mitigation_status":{"completed":1, "in_progress":2,"not_started":0,"overdue":1},"top_risks":[{"id":"r1","name":"a \"b\"","score":20.0},{"id":"r2","score":19},{"id":"r3","score":18},{"id":"r4","score":17},{"id":"r5","score":16},{"id":"r6","score":15},{"id":"r7","score":14}],"mitigation_progress":[{"id":"m1","cost":1e3},{"id":"m2"},{"id":"m3"},{"id":"m4"},{"id":"m5"},{"id":"m6"},{"id":"m7"},{"id":"m8"},{"id":"m9"},{"id":"m10"},{"id":"m11"},{"id":"m12"}],"generated_at":"2026-11-20T22:00:00Z","x-odd":[ ]}'

@test "nothing known yet: 503 with an error, at each path" {
	start
	for p in complete metrics risk-trends severity-distribution mitigation-status top-risks mitigation-progress; do
		[ "$(status "$DASH/$p")" = 503 ]
		error 'no dashboard record has come yet' "$DASH/$p"
		get -D - -o /dev/null "$DASH/$p" | grep -qi '^retry-after: '
	done
}

@test "the complete analytics are the feeder's bytes, and the newest" {
	start
	document "$DOC"
	[ "$(get "$DASH/complete")" = "$DOC" ]
	[ "$(get -D - -o /dev/null "$DASH/complete" | tr -d '\r' | sed -n 's/^Content-Type: //Ip')" = 'application/json; charset=utf-8' ]
	get -D - -o /dev/null "$DASH/complete" | grep -qi '^last-modified: Fri, 20 Nov 2026 22:04:45 GMT'
	[ -z "$(get -I "$DASH/complete" | sed '1,/^\r$/d')" ]
	wsclient --path '/api/v1/ws/dashboard?token=' --count 1 "$PORT" >"$BATS_TEST_TMPDIR/ws"
	[ "$(cat "$BATS_TEST_TMPDIR/ws")" = '{"type":"dashboard_update","data":'"$DOC"'}' ]
	document '{"metrics":{},"n":2}'
}

@test "its parts, each byte for byte" {
	start
	document "$DOC"
	[ "$(get "$DASH/metrics")" = '{"average_risk_score": 12.50,"trending_up_percent":3.0,"overdue_count":9007199254740993,"sla_compliance_rate":80,"total_risks":7,"active_risks":5,"mitigation_rate":40,"updated_at":"2026-11-20T22:00:00Z"}' ]
	[ "$(get "$DASH/severity-distribution")" = '{"critical":1,"high":2,"medium":3,"low":1}' ]
	[ "$(get "$DASH/mitigation-status")" = '{"completed":1, "in_progress":2,"not_started":0,"overdue":1}' ]
	[ "$(get "$DASH/risk-trends")" = '{"trends":[{"date":"2026-11-14","score":1.0,"count":1,"new_risks":1,"mitigated":0},{"date":"2026-11-15","score":2,"count":2,"new_risks":0,"mitigated":1}]}' ]
}

@test "top risks and mitigations: as many as asked for, clamped, and counted" {
	start
	document "$DOC"
	risks() { get "$DASH/top-risks$1" | jq -c '[.count, (.top_risks | length), .top_risks[0].name, (.top_risks[0].score)]'; }
	[ "$(get "$DASH/top-risks?limit=2")" = '{"top_risks":[{"id":"r1","name":"a \"b\"","score":20.0},{"id":"r2","score":19}],"count":2}' ]
	[ "$(risks)" = '[5,5,"a \"b\"",20]' ]
	[ "$(risks '?limit=')" = '[5,5,"a \"b\"",20]' ]
	[ "$(status "$DASH/top-risks?limit=x")" = 400 ]
	for few in 1 0 -1 -99999999999999999999999; do [ "$(risks "?limit=$few" | jq -c '.[:2]')" = '[1,1]' ]; done
	for many in 7 51 99999999999999999999999; do [ "$(risks "?limit=$many" | jq -c '.[:2]')" = '[7,7]' ]; done
	for bad in x 1.5 1e1 - %20 0x5; do
		error 'limit: ' "$DASH/top-risks?limit=$bad"
	done
	steps() { get "$DASH/mitigation-progress$1" | jq -c '[.count, (.mitigations | length)]'; }
	[ "$(steps)" = '[10,10]' ]
	[ "$(steps '?limit=11')" = '[11,11]' ]
	[ "$(steps '?limit=101')" = '[12,12]' ]
	[ "$(steps '?limit=0')" = '[1,1]' ]
}

@test "limits end at 50 risks and 100 mitigations" {
	start
	document "$(jq -cn '{top_risks: [range(200) | {id: .}], mitigation_progress: [range(200) | {id: .}]}')"
	[ "$(get "$DASH/top-risks?limit=200" | jq -c '[.count, .top_risks[49].id]')" = '[50,49]' ]
	[ "$(get "$DASH/mitigation-progress?limit=200" | jq -c '[.count, .mitigations[99].id]')" = '[100,99]' ]
}

@test "a list that is null is an empty one, as Go writes them" {
	start
	document '{"metrics":{"total_risks":0},"risk_trends":null,"severity_distribution":null,"mitigation_status":null,"top_risks":null,"mitigation_progress":null}'
	[ "$(get "$DASH/risk-trends")" = '{"trends":[]}' ]
	[ "$(get "$DASH/top-risks")" = '{"top_risks":[],"count":0}' ]
	[ "$(get "$DASH/mitigation-progress?limit=3")" = '{"mitigations":[],"count":0}' ]
	[ "$(get "$DASH/severity-distribution")" = '{}' ]
	[ "$(get "$DASH/mitigation-status")" = '{}' ]
}

@test "a part that is missing, or of another kind, is said by name" {
	start
	document '{"metrics":[],"top_risks":{"a":1},"risk_trends":"x"}'
	for p in metrics:metrics top-risks:top_risks risk-trends:risk_trends severity-distribution:severity_distribution mitigation-progress:mitigation_progress; do
		[ "$(status "$DASH/${p%:*}")" = 503 ]
		error "has no ${p#*:}" "$DASH/${p%:*}"
	done
	[ "$(status "$DASH/complete")" = 200 ]
}

@test "stats are the union of what both documents show" {
	start
	document "$DOC"
	spawn c wsclient --path '/api/v1/ws/dashboard' --clients 3 --hold --seconds 60 "$PORT"
	three() { [ "$(get "$URL/api/v1/ws/stats" | jq .connected_clients)" = 3 ]; }
	wait_for 10 three
	document '{"n":2}'
	get "$URL/api/v1/ws/stats" | jq -e '.status == "active" and (.total_broadcasts | type) == "number" and (.uptime_seconds | type) == "number"
		and (.last_broadcast | test("^2[0-9-]+T.*Z$")) and (.avg_broadcast_time_ms | type) == "number"'
}

@test "refusals have the shape that client reads" {
	start
	[ "$(status "$DASH/nothing")" = 404 ]
	error 'there is no route' "$DASH/nothing"
	[ "$(status -X POST "$DASH/complete")" = 405 ]
	error 'only GET' -X POST "$DASH/complete"
	[ "$(status "$URL/api/v1/ws/dashboard")" = 426 ]
	error 'is a WebSocket' "$URL/api/v1/ws/dashboard"
	[ "$(status -H 'Host: evil.example' "$DASH/complete")" = 421 ]
	error 'not a name of this server' -H 'Host: evil.example' "$DASH/complete"
}
