#!/usr/bin/env bats
# TopDeck's live diagnostics over WebSocket: what its page's hook needs, and what would break the page. HTTP is elsewhere.
# shellcheck shell=bash disable=SC1003,SC2016,SC2030,SC2031,SC2034 # what eval gets is for later, and jq has dollars of its own

load helper
load broadcaster
bats_require_minimum_version 1.5.0

WS_PATH=/api/v1/ws/live-diagnostics
HELD=(--seconds 60)

# now EXPRESSION: is it true of the data of a snapshot asked for now? shows EXPRESSION: it becomes so.
now() { ws --count 2 | tail -n 1 | jq -e ".data | $1"; }
shows() { wait_for 20 now "$1"; }

STAMP='"timestamp":"2026-11-20T22:04:45.219Z"'
# state TYPE ID DATA, event TYPE ID DATA: records
state() { echo "{\"type\":\"$1\",\"id\":\"$2\",$STAMP,\"source\":\"healthd\",\"data\":$3}"; }
event() { state "$@"; }
overall() { echo "{\"type\":\"overall_health\",$STAMP,\"data\":{\"status\":\"$1\"}}"; }
service() { state service_health "$1" "{\"resource_id\":\"$1\",\"resource_name\":\"The $1\",\"resource_type\":\"pod\",\"status\":\"${2-healthy}\",\"health_score\":${3-100},\"anomalies\":[],\"metrics\":{\"cpu\":0.5},\"last_updated\":\"2026-11-20T22:04:45.219Z\"}"; }
anomaly() { state anomaly "$1:$2" "{\"alert_id\":\"$1_$2\",\"resource_id\":\"$1\",\"resource_name\":\"The $1\",\"severity\":\"$3\",\"metric_name\":\"$2\",\"current_value\":2,\"expected_value\":1,\"deviation_percentage\":100,\"detected_at\":\"${4-2026-11-20T22:04:45.219Z}\",\"message\":\"m\",\"potential_causes\":[]}"; }
traffic() { state traffic_health "$1>$2" "{\"source_id\":\"$1\",\"target_id\":\"$2\",\"request_rate\":1,\"error_rate\":0,\"latency_p95\":0.1,\"is_abnormal\":false,\"anomaly_score\":0,\"trend\":\"stable\"}"; }
failing() { state failing_dependency "$1>$2" "{\"source_id\":\"$1\",\"source_name\":\"The $1\",\"target_id\":\"$2\",\"target_name\":\"The $2\",\"status\":\"failed\",\"health_score\":10,\"anomalies\":[\"x\"],\"error_details\":{\"status\":\"failed\",\"health_score\":10,\"anomalies\":[],\"metrics\":{},\"timestamp\":\"2026-11-20T22:04:45.219Z\"}}"; }

# What the page reads without looking: each member there and of its kind, whatever was fed.
UI='
def text: type == "string" and . != "";
def time: type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T");
def number: type == "number" and (isinfinite or isnan | not) and fabs < 1e300;
def texts: type == "array" and all(type == "string");
def numbers_of: type == "object" and all(number);
def one_of($words): . as $w | $words | index($w) != null;
def service: (.resource_id | text) and (.resource_name | text) and (.resource_type | type == "string") and
	(.status | one_of(["healthy", "degraded", "failed", "unknown"])) and (.health_score | number) and (.anomalies | texts) and
	(.metrics | numbers_of) and (.last_updated | time);
def anomaly: (.alert_id | text) and (.resource_id | text) and (.resource_name | text) and (.severity | one_of(["low", "medium", "high", "critical"])) and
	(.metric_name | type == "string") and (.current_value | number) and (.expected_value | number) and (.deviation_percentage | number) and
	(.detected_at | time) and (.message | type == "string") and (.potential_causes | texts);
def traffic: (.source_id | text) and (.target_id | text) and (.request_rate | number) and (.error_rate | number) and (.latency_p95 | number) and
	(.is_abnormal | type == "boolean") and (.anomaly_score | number) and (.trend | one_of(["increasing", "decreasing", "stable"]));
def failing: (.source_id | text) and (.source_name | text) and (.target_id | text) and (.target_name | text) and
	(.status | one_of(["degraded", "failed"])) and (.health_score | number) and (.anomalies | texts) and
	(.error_details | (.status | type == "string") and (.health_score | number) and (.anomalies | texts) and (.metrics | numbers_of) and (.timestamp | time));
def snapshot: (.timestamp | time) and (.overall_health | one_of(["healthy", "degraded", "critical", "unknown"])) and
	(.services | type == "array" and all(service)) and (.anomalies | type == "array" and all(anomaly)) and
	(.traffic_patterns | type == "array" and all(traffic)) and (.failing_dependencies | type == "array" and all(failing)) and
	([.services[].resource_id] as $ids | .failing_dependencies | all((.source_id | one_of($ids)) and (.target_id | one_of($ids))));
'

@test "A9.1: the upgrade is taken at both paths, with no Origin and with one that is listed" {
	CORS_ORIGINS=http://page.example:3000 start
	local path
	for path in /api/v1/ws/live-diagnostics /ws/live-diagnostics; do
		wsclient --path "$path?update_interval=5" --count 1 "$PORT" 9>&- | head -n 1 | jq -e '.type == "connected"'
		wsclient --path "$path" --header 'Origin: http://page.example:3000' --count 1 "$PORT" 9>&- | head -n 1 | jq -e '.type == "connected"'
	done
	wsclient --path "$WS_PATH" --header 'Origin: http://evil.example' --status "$PORT" 9>&- | grep '^HTTP/1.1 403'
	run -0 curl -si -H 'Connection: Upgrade' "http://127.0.0.1:$PORT$WS_PATH"
	[[ $output == 'HTTP/1.1 426'* ]]
}

@test "A9.2: connected comes first, says its text and the interval, and the snapshot directly behind" {
	start
	WS_PATH="$WS_PATH?update_interval=7" ws --count 2 >"$BATS_TEST_TMPDIR/t.out"
	[ "$(types t)" = 'connected snapshot_update' ]
	got t '.[0] | .message == "Connected to live diagnostics WebSocket" and .update_interval == 7 and (.timestamp | test("Z$"))'
	ws --count 1 | head -n 1 | jq -e '.update_interval == 10'
}

@test "A9.2: nothing known: four empty arrays, and the health is unknown" {
	start
	ws --count 2 | tail -n 1 | jq -e "$UI"' (.timestamp | time) and (.data | snapshot and .overall_health == "unknown" and
		.services == [] and .anomalies == [] and .traffic_patterns == [] and .failing_dependencies == [])'
}

@test "A9.2: the snapshot has the shape that the page reads, from what healthd says" {
	start
	for i in 1 2 3; do
		echo '{"type":"dependencies","timestamp":"2026-11-20T22:0'$i':00Z","data":{"edges":[{"source_id":"web","target_id":"api"}]}}'
		for id in web api; do
			echo '{"type":"services","id":"'$id'","timestamp":"2026-11-20T22:0'$i':00Z","data":{"name":"The '$id'","type":"pod","metrics":{"error_rate":0.5,"latency_p95":1.2}}}'
		done
		echo '{"type":"traffic","id":"web>api","timestamp":"2026-11-20T22:0'$i':00Z","data":{"source_id":"web","target_id":"api","request_rate":12,"error_rate":0.5,"latency_p95":1.3}}'
	done | healthd >&9
	shows "$UI snapshot and .overall_health == \"critical\" and (.services | length) == 2 and (.anomalies | length) == 4 and
		(.traffic_patterns | length) == 1 and (.failing_dependencies | length) == 1"
}

@test "A9.2: the snapshot comes on each beat of the client's own interval, also when nothing has changed" {
	start
	WS_PATH="$WS_PATH?update_interval=1" client fast --stamp
	WS_PATH="$WS_PATH?update_interval=3" client slow --stamp
	wait_for 30 eval '[ "$(grep -c snapshot_update "$BATS_TEST_TMPDIR/slow.out")" -ge 3 ]'
	# from one to the next, in seconds
	gaps() { awk -F'\t' '/snapshot_update/ { if (was) print ($1 - was) / 1e6; was = $1 }' "$BATS_TEST_TMPDIR/$1.out"; }
	gaps fast | awk '{ n++; sum += $1 } $1 < 0.3 || $1 > 4 { exit bad = 1 } END { exit bad || n < 5 || sum / n > 1.5 }'
	gaps slow | awk '$1 < 2 || $1 > 6 { exit 1 }'
}

@test "A9.2: update_interval is a whole number of seconds from 1 to 60, or the upgrade is refused with 400 in so many words" {
	start
	local bad
	for bad in 0 61 x 1.5 '' -1 '+5' 1e1 10s ' 5' 99999999999999999999 '5&update_interval=6'; do
		run -0 ws --path "$WS_PATH?update_interval=${bad// /%20}" --status
		[[ $output == 'HTTP/1.1 400'* ]]
		sed '1,/^\r*$/d' <<<"$output" | jq -e '.detail | startswith("update_interval is ")'
	done
	run -0 ws --path "$WS_PATH?update_interval" --status
	[[ $output == 'HTTP/1.1 400'* ]]
	for good in 1 60 010; do ws --path "$WS_PATH?update_interval=$good" --count 1 | head -n 1 | jq -e ".update_interval == (\"$good\" | tonumber)"; done
	ws --path "$WS_PATH?other=x&every=0.1&subscribe=metrics" --count 2 | jq -se '.[0].update_interval == 10 and .[1].type == "snapshot_update"'
	[ "$(counter websocket_bad_requests_total)" -eq 13 ]
}

@test "A9.3: ping gets pong, get_snapshot gets a snapshot, and nobody else gets either" {
	start
	WS_PATH="$WS_PATH?update_interval=60" client other
	ws --send '{"type":"ping"}' --send '{"type":"get_snapshot"}' --count 4 >"$BATS_TEST_TMPDIR/t.out"
	[ "$(types t)" = 'connected snapshot_update pong snapshot_update' ]
	got t '.[2] | keys == ["timestamp", "type"]'
	got t '.[3].data.services == []'
	feed "$(event health_change e1 '{"resource_id":"a","old_status":"healthy","new_status":"failed","health_score":1}')"
	wait_for 20 out_has other health_change
	[ "$(types other)" = 'connected snapshot_update health_change' ]
}

@test "A9.4: the three events come at once, in their envelopes" {
	start
	WS_PATH="$WS_PATH?update_interval=60" client t
	feed "$(event health_change e1 '{"resource_id":"api","old_status":"healthy","new_status":"degraded","health_score":65.5}')" \
		"$(event anomaly_detected e2 '{"alert_id":"x","resource_id":"api","resource_name":"API","severity":"high","metric_name":"cpu","current_value":0.95,"expected_value":0.4,"deviation_percentage":137.5,"detected_at":"2026-11-20T22:04:45.219Z","message":"m","description":"d","potential_causes":["c"]}')" \
		"$(event traffic_anomaly e3 '{"source_id":"web","target_id":"api","anomaly_type":"latency_spike","description":"P95 1300 ms"}')"
	wait_for 20 out_has t traffic_anomaly
	[ "$(types t)" = 'connected snapshot_update health_change anomaly_detected traffic_anomaly' ]
	got t '.[2] == {type: "health_change", timestamp: "2026-11-20T22:04:45.219Z",
		data: {resource_id: "api", old_status: "healthy", new_status: "degraded", health_score: 65.5}}'
	got t '.[3].data | .alert_id == "x" and .severity == "high" and .description == "d" and .message == "m" and .current_value == 0.95 and .potential_causes == ["c"]'
	got t '.[4].data == {source_id: "web", target_id: "api", anomaly_type: "latency_spike", description: "P95 1300 ms"}'
}

@test "A9.4: an anomaly with the plan's four names only, from a shell script, goes out whole" {
	start
	WS_PATH="$WS_PATH?update_interval=60" client t
	feed '{"type":"anomaly_detected","data":{"resource_id":"api","metric_name":"cpu","severity":"high","description":"hot"}}' \
		'{"type":"anomaly_detected","data":{"resource_id":"api","current_value":null,"expected_value":"x","deviation_percentage":1e999,"potential_causes":"none","severity":3}}'
	wait_for 20 got t 'length == 4'
	got t "$UI"' .[2:] | all(.data | anomaly)'
	got t '.[2].data | .message == "hot" and .description == "hot" and .resource_name == "api" and (.alert_id | startswith("api_cpu_20"))'
}

@test "A9.4: an event without what it is about is left out and counted, and costs the others nothing" {
	start
	WS_PATH="$WS_PATH?update_interval=60" client t
	feed '{"type":"anomaly_detected","data":{"metric_name":"cpu"}}' '{"type":"health_change"}' '{"type":"traffic_anomaly","data":["x"]}' \
		'{"type":"health_change","data":{"resource_id":""}}' '{"type":"health_change","data":{"resource_id":"\u0000"}}' \
		'{"type":"health_change","data":{"resource_id":"a"}}'
	wait_for 20 out_has t health_change
	[ "$(types t)" = 'connected snapshot_update health_change' ]
	[ "$(counter left_out_total)" -eq 5 ]
}

@test "A9.5: a failing dependency is shown once both its ends are services that are shown" {
	start
	feed "$(service a failed 10)" "$(failing a b)" "$(failing a a)"
	shows '[.failing_dependencies[].target_id] == ["a"]'
	feed "$(service b)"
	shows '[.failing_dependencies[].target_id] == ["b", "a"]'
	feed "$(state service_health a null)"
	shows '(.services | length) == 1 and .failing_dependencies == []'
}

@test "A9.7: an error has its text at the top, comes for a client's mistakes alone, and closes nothing" {
	start
	WS_PATH="$WS_PATH?update_interval=60" ws --send '{"type":"nonsense"}' --send '{broken' --send '[1]' --send '{"kind":"ping"}' --send '"ping"' --send ping \
		--send-hex 8283000000000102ff --send '{"type":"subscribe","resource_ids":"a"}' --send '{"type":"ping"}' --count 11 >"$BATS_TEST_TMPDIR/t.out"
	[ "$(types t)" = 'connected snapshot_update error error error error error error error error pong' ]
	got t '.[2:10] | all((keys == ["message", "timestamp", "type"]) and (.message | type == "string" and . != ""))'
	got t '[.[2:4][].message] == ["Unknown message type: nonsense", "Invalid JSON format"]'
	got t '.[8].message == "Invalid JSON format"'
	ws --send '{"type":"get_snapshot"}' --send '{"type":"subscribe"}' --send '{"type":"unsubscribe","resource_ids":[]}' --send '{"type":"unsubscribe","resource_ids":["x"]}' \
		--send '{"type":"ping"}' --count 7 >"$BATS_TEST_TMPDIR/u.out"
	[ "$(types u)" = 'connected snapshot_update snapshot_update subscribed unsubscribed unsubscribed pong' ]
}

@test "a thing without its name is left out and counted once a change, and the others are shown" {
	start
	client t
	feed "$(service a)" "$(state service_health x '{"status":"healthy"}')" "$(state service_health y '{"resource_id":7}')" "$(state service_health z '{"resource_id":""}')" \
		"$(state anomaly x '{"metric_name":"cpu"}')" "$(state traffic_health x '{"source_id":"a"}')" "$(state failing_dependency x '{"target_id":"a"}')" "$(service b)"
	shows '[.services[].resource_id] == ["a", "b"] and .anomalies == [] and .traffic_patterns == [] and .failing_dependencies == []'
	now true
	[ "$(counter left_out_total)" -eq 6 ]
	feed "$(state service_health x '{"status":"failed"}')" "$(service c)"
	shows '(.services | length) == 3'
	[ "$(counter left_out_total)" -eq 7 ]
}

@test "what is missing or of another kind is made good, whatever was fed" {
	start
	feed "$(state service_health a '{"resource_id":"a"}')" \
		"$(state service_health b '{"resource_id":"b","resource_name":null,"resource_type":[],"status":"fine","health_score":"90","anomalies":{"0":"x"},"metrics":[1],"last_updated":"yesterday"}')" \
		"$(state service_health c '{"resource_id":"c","status":null,"health_score":1e999,"anomalies":["x",1,null,["y"]],"metrics":{"a":1e999,"b":"2","c":null,"d":-0.5,"e":{"f":1}},"last_updated":1795000000}')" \
		"$(state anomaly a:1 '{"resource_id":"a"}')" "$(state anomaly a:2 '{"resource_id":"a","severity":"CRITICAL","current_value":-1e999,"potential_causes":[1]}')" \
		"$(state traffic_health a '{"source_id":"a","target_id":"q","request_rate":1e400,"error_rate":true,"latency_p95":[],"is_abnormal":"yes","anomaly_score":null,"trend":"up"}')" \
		"$(state failing_dependency a '{"source_id":"a","target_id":"b","status":"healthy","error_details":"none"}')" \
		"$(state failing_dependency b '{"source_id":"b","target_id":"a","error_details":{"health_score":1e999,"metrics":{"x":1e999},"more":[1,{"deep":1e999}]}}')" "$(overall banana)"
	shows "$UI snapshot and .overall_health == \"unknown\" and (.services | length) == 3 and (.anomalies | length) == 2 and
		(.traffic_patterns | length) == 1 and (.failing_dependencies | length) == 2"
	now '.services[2] | .metrics == {d: -0.5} and .anomalies == ["x"] and .health_score == 0'
	run -1 grep -c 'e999\|e400' <(ws --count 2)
}

@test "members beyond the page's stay as they are, to the last digit" {
	start
	feed "$(state service_health a '{"resource_id":"a","health_score":99.50,"big":9007199254740993,"owner":{"team" : "x"},"metrics":{"cpu":0.10}}')"
	shows '.services[0].owner.team == "x"'
	ws --count 2 | grep -F '"health_score":99.50' | grep -F '"big":9007199254740993' | grep -F '"owner":{"team" : "x"}' | grep -F '"metrics":{"cpu":0.10}'
}

@test "lines that are no JSON, such as those with a NaN, are dropped and counted, and the rest is shown" {
	start
	feed "$(service a)" '{"type":"service_health","id":"n","data":{"resource_id":"n","health_score":NaN}}' '{"type":"overall_health","data":{"status":Infinity}}' "$(service b)"
	shows '[.services[].resource_id] == ["a", "b"]'
	[ "$(counter lines_bad_total)" -eq 2 ]
}

@test "of two things with one id the newer one is shown: the graph takes each once" {
	start
	feed "$(service a)" "$(state service_health other '{"resource_id":"a","resource_name":"second"}')"
	shows '[.services[] | .resource_name] == ["second"]'
	feed "$(service a)"
	shows '[.services[] | .resource_name] == ["The a"]'
}

@test "anomalies come critical first, then the newest, and the others in order of arrival" {
	start
	feed "$(service b)" "$(service a)" "$(anomaly a low low 2026-11-20T22:09:00Z)" "$(anomaly a old critical 2026-11-20T22:01:00Z)" "$(anomaly b mid medium 2026-11-20T22:08:00Z)" \
		"$(anomaly b new critical 2026-11-20T23:02:00+01:00)" "$(anomaly a high high)" "$(traffic b a)" "$(traffic a b)"
	shows '(.traffic_patterns | length) == 2'
	now '[.anomalies[].metric_name] == ["new", "old", "high", "mid", "low"] and [.services[].resource_id] == ["b", "a"] and [.traffic_patterns[].source_id] == ["b", "a"]'
}

@test "the health of all is unknown while no service is known, whatever was said of it" {
	start
	feed "$(overall healthy)"
	wait_for 20 eval 'curl -sf "http://127.0.0.1:$PORT/api/v1/state?topics=overall_health" | jq -e ".records | length == 1"'
	now '.overall_health == "unknown"'
	feed "$(service a)"
	shows '.overall_health == "healthy"'
}

@test "what is gone is not in the next snapshot, and nothing is said of it besides" {
	start
	WS_PATH="$WS_PATH?update_interval=1" client t
	feed "$(service a)" "$(anomaly a cpu high)"
	wait_for 20 got t 'last.data.anomalies | length == 1'
	feed "$(state anomaly a:cpu null)"
	wait_for 20 got t 'last.data.anomalies == []'
	got t 'all(.type == "connected" or .type == "snapshot_update")'
}

@test "what comes from a demonstration is marked as such" {
	start
	WS_PATH="$WS_PATH?update_interval=60" client t
	feed "$(service a | sed 's/"source"/"demo":true,"source"/')" "$(event health_change e1 '{"resource_id":"a"}' | sed 's/"source"/"demo":true,"source"/')"
	wait_for 20 got t 'last | .type == "health_change" and .demo'
	ws --count 2 | tail -n 1 | jq -e '.type == "snapshot_update" and .demo'
}

@test "resource_ids narrow services, anomalies, edges and events; edges and events by either end" {
	start
	feed "$(overall degraded)" "$(service a)" "$(service b)" "$(service c)" "$(anomaly a x low)" "$(anomaly b x low)" "$(traffic a b)" "$(traffic b c)" "$(traffic c a)"
	shows '(.traffic_patterns | length) == 3'
	WS_PATH="$WS_PATH?update_interval=60" client t --send '{"type":"subscribe","resource_ids":["a","nobody"]}'
	WS_PATH="$WS_PATH?update_interval=60" client all
	wait_for 20 got t 'length == 4'
	[ "$(types t)" = 'connected snapshot_update subscribed snapshot_update' ]
	got t '.[2].resource_ids == ["a", "nobody"]'
	got t '.[3].data | .overall_health == "degraded" and [.services[].resource_id] == ["a"] and [.anomalies[].resource_id] == ["a"] and
		[.traffic_patterns[] | .source_id + .target_id] == ["ab", "ca"]'
	feed "$(event health_change e1 '{"resource_id":"b"}')" "$(event anomaly_detected e2 '{"resource_id":"c"}')" "$(event traffic_anomaly e3 '{"source_id":"b","target_id":"c"}')" \
		"$(event health_change e4 '{"resource_id":"a"}')" "$(event anomaly_detected e5 '{"resource_id":"a"}')" "$(event traffic_anomaly e6 '{"source_id":"b","target_id":"a"}')" \
		"$(event traffic_anomaly e7 '{"source_id":"a","target_id":"b"}')"
	wait_for 20 got t 'length == 8'
	got t '[.[4:][] | .type] == ["health_change", "anomaly_detected", "traffic_anomaly", "traffic_anomaly"]'
	wait_for 20 got all 'length == 9'
}

@test "the ends of a failing dependency that is shown come along as services" {
	start
	feed "$(service a)" "$(service b failed 1)" "$(service c)" "$(service d failed 1)" "$(failing a b)" "$(failing c d)"
	shows '(.failing_dependencies | length) == 2'
	WS_PATH="$WS_PATH?update_interval=60" ws --send '{"type":"subscribe","resource_ids":["b"]}' --count 4 >"$BATS_TEST_TMPDIR/t.out"
	got t '.[3].data | [.services[].resource_id] == ["a", "b"] and [.failing_dependencies[].source_id] == ["a"]'
}

@test "resource_ids add up, unsubscribe takes away, none left means all; acks echo, and no change sends nothing more" {
	start
	feed "$(service a)" "$(service b)" "$(service c)"
	shows '(.services | length) == 3'
	WS_PATH="$WS_PATH?update_interval=60" ws --send '{"type":"subscribe","resource_ids":["a"]}' --send '{"type":"subscribe","resource_ids":["b"]}' \
		--send '{"type":"subscribe","resource_ids":["a","b"]}' --send '{"type":"unsubscribe","resource_ids":["a"]}' \
		--send '{"type":"unsubscribe","resource_ids":["b","x"]}' --send '{"type":"ping"}' --count 12 >"$BATS_TEST_TMPDIR/t.out"
	[ "$(types t)" = 'connected snapshot_update subscribed snapshot_update subscribed snapshot_update subscribed unsubscribed snapshot_update unsubscribed snapshot_update pong' ]
	got t '[.[] | select(.type == "snapshot_update") | [.data.services[].resource_id] | add] == ["abc", "a", "ab", "b", "abc"]'
	got t '[.[] | select(.resource_ids) | .resource_ids] == [["a"], ["b"], ["a", "b"], ["a"], ["b", "x"]]'
}

@test "ids of any bytes filter: quotes, blanks, commas, dots, other alphabets, 512 bytes; what is no id is told" {
	start
	local long ids id
	long=$(printf '%0512d' 7)
	ids=('a \"b\"' 'x,y' '*' 'ns/pod.v1:8080' 'größe ☃' '\\' "$long" ' ')
	for id in "${!ids[@]}"; do feed "$(state service_health "n$id" "{\"resource_id\":\"${ids[id]}\"}")"; done
	feed "$(service other)"
	shows "(.services | length) == $((${#ids[@]} + 1))"
	for id in "${ids[@]}"; do
		WS_PATH="$WS_PATH?update_interval=60" ws --send "{\"type\":\"subscribe\",\"resource_ids\":[\"$id\"]}" --count 4 | jq -se --argjson id "[\"$id\"]" '.[2].resource_ids == $id and [.[3].data.services[].resource_id] == $id'
	done
	WS_PATH="$WS_PATH?update_interval=60" ws --send "{\"type\":\"subscribe\",\"resource_ids\":[\"other\",\"\",7,\"x${long}\",\"a\\u0000b\"]}" --count 5 >"$BATS_TEST_TMPDIR/t.out"
	[ "$(types t)" = 'connected snapshot_update error subscribed snapshot_update' ]
	got t '[.[4].data.services[].resource_id] == ["other"]'
}

@test "a client may name as many resources as it may have topics, and is told of those that do not fit" {
	start --max-topics 3
	WS_PATH="$WS_PATH?update_interval=60" ws --send '{"type":"subscribe","resource_ids":["a","b","c","d"]}' --count 5 >"$BATS_TEST_TMPDIR/t.out"
	got t '.[2] | .type == "error" and (.message | test("1 resource_ids did not fit.*3"))'
}

@test "a filter is of one client, and the flag that switches selective subscriptions off lets all through" {
	WEBSOCKET_SELECTIVE_SUBSCRIPTIONS=false start
	feed "$(service a)" "$(service b)"
	shows '(.services | length) == 2'
	WS_PATH="$WS_PATH?update_interval=60" ws --send '{"type":"subscribe","resource_ids":["a"]}' --send '{"type":"get_snapshot"}' --count 4 | tail -n 1 | jq -e '.data.services | length == 2'
}

@test "a token shows of the sections what it allows, and empty arrays for the rest" {
	head -c 32 /dev/urandom | base64 >"$BATS_TEST_TMPDIR/key"
	chmod 600 "$BATS_TEST_TMPDIR/key"
	start --jwt-key-file "$BATS_TEST_TMPDIR/key"
	feed "$(overall critical)" "$(service a)" "$(service b)" "$(anomaly a x low)" "$(failing a b)" "$(traffic a b)"
	token() { katoctl token --key-file "$BATS_TEST_TMPDIR/key" --topics "$1"; }
	sees() { ws --path "$WS_PATH?token=$(token "$1")" --count 2 | tail -n 1 | jq -e "$UI .data | snapshot and ($2)"; }
	wait_for 20 sees '*' '(.services | length) == 2 and (.failing_dependencies | length) == 1 and (.traffic_patterns | length) == 1 and .overall_health == "critical"'
	sees anomaly '.services == [] and (.anomalies | length) == 1 and .failing_dependencies == [] and .traffic_patterns == [] and .overall_health == "unknown"'
	sees failing_dependency '.failing_dependencies == []'
	sees service_health.a,failing_dependency '[.services[].resource_id] == ["a"] and .failing_dependencies == []'
	sees service_health,failing_dependency '(.services | length) == 2 and (.failing_dependencies | length) == 1 and .anomalies == []'
	WS_PATH="$WS_PATH?update_interval=60&token=$(token health_change)" client t --send '{"type":"subscribe","resource_ids":["a"]}'
	feed "$(event anomaly_detected e1 '{"resource_id":"a"}')" "$(event health_change e2 '{"resource_id":"b"}')" "$(event health_change e3 '{"resource_id":"a"}')"
	wait_for 20 out_has t health_change
	got t '[.[] | select(.type == "health_change" or .type == "anomaly_detected") | .data.resource_id] == ["a"]'
}

@test "when the input ends, snapshots go on and no second greeting comes" {
	start
	feed "$(service a)"
	WS_PATH="$WS_PATH?update_interval=1" client t
	exec 9>&-
	wait_for 20 err_has b 'the input has ended'
	wait_for 20 got t 'length >= 4'
	got t '[.[] | select(.type == "connected")] | length == 1'
	got t '.[1:] | all(.type == "snapshot_update")'
}
