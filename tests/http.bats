# The HTTP half of broadcaster: routes, answers, files, refusals.
# shellcheck shell=bats disable=SC2030,SC2031,SC2016 # what eval gets is for later

load helper
load broadcaster

# problem CODE WORDS URL...: is answered with that status and a detail that holds the words
problem() {
	local code=$1 words=$2
	shift 2
	get -D "$BATS_TEST_TMPDIR/head" "$@" >"$BATS_TEST_TMPDIR/body"
	grep -qi '^content-type: application/problem+json' "$BATS_TEST_TMPDIR/head" &&
		jq -e --argjson code "$code" --arg words "$words" \
			'.status == $code and .type == "about:blank" and (.title | length > 3) and (.detail | contains($words))' \
			"$BATS_TEST_TMPDIR/body"
}
# raw BYTES: what comes back on a connection of its own, as it is
raw() { wsclient --raw-hex "$(printf '%b' "$1" | od -An -v -tx1 | tr -d ' \n')" --status --seconds "${2-5}" "$PORT" 9>&-; }
# knows WHAT: the topic is known by now
knows() { wait_for 10 is_status 200 "$API/$1"; }

now() { date -u +%Y-%m-%dT%H:%M:%S.000Z; }
ago() { date -u -d "-$1 seconds" +%Y-%m-%dT%H:%M:%S.000Z; }
M='{"sessions":{"active":5,"total_created":0},"requests":{"total":15234,"per_second":12.5},"big":9007199254740993,  "x":1.50,"resources":{"cpu_percent":45.2,"memory_percent":62.1},"performance":{"total_requests":15234,"total_errors":3,"error_rate":0.002,"average_response_time":0.012},"processor_manager":{"total_processors":3,"max_processors":100}}'
C='{"aggregated":{"total_cpu_percent":1.6,"total_memory_percent":3.5,"container_count":2},"containers":[{"name":"kato","status":"running","cpu":1.5,"memory":{"usage_mb":100.5,"usage_bytes":105381888}},{"name":"a b/%41é","status":"exited","cpu":0.1}]}'
metrics() { echo '{"type":"metrics","timestamp":"'"${1-$(now)}"'","source":"t","data":'"$M"'}'; }
containers() { echo '{"type":"containers","timestamp":"'"$(now)"'","source":"t","data":'"$C"'}'; }
sessions() { echo '{"type":"sessions","timestamp":"2026-11-20T22:04:45.219Z","source":"t","data":{"active_count":5,"total_count":127}}'; }
alert() { # N LEVEL TYPE STATE [TIMESTAMP]
	echo '{"type":"system_alert","id":"alert_'"$1"'","timestamp":"'"${5-2026-11-20T22:04:45.219Z}"'","source":"alertd","alerts":[{"level":"'"$2"'","type":"'"$3"'","message":"m'"$1"'","state":"'"$4"'","since":"2026-11-20T22:04:45.219Z","key":"'"$3"'"}]}'
}
event() { echo '{"type":"'"$2"'","id":"'"$1"'","timestamp":"2026-11-20T22:04:45.219Z","data":{"n":'"$1"'}}'; }
newest_is() { [ "$(get "$API/events?limit=1" | jq .offset)" = "$1" ]; }

@test "metrics, containers and sessions are 503 until they are known, and say so" {
	start
	problem 503 metrics "$API/system/metrics"
	problem 503 containers "$API/system/container-stats"
	problem 503 containers "$API/system/container-stats/kato"
	problem 503 sessions "$API/sessions/count"
	problem 503 'is known yet' "$API/snapshot"
	problem 404 'known yet' "$API/analytics/overview"
	[ "$(header Retry-After "$API/snapshot")" = 1 ]
}

@test "data is answered byte for byte as it came" {
	start
	feed "$(metrics)" "$(containers)"
	knows system/container-stats
	[ "$(get "$API/system/metrics?use_cache=false")" = "$M" ]
	[ "$(get "$API/system/container-stats")" = "$C" ]
	[ "$(get "$API/snapshot" | grep -c '"big":9007199254740993,  "x":1.50')" = 1 ]
}

@test "one container by its name, percent-decoded; an unknown one is 404" {
	start
	feed "$(containers)"
	knows system/container-stats
	[ "$(get "$API/system/container-stats/kato")" = '{"name":"kato","status":"running","cpu":1.5,"memory":{"usage_mb":100.5,"usage_bytes":105381888}}' ]
	[ "$(get "$API/system/container-stats/a%20b%2F%2541%C3%A9" | jq -r .name)" = 'a b/%41é' ]
	problem 404 'named nosuch' "$API/system/container-stats/nosuch"
	is_status 404 "$API/system/container-statsX"
}

@test "the session count has both names, and the time of the reading" {
	start
	feed "$(sessions)"
	knows sessions/count
	[ "$(get "$API/sessions/count")" = '{"active_session_count":5,"active_sessions":5,"total_sessions":127,"timestamp":"2026-11-20T22:04:45.219Z"}' ]
}

@test "the routes of state say when it was read, also who asks for HEAD, and never a time to come" {
	start
	feed "$(sessions)" "$(metrics 2099-01-01T00:00:00.000Z)" '{"type":"containers","timestamp":"2026-11-20T23:30:00.999Z","data":'"$C"'}'
	knows system/container-stats
	for _ in 1 2; do	# the second answer is the first one kept
		[ "$(header Last-Modified "$API/sessions/count")" = 'Fri, 20 Nov 2026 22:04:45 GMT' ]
		[ "$(header Last-Modified -I "$API/sessions/count")" = 'Fri, 20 Nov 2026 22:04:45 GMT' ]
		[ "$(header Last-Modified "$API/system/container-stats")" = 'Fri, 20 Nov 2026 23:30:00 GMT' ]
		[ "$(header Last-Modified "$API/system/container-stats/kato")" = 'Fri, 20 Nov 2026 23:30:00 GMT' ]
	done
	get -D "$BATS_TEST_TMPDIR/head" "$API/system/metrics"
	[ "$(sed -n 's/^Last-Modified: //p' "$BATS_TEST_TMPDIR/head")" = "$(sed -n 's/^Date: //p' "$BATS_TEST_TMPDIR/head")" ]
	[ -z "$(header Last-Modified "$API/system/container-stats/nosuch")" ]
	[ -z "$(header Last-Modified "$URL/healthz")" ]
}

@test "the state: each last record, byte for byte, those asked for or all" {
	start --state weather
	feed "$(metrics 2026-11-20T22:04:45.219Z)" "$(sessions)" "$(event 1 deploy)" \
		'{"type":"source_status","id":"docker-stats","timestamp":"2026-11-20T22:04:45.219Z","source":"docker-stats","data":{"source":"docker-stats","status":"down","since":"2026-11-20T22:04:45.219Z","interval_ms":3000}}' \
		'{"type":"services","id":"a.b c","timestamp":"2026-11-20T22:04:45.219Z","demo":true,"data":{"x":9007199254740993}}' \
		'{"type":"services","id":"gone","data":{}}' '{"type":"services","id":"gone","data":null}' \
		'{"type":"weather","timestamp":"2026-11-20T22:04:45.219Z","data":[1,  2]}'
	wait_for 10 eval 'get "$API/state?topics=weather" | jq -e ".records | length == 1"'
	{ get "$API/state"; echo; } | valid --http state
	get "$API/state" | jq -e '[.records[].type] == ["metrics","sessions","source_status","services","weather"] and .offset == 1
		and .topics == ["metrics","sessions","source_status","services","weather"] and (.epoch | length > 4)'
	get "$API/state" | grep -qF '{"type":"services","id":"a.b c","timestamp":"2026-11-20T22:04:45.219Z","demo":true,"data":{"x":9007199254740993}}'
	get "$API/state?topics=metrics" | grep -qF "\"data\":$M}"
	get "$API/state?topics=weather,source_status" | jq -e '([.records[].type] | sort) == ["source_status","weather"] and (.topics | length == 5)'
	get "$API/state?topics=source_status.docker-stats,session,source_status,nosuch,session_events" |
		jq -e '([.records[].type] | sort) == ["sessions","source_status"]'
	get "$API/state?topics=services.a.b%20c" | jq -e '.status == 400'
	get "$API/state?topics=nosuch.x" | jq -e '.records == []'
	[ "$(get "$API/state?topics=weather,*" | jq '.records | length')" = 5 ]
	[ "$(get "$API/state?topics=" | jq '.records | length')" = 5 ]
	problem 400 'topics: "Metrics" is not a topic' "$API/state?topics=sessions,Metrics"
	problem 400 'one more than' "$API/state?topics=$(seq -f 'a%g' -s , 300)"
	[ "$(header Cache-Control "$API/state")" = no-store ]
}

@test "the state is there while nothing is known, and what a flag keeps from being pushed" {
	WEBSOCKET_CONTAINER_STATS=false start
	get "$API/state" | jq -e '.records == [] and .topics == [] and .offset == 0'
	feed "$(containers)"
	wait_for 10 eval 'get "$API/state?topics=containers" | jq -e ".records[0].data.containers[0].name == \"kato\""'
}

@test "the snapshot is the realtime_update of what is known" {
	start
	feed "$(metrics)"
	knows snapshot
	get "$API/snapshot" >"$BATS_TEST_TMPDIR/s"
	echo >>"$BATS_TEST_TMPDIR/s"
	valid --wire "$BATS_TEST_TMPDIR/s"
	jq -e '.type == "realtime_update" and (.data | keys == ["metrics"])' "$BATS_TEST_TMPDIR/s"
}

@test "the overview holds what was measured, and nothing else" {
	start
	feed "$(metrics)"
	knows analytics/overview
	get "$API/analytics/overview" | jq -e '.processors.total == 3 and .sessions == {"active":5} and .resources.cpu_percent == 45.2
		and (has("redis") or has("vector_collections") | not)'
	feed "$(sessions)"
	wait_for 10 eval 'get $API/analytics/overview | jq -e ".sessions.total_created == 127"'
}

@test "time series hold what came, by the names of the wire" {
	start
	feed "$(metrics "$(ago 9)")" "$(containers)"
	knows system/container-stats
	get "$API/system/stats" >"$BATS_TEST_TMPDIR/s"
	jq -e '.time_range_minutes == 10 and (.timestamp | type == "number")' "$BATS_TEST_TMPDIR/s"
	jq -e '.time_series | .kato_cpu_usage_percent[0].value == 45.2 and .kato_memory_usage_percent[0].value == 62.1
		and .kato_requests_per_second[0].value == 12.5 and .kato_error_rate[0].value == 0.002
		and .kato_average_response_time[0].value == 0.012 and .kato_active_sessions[0].value == 5
		and .containers_cpu_percent[0].value == 1.6 and .containers_memory_percent[0].value == 3.5
		and ."container.kato.cpu_percent"[0].value == 1.5 and ."container.kato.memory_mb"[0].value == 100.5
		and ."container.a b/%41é.cpu_percent"[0].value == 0.1' "$BATS_TEST_TMPDIR/s"
	jq -e '(now - .time_series.kato_cpu_usage_percent[0].timestamp) | . > 5 and . < 60' "$BATS_TEST_TMPDIR/s"
}

@test "time series are those that were asked for by name" {
	start
	feed "$(metrics "$(ago 9)")" "$(containers)"
	knows system/container-stats
	get "$API/system/stats?series=container.kato.cpu_percent,kato_error_rate,none" |
		jq -e '.time_series | keys == ["container.kato.cpu_percent","kato_error_rate"] and all(.[]; length == 1)'
	get "$API/system/stats?series=container.kato.memory_mb" | jq -e '.time_series | keys == ["container.kato.memory_mb"]'
	get "$API/system/stats?series=none" | jq -e '.time_series == {}'
	get "$API/system/stats" | jq -e '.time_series | length > 8'
}

@test "time series have at most 600 points, and only those of the minutes asked for" {
	start
	for i in $(seq 1000 -1 1); do
		echo '{"type":"sessions","timestamp":"'"$(TZ=UTC printf '%(%Y-%m-%dT%H:%M:%S)T' $((EPOCHSECONDS - i * 3)))"'.000Z","data":{"active_count":'"$i"'}}'
	done >"$BATS_TEST_TMPDIR/lines"
	cat "$BATS_TEST_TMPDIR/lines" >&9
	wait_for 20 eval 'get $API/sessions/count | jq -e ".active_sessions == 1"'
	get "$API/system/stats?minutes=10" | jq -e '.time_series.kato_active_sessions | length > 190 and length < 202 and .[-1].value == 1'
	get "$API/system/stats?minutes=1440" | jq -e '.time_series.kato_active_sessions | length > 10 and length <= 600
		and ([.[].timestamp] | . == sort) and (.[0].value > .[-1].value)'
}

@test "time series answer at once while nothing is known" {
	start
	get "$API/system/stats?minutes=1440" | jq -e '[.time_series[]] | length == 8 and all(. == [])'
}

@test "a value dated 2099, and one of last year, are on no chart" {
	start
	feed "$(metrics 2099-01-01T00:00:00.000Z)" "$(metrics 2020-01-01T00:00:00.000Z)" "$(metrics)"
	wait_for 10 eval '[ "$(get "$API/system/stats?minutes=1440" | jq ".time_series.kato_error_rate | length")" = 1 ]'
}

@test "bad query values are 400, by name" {
	start
	problem 400 'minutes: "x"' "$API/system/stats?minutes=x"
	problem 400 'minutes: "0"' "$API/system/stats?minutes=0"
	problem 400 'from 1 to 1440' "$API/system/stats?minutes=1441"
	problem 400 'limit: "-1"' "$API/events?limit=-1"
	problem 400 'type: "A b"' "$API/events?type=A%20b"
	problem 400 'since: "yesterday"' "$API/alerts?since=yesterday"
	problem 400 'info, warning, error' "$API/alerts?level=critical"
	problem 400 'firing, resolved' "$API/alerts?state=over"
	problem 400 parameters "$API/events?$(printf 'a%d=1&' $(seq 40))"
	is_status 200 "$API/events?limit=5&unknown=1&limit="
}

@test "events are newest first, each with its offset" {
	start
	feed "$(event 1 session_event)" "$(event 2 deploy)" "$(alert 3 info t firing)" "$(event 4 deploy)"
	wait_for 10 newest_is 4
	get "$API/events" | jq -e '[.events[].offset] == [4,3,2,1] and .offset == 4 and (.epoch | length > 4)'
	get "$API/events?type=deploy" | jq -e '[.events[].id] == ["4","2"]'
	get "$API/events?type=session_events" | jq -e '[.events[].id] == ["1"]'
	get "$API/events?limit=2" | jq -e '[.events[].offset] == [4,3]'
	get "$API/events?type=deploy&limit=1" | jq -e '[.events[].offset] == [4]'
	get "$API/events?since=2" | jq -e '[.events[].offset] == [4,3]'
	get "$API/events?since=$(get "$API/events" | jq -r .epoch):3" | jq -e '[.events[].offset] == [4]'
	get "$API/events?since=other:3" | jq -e '.events | length == 4'
	get "$API/events?since=18446744073709551615" | jq -e '.events == []'
	get "$API/events?since=2026-11-20T22:04:45.219Z" | jq -e '.events | length == 4'
	get "$API/events?since=2026-11-20T22:04:45.220Z" | jq -e '.events == []'
}

@test "a list of events that was cut says so, and the rest can be asked for" {
	start --history 10
	for i in $(seq 12); do feed "$(event "$i" "$([ $((i % 2)) = 1 ] && echo deploy || echo other)")"; done
	wait_for 10 newest_is 12
	get "$API/events" | jq -e '[.events[].offset] == [range(12; 2; -1)] and .oldest == 3 and (.more | not)'
	get "$API/events?limit=10" | jq -e '.more | not'
	get "$API/events?limit=9" | jq -e '.more and .events[-1].offset == 4'
	get "$API/events?limit=9&since=3" | jq -e '(.more | not) and .events[-1].offset == 4'
	get "$API/events?limit=9&before=4" | jq -e '[.events[].offset] == [3] and .offset == 12 and (.more | not)'
	get "$API/events?type=deploy&limit=5" | jq -e '[.events[].offset] == [11,9,7,5,3] and (.more | not)'
	get "$API/events?type=deploy&limit=2&before=9" | jq -e '[.events[].offset] == [7,5] and .more'
	get "$API/events?before=99999999999999999" | jq -e '.events | length == 10'
	get "$API/events?before=1" | jq -e '.events == []'
	problem 400 'before: "0"' "$API/events?before=0"
	{ get "$API/events?limit=3"; echo; } | valid --http events
}

@test "ten thousand events are answered at once" {
	[ -z "${SAN-}" ] || skip 'the sanitizer takes its time'
	start
	for i in $(seq 10000); do alert "$i" warning high_cpu firing; done >"$BATS_TEST_TMPDIR/lines"
	cat "$BATS_TEST_TMPDIR/lines" >&9
	wait_for 20 newest_is 10000
	get -w '%{stderr}%{time_total}\n' "$API/events?limit=10000&type=system_alert" 2>"$BATS_TEST_TMPDIR/took" |
		jq -e '(.events | length == 10000) and (.more | not)'
	get -w '%{stderr}%{time_total}\n' "$API/alerts?limit=10000&level=error" 2>>"$BATS_TEST_TMPDIR/took" | jq -e '.alerts == []'
	awk '$1 > 0.5 { print "took " $1; bad = 1 } END { exit bad || NR != 2 }' "$BATS_TEST_TMPDIR/took"
}

@test "alerts are one by one, with what their message says, and filtered" {
	start
	feed "$(alert 1 warning high_cpu firing)" "$(event 2 deploy)" "$(alert 3 error container_down firing 2026-11-20T23:00:00.000Z)" \
		'{"type":"system_alert","id":"two","timestamp":"2026-11-20T23:00:01.000Z","demo":true,"alerts":[{"level":"info","type":"high_cpu","message":"x","state":"resolved"},{"level":"warning","type":"old","message":"no state"},7]}' \
		'{"type":"system_alert","id":"none","alerts":{}}'
	wait_for 10 newest_is 5
	get "$API/alerts" | jq -e '[.alerts[].message] == ["x","no state","m3","m1"] and .offset == 5'
	get "$API/alerts" | jq -e '.alerts[0] | .id == "two" and .timestamp == "2026-11-20T23:00:01.000Z" and .offset == 4 and .demo'
	get "$API/alerts?level=warning" | jq -e '[.alerts[].message] == ["no state","m1"]'
	get "$API/alerts?type=high_cpu&state=firing" | jq -e '[.alerts[].message] == ["m1"]'
	get "$API/alerts?state=resolved" | jq -e '[.alerts[].message] == ["x"]'
	get "$API/alerts?limit=1" | jq -e '[.alerts[].message] == ["x"] and .more'
	get "$API/alerts?limit=4" | jq -e '.alerts[-1].message == "m1" and (.more | not) and .oldest == 1'
	get "$API/alerts?before=4" | jq -e '[.alerts[].message] == ["m3","m1"]'
	{ get "$API/alerts?type=high_cpu"; echo; } | valid --http alerts
	get "$API/alerts?since=2026-11-20T22:30:00Z&limit=3" | jq -e '[.alerts[].message] == ["x","no state","m3"]'
}

@test "history of 0 events answers with empty lists" {
	start
	get "$API/alerts" | jq -e '.alerts == [] and .offset == 0'
	get "$API/events" | jq -e '.events == [] and .offset == 0'
}

@test "who subscribes to what, with the address for who asks from here" {
	start
	spawn c bash -c 'exec 9>&-; exec "$@"' - wsclient --hold --seconds 60 --send '{"type":"subscribe","subscriptions":["metrics","containers.kato"],"every":5}' "$PORT"
	wait_for 10 eval 'get $API/ws/subscriptions | jq -e ".topics.metrics == 1"'
	get "$API/ws/subscriptions" | jq -e '.connected_clients == 1 and .topics == {"containers.kato":1,"metrics":1}
		and (.connections[0] | .dialect == "kato" and .subscriptions == ["containers.kato","metrics"] and .every == 5
		and .address == "127.0.0.1" and .messages_sent >= 2 and .queued_bytes == 0)'
	get -H 'X-Forwarded-For: 10.1.2.3' "$API/ws/subscriptions" | jq -e '.connections[0] | has("address") | not'
}

@test "statistics hold what the two older plans name" {
	start
	spawn c bash -c 'exec 9>&-; exec "$@"' - wsclient --hold --seconds 60 "$PORT"
	wait_for 10 err_has c '^open '
	feed "$(event 1 session_event)"
	wait_for 10 eval 'get $API/ws/stats | jq -e ".total_broadcasts > 0"'
	get "$API/ws/stats" | jq -e '.connected_clients == 1 and .active_connections == 1 and .status == "active" and .uptime_seconds > 0
		and (.last_broadcast | test("Z$")) and (.avg_broadcast_time_ms | type == "number") and .messages_sent >= 2
		and .messages_sent_by_type.session_event == 1 and .messages_sent_by_type.connected == 1'
}

@test "health, alive and ready; ready no more once the input has ended, while HTTP serves on" {
	start
	feed "$(sessions)"
	knows sessions/count
	is_status 200 "$URL/healthz"
	is_status 200 "$URL/readyz"
	get "$URL/health" | jq -e '.status == "healthy" and .service == "kato-live" and (.version | length > 2)'
	[ "$(get "$URL/health" | jq 'del(.timestamp, .uptime_seconds)')" = "$(get "$API/health" | jq 'del(.timestamp, .uptime_seconds)')" ]
	exec 9>&-
	wait_for 10 is_status 503 "$URL/readyz"
	problem 503 'input has ended' "$URL/readyz"
	is_status 200 "$URL/healthz"
	is_status 200 "$API/sessions/count"
	get "$API/health" | jq -e '.status == "degraded" and .input == "ended"'
}

@test "Prometheus text: each family once, with help and type, labels escaped, no sample twice" {
	start
	feed "$(metrics)" "$(sessions)" '{"type":"source_status","id":"docker-stats","data":{"source":"docker-stats","status":"down"}}' not-json \
		'{"type":"containers","data":{"containers":[{"name":"a\"b\\c\nd","status":"running","cpu":1,"memory":{"usage_bytes":5}},{"name":"x","cpu":2},{"name":"x","cpu":3},{"cpu":4}]}}'
	knows system/container-stats
	[ "$(header Content-Type "$URL/metrics")" = 'text/plain; version=0.0.4; charset=utf-8' ]
	get "$URL/metrics" >"$BATS_TEST_TMPDIR/m"
	grep -qF 'kato_live_container_cpu_percent{name="a\"b\\c\nd"} 1' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_containers_omitted 2' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_source_up{source="docker-stats"} 0' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_metrics_resources_cpu_percent 45.2' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_lines_bad_total 1' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_records_total 4' "$BATS_TEST_TMPDIR/m"
	grep -qx 'kato_live_lines_total 5' "$BATS_TEST_TMPDIR/m"
	grep -qx 'websocket_active_connections 0' "$BATS_TEST_TMPDIR/m"
	grep -q '^websocket_messages_sent_total{message_type="realtime_update"} ' "$BATS_TEST_TMPDIR/m"
	grep -q '^websocket_broadcast_duration_seconds_bucket{le="+Inf"} ' "$BATS_TEST_TMPDIR/m"
	/usr/bin/python3 - "$BATS_TEST_TMPDIR/m" <<-'PY'
		import re, sys
		families, samples, now = {}, set(), None
		for line in open(sys.argv[1], encoding="utf-8").read().split("\n")[:-1]:
		    m = re.fullmatch(r"# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)", line)
		    if m:
		        assert m[2] == now or m[2] not in families, line
		        now = m[2]
		        families.setdefault(now, {})[m[1]] = m[3]
		        continue
		    m = re.fullmatch(r'([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+)', line)
		    assert m, line
		    assert re.sub("_(bucket|sum|count)$", "", m[1]) == now or m[1] == now, line
		    assert (m[1], m[2]) not in samples, line
		    samples.add((m[1], m[2]))
		    float(m[3])
		for name, f in families.items():
		    assert set(f) == {"HELP", "TYPE"} and f["TYPE"] in ("counter", "gauge", "histogram"), name
		    assert (f["TYPE"] == "counter") == name.endswith("_total"), name
		assert len(families) > 50
	PY
}

@test "promtool finds nothing to say about /metrics" {
	command -v promtool || skip 'promtool is not installed'
	start
	feed "$(metrics)" "$(containers)"
	knows system/container-stats
	get "$URL/metrics" | promtool check metrics
}

@test "what is not GET, HEAD or OPTIONS is 405 with Allow, its body unread" {
	start
	for m in POST PUT PATCH DELETE; do
		problem 405 GET -X $m -d '{}' "$API/events"
		grep -qi '^allow: GET, HEAD, OPTIONS' "$BATS_TEST_TMPDIR/head"
		grep -qi '^connection: close' "$BATS_TEST_TMPDIR/head"
	done
	head -c 3000000 /dev/zero >"$BATS_TEST_TMPDIR/big"
	is_status 405 --data-binary "@$BATS_TEST_TMPDIR/big" -H 'Expect:' "$API/events"
	[ "$(raw 'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n' 8 | head -n 1 | tr -d '\r')" = 'HTTP/1.1 405 Method Not Allowed' ]
}

@test "who sends all of a large body before it reads gets the answer, too" {
	start
	/usr/bin/python3 - "$PORT" 9>&- <<-'PY'
		import socket, sys, time
		def ask(head, size, late=0.0):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
		    s.sendall(head.replace(b"\n", b"\r\n") + b"Host: localhost\r\nContent-Length: %d\r\n\r\n" % size)
		    time.sleep(late)
		    left = size
		    while left:
		        left -= s.send(b"x" * min(left, 1 << 18))
		    got = b""
		    while (part := s.recv(65536)):
		        got += part
		    return got
		for i in range(20):
		    for method in b"POST", b"PUT", b"DELETE":
		        assert ask(method + b" /api/v1/events HTTP/1.1\n", 5_000_000).startswith(b"HTTP/1.1 405 "), method
		    assert ask(b"GET /healthz HTTP/1.1\n", 3_000_000).startswith(b"HTTP/1.1 413 ")
		assert ask(b"POST /events HTTP/1.1\n", 200_000, 0.5).startswith(b"HTTP/1.1 405 ")
	PY
	is_status 200 "$URL/healthz"
}

@test "who was refused and goes on sending is cut off, in time or in bytes" {
	start
	/usr/bin/python3 - "$PORT" 9>&- <<-'PY'
		import socket, sys, time
		head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n"
		def begin():
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
		    s.sendall(head)
		    assert s.recv(65536).startswith(b"HTTP/1.1 405 ")
		    return s
		s, sent = begin(), 0
		try:
		    while sent < 200 << 20: sent += s.send(b"x" * (1 << 20))
		except OSError: pass
		assert sent < 100 << 20, sent
		s, began = begin(), time.monotonic()
		try:
		    while time.monotonic() - began < 15:
		        s.send(b"x")
		        time.sleep(0.05)
		except OSError: pass
		assert time.monotonic() - began < 8
	PY
}

@test "a GET with a body is refused" {
	start
	is_status 413 -X GET -d abc "$API/events"
	raw 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n' | grep -c '^HTTP/1.1' | grep -qx 1
}

@test "HEAD has the headers of GET and no body" {
	start
	feed "$(metrics)"
	knows system/metrics
	[ "$(header Content-Length -I "$API/system/metrics")" = "${#M}" ]
	[ "$(get -I "$API/system/metrics" | tail -n 1 | tr -d '\r')" = '' ]
	raw 'HEAD /api/v1/system/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | tail -n 1 | tr -d '\r' | grep -qx ''
}

@test "an unknown path under /api/ is 404, never the index" {
	start
	problem 404 '/api/v1/nope' "$API/nope"
	problem 404 '/api' "$URL/api"
	problem 404 '/api/' -H 'Accept: text/html' "$URL/api/"
	problem 404 '/api/index.html' "$URL/api/index.html"
}

@test "a plain GET of a WebSocket path is 426" {
	start
	problem 426 upgrade "$URL/ws"
	grep -qi '^upgrade: websocket' "$BATS_TEST_TMPDIR/head"
}

@test "with WebSocket switched off /ws is 503 and the rest serves on" {
	WEBSOCKET_ENABLED=false start
	problem 503 'switched off' "$URL/ws"
	is_status 200 "$URL/healthz"
	get "$API/ws/stats" | jq -e '.status == "disabled"'
}

@test "a Host that is not ours is 421, against DNS rebinding" {
	start --server-name dash.example
	problem 421 server-name -H 'Host: evil.example' "$API/events"
	problem 421 Host -H "Host: localhost.evil.example:$PORT" "$URL/"
	problem 421 Host -H "Host: 127.0.0.1:$PORT, 127.0.0.1:$PORT" "$URL/"
	raw 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n' | grep -q '^HTTP/1.1 421'
	raw 'GET /healthz HTTP/1.1\r\n\r\n' | grep -q '^HTTP/1.1 400'
	raw 'GET /healthz HTTP/1.0\r\n\r\n' | grep -q '^HTTP/1.1 200'
	for h in localhost "LOCALHOST:$PORT" 127.0.0.1 '[::1]:99' 10.1.2.3 dash.example "$(hostname)"; do
		is_status 200 -H "Host: $h" "$URL/healthz"
	done
}

@test "CORS: a listed origin is granted, another is not, and caches are told" {
	start
	[ "$(header Access-Control-Allow-Origin -H 'Origin: http://localhost:3001' "$API/events")" = 'http://localhost:3001' ]
	[ "$(header Access-Control-Allow-Origin -H 'Origin: http://localhost:3001' "$API/nope")" = 'http://localhost:3001' ]
	for o in 'http://evil.example' null '' 'http://localhost:30011' "http://localhost:3001, http://localhost:3001"; do
		[ -z "$(header Access-Control-Allow-Origin -H "Origin: $o" "$API/events")" ]
	done
	header Vary "$API/events" | grep -qx Origin
	[ "$(header Access-Control-Expose-Headers -H 'Origin: http://localhost:3001' "$API/events")" = 'Date, ETag, Retry-After' ]
}

@test "CORS_ORIGINS says who is listed" {
	CORS_ORIGINS=https://ui.example start
	[ "$(header Access-Control-Allow-Origin -H 'Origin: https://ui.example' "$API/events")" = 'https://ui.example' ]
	[ -z "$(header Access-Control-Allow-Origin -H 'Origin: http://localhost:3001' "$API/events")" ]
}

@test "a preflight is answered, for the headers it names" {
	start
	get -D "$BATS_TEST_TMPDIR/head" -X OPTIONS -H 'Origin: http://localhost:3001' -H 'Access-Control-Request-Method: GET' \
		-H 'Access-Control-Request-Headers: authorization,x-custom' "$API/events"
	head -n 1 "$BATS_TEST_TMPDIR/head" | grep -q 204
	grep -qi '^access-control-allow-headers: authorization,x-custom' "$BATS_TEST_TMPDIR/head"
	grep -qi '^access-control-allow-methods: GET, HEAD, OPTIONS' "$BATS_TEST_TMPDIR/head"
	is_status 204 -X OPTIONS "$API/events"
}

@test "the page is served, with a strict policy, and no request leaves the house" {
	start
	[ "$(header Content-Type "$URL/")" = 'text/html; charset=utf-8' ]
	[ "$(header Content-Type "$URL/app.js")" = 'text/javascript; charset=utf-8' ]
	[ "$(header Content-Type "$URL/style.css")" = 'text/css; charset=utf-8' ]
	[ "$(header X-Content-Type-Options "$URL/")" = nosniff ]
	header Content-Security-Policy "$URL/" | grep -q "^default-src 'none'; script-src 'self'; style-src 'self';"
	header Content-Security-Policy "$URL/" | grep -q unsafe && false
	get "$URL/" | grep -E '<script>|<style|style=| on[a-z]+=|https?://' && false
	get "$URL/app.js" | grep -E 'innerHTML|eval|https?://[a-z]' && false
	true
}

@test "files have an ETag, and 304 when it is known" {
	start
	tag=$(header ETag "$URL/app.js")
	is_status 304 -H "If-None-Match: $tag" "$URL/app.js"
	is_status 304 -H "If-None-Match: \"x\", W/$tag" "$URL/app.js"
	is_status 200 -H 'If-None-Match: "x"' "$URL/app.js"
	[ -z "$(get -H "If-None-Match: $tag" "$URL/app.js")" ]
}

@test "files are gzipped for who takes it" {
	start
	[ "$(header Content-Encoding -H 'Accept-Encoding: gzip, br' "$URL/app.js")" = gzip ]
	[ -z "$(header Content-Encoding "$URL/app.js")" ]
	[ -z "$(header Content-Encoding -H 'Accept-Encoding: gzip;q=0' "$URL/app.js")" ]
	get --compressed "$URL/app.js" | cmp - <(get "$URL/app.js")
	get --compressed "$URL/index.html" | cmp - "$ROOT/share/dashboard/index.html"
	get "$URL/index.html" | cmp - "$ROOT/share/dashboard/index.html"
}

@test "a path without an extension is the index, a file that is not there is 404" {
	start
	get "$URL/sessions" | cmp - "$ROOT/share/dashboard/index.html"
	get "$URL/a/b/c?x=1" | cmp - "$ROOT/share/dashboard/index.html"
	problem 404 '/nope.js' "$URL/nope.js"
	problem 404 '/vendor/nope' "$URL/vendor/nope.js"
	problem 404 '/vendor/a/b.js' "$URL/vendor/a/b.js"
}

@test "a path of the page may hold a name with dots" {
	start
	for p in kato.js kato.example.org 'a%20b%2F..%2F%2541' .hidden v1.2/x.css; do
		get "$URL/containers/$p" | cmp - "$ROOT/share/dashboard/index.html"
	done
}

@test "the page's browser is asked for no more than it needs, and its answers are for it alone" {
	start
	[ "$(header Cross-Origin-Opener-Policy "$URL/")" = same-origin ]
	header Permissions-Policy "$URL/sessions" | grep -q 'camera=(), microphone=(), geolocation=()'
	[ "$(header Referrer-Policy "$URL/")" = no-referrer ]
	for directive in "base-uri 'none'" "form-action 'none'" "frame-ancestors 'none'"; do
		header Content-Security-Policy "$URL/" | grep -q "; $directive"
	done
	[ -z "$(header Permissions-Policy "$URL/app.js")" ]
}

@test "files in folders of the page are served, gzipped and with an ETag" {
	start
	[ "$(header Content-Type "$URL/vendor/uPlot.iife.min.js")" = 'text/javascript; charset=utf-8' ]
	[ "$(header Content-Encoding -H 'Accept-Encoding: gzip' "$URL/vendor/uPlot.iife.min.js")" = gzip ]
	is_status 304 -H "If-None-Match: $(header ETag -H 'Accept-Encoding: gzip' "$URL/vendor/uPlot.iife.min.js")" "$URL/vendor/uPlot.iife.min.js"
	get --compressed "$URL/vendor/uPlot.iife.min.js" | cmp - "$ROOT/share/dashboard/vendor/uPlot.iife.min.js"
}

@test "no path leads out of the folder" {
	mkdir -p "$BATS_TEST_TMPDIR/site/sub"
	echo index >"$BATS_TEST_TMPDIR/site/index.html"
	echo inside >"$BATS_TEST_TMPDIR/site/sub/f.txt"
	echo HIDDEN >"$BATS_TEST_TMPDIR/site/.env.txt"
	echo SECRET >"$BATS_TEST_TMPDIR/secret.txt"
	start --dashboard "$BATS_TEST_TMPDIR/site"
	[ "$(get "$URL/sub/f.txt")" = inside ]
	[ "$(get --path-as-is "$URL/sub/../sub/./f.txt")" = inside ]
	for p in /../secret.txt /%2e%2e/secret.txt /sub/../../secret.txt /..%2fsecret.txt /sub/%2e%2e%2f%2e%2e/secret.txt \
		/.env.txt //etc/passwd '/..\secret.txt' /sub/f.txt/../../../secret.txt; do
		get --path-as-is "$URL$p" | grep -E 'SECRET|HIDDEN|root:' && false
	done
	true
}

@test "NUL, broken escapes and overlong paths are refused, and the next is served" {
	start
	raw 'GET /%00x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | grep -q '^HTTP/1.1 200' && false
	raw 'GET /a%00b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | grep -q '^HTTP/1.1 200' && false
	raw 'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n' 1 | grep -q '^HTTP/1.1 200' && false
	raw "GET /$(head -c 9000 /dev/zero | tr '\0' a) HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n" 1 | grep -q '^HTTP/1.1 200' && false
	raw "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX: $(head -c 20000 /dev/zero | tr '\0' a)\\r\\n\\r\\n" 1 | grep -q '^HTTP/1.1 200' && false
	raw 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n' 1 | grep -q '^HTTP/1.1 200' && false
	raw 'CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n' 1 | grep -q . && false
	raw '\x16\x03\x01\x02\x00\x01\x00' 1 | grep -q '^HTTP/1.. [45]'
	is_status 200 "$URL/healthz"
}

@test "what the page reads at its start comes from the settings, and again on HUP" {
	printf 'VITE_WS_ENABLED=false\nVITE_WS_CONTAINER_STATS=false\n' >"$BATS_TEST_TMPDIR/env"
	VITE_WS_ALERTS=false start --settings "$BATS_TEST_TMPDIR/env" --dashboard none
	[ "$(header Cache-Control "$URL/config.json")" = no-store ]
	[ "$(header Content-Type -I "$URL/config.json")" = 'application/json; charset=utf-8' ]
	{ get "$URL/config.json"; echo; } | valid --http config
	get "$URL/config.json" | jq -e '.url == "" and (.demo | not) and .flags.enabled and .selectiveSubscriptions and .sessionEvents
		and ([.enabled, .containerStats, .alerts] == [false, false, false])'
	printf 'VITE_WS_URL=wss://kato.example/live\nVITE_WS_SESSION_EVENTS=no\nWEBSOCKET_ENABLED=false\n' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 10 eval 'get "$URL/config.json" | jq -e ".enabled and .url == \"wss://kato.example/live\" and (.sessionEvents or .flags.enabled | not)"'
}

@test "the page may connect to its own host, and to the one it is told of" {
	start
	header Content-Security-Policy "$URL/" | grep -q "; connect-src 'self';"
	stop b
	exec 9>&-
	rm "$BATS_TEST_TMPDIR/feed"
	VITE_WS_URL=https://kato.example:8443 start
	header Content-Security-Policy "$URL/" | grep -q "; connect-src 'self' wss://kato.example:8443 https://kato.example:8443;"
	get "$URL/config.json" | jq -e '.url == "wss://kato.example:8443/ws"'
}

@test "a malformed address for the page is said at the start, and leaves all as it was on HUP" {
	VITE_WS_URL='ws://h;script-src *' run broadcaster --port 0 </dev/null
	# shellcheck disable=SC2154 # of run
	[ "$status" -eq 2 ]
	[[ $output == *'VITE_WS_URL=ws://h;script-src *: '* ]]
	echo 'VITE_WS_URL=/ws' >"$BATS_TEST_TMPDIR/env"
	start --settings "$BATS_TEST_TMPDIR/env"
	printf 'VITE_WS_URL=kato.example:8080\nWEBSOCKET_ENABLED=false\n' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 10 err_has b 'settings not changed: VITE_WS_URL=kato.example:8080: must be ws://'
	get "$URL/config.json" | jq -e '.url == "/ws" and .flags.enabled'
}

@test "--dashboard none serves no page, the routes all the same" {
	start --dashboard none
	problem 404 'no / here' "$URL/"
	is_status 200 "$URL/healthz"
}

@test "a dashboard folder that is not there is said, and the routes serve" {
	start --dashboard "$BATS_TEST_TMPDIR/nowhere"
	err_has b 'nowhere: cannot be read'
	is_status 200 "$URL/healthz"
}

@test "an offer of HTTP/2 is left alone, and the request answered" {
	start
	[ "$(get --http2 -o /dev/null -w '%{http_code} %{http_version}' "$URL/healthz")" = '200 1.1' ]
}

@test "HUP reads the page anew" {
	mkdir "$BATS_TEST_TMPDIR/site"
	echo old >"$BATS_TEST_TMPDIR/site/index.html"
	start --dashboard "$BATS_TEST_TMPDIR/site"
	[ "$(get "$URL/")" = old ]
	echo new >"$BATS_TEST_TMPDIR/site/index.html"
	kill -HUP "$(pid_of b)"
	wait_for 10 eval '[ "$(get "$URL/")" = new ]'
}

@test "requests on one connection are answered in turn, also when they come at once" {
	start
	feed "$(metrics)"
	knows system/metrics
	[ "$(get -w '%{num_connects}' -o /dev/null "$URL/healthz" "$API/system/metrics" -o /dev/null "$URL/app.js" -o /dev/null)" = 100 ]
	n='GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
	raw "$n${n}GET /index.html HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" >"$BATS_TEST_TMPDIR/o"
	[ "$(grep -c '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/o")" = 3 ]
	size=$(wc -c <"$ROOT/share/dashboard/index.html")
	cmp <(tail -c $((size + 1)) "$BATS_TEST_TMPDIR/o" | head -c "$size") "$ROOT/share/dashboard/index.html"
}

@test "a hundred at once are all answered alike" {
	start
	feed "$(metrics)" "$(containers)"
	knows system/container-stats
	for i in $(seq 100); do printf 'url = "%s/system/metrics"\noutput = "%s/p%d"\n' "$API" "$BATS_TEST_TMPDIR" "$i"; done >"$BATS_TEST_TMPDIR/urls"
	curl -s --no-keepalive --parallel --parallel-immediate --parallel-max 100 -K "$BATS_TEST_TMPDIR/urls" 9>&-
	for i in $(seq 100); do [ "$(cat "$BATS_TEST_TMPDIR/p$i")" = "$M" ]; done
	stop b
}

@test "a request that is never finished is ended, and one whose body never comes is answered" {
	start
	/usr/bin/python3 - "$PORT" 9>&- <<-'PY'
		import socket, sys
		def ask(data):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=25)
		    s.sendall(data)
		    got = b""
		    while (part := s.recv(65536)):
		        got += part
		    return got
		assert b"200 OK" not in ask(b"GET /healthz HTT")
		assert ask(b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx").startswith(b"HTTP/1.1 405 ")
		assert ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n").startswith(b"HTTP/1.1 413 ")
	PY
	is_status 200 "$URL/healthz"
}

# big N: an object of about N bytes, as the data of a metrics record
big() {
	printf '{"type":"metrics","timestamp":"%s","data":{"blob":"' "$(now)"
	head -c "$1" /dev/zero | tr '\0' x
	printf '"}}\n'
}

@test "large answers come whole, to a client that reads slowly too" {
	start
	big 1000000 >&9
	wait_for 10 is_status 200 "$API/snapshot"
	[ "$(get "$API/system/metrics" | wc -c)" = 1000011 ]
	[ "$(get --limit-rate 500k "$API/system/metrics" | wc -c)" = 1000011 ]
	[ "$(get "$API/system/metrics" | tail -c 5)" = 'xxx"}' ]
	stop b
}

@test "clients that do not read cost no one anything, and no processor" {
	start
	big 1000000 >&9
	wait_for 10 is_status 200 "$API/system/metrics"
	/usr/bin/python3 - "$PORT" "$(pid_of b)" 9>&- <<-'PY'
		import socket, sys, time, urllib.request
		port, pid = int(sys.argv[1]), int(sys.argv[2])
		def cpu():
		    f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
		    return int(f[11]) + int(f[12])
		ask = b"GET /api/v1/system/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
		held = []
		for i in range(50):
		    s = socket.socket()
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		    s.connect(("127.0.0.1", port))
		    s.sendall(ask * 5)
		    held.append(s)
		time.sleep(0.5)
		before, began = cpu(), time.monotonic()
		for i in range(20):
		    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).read()
		    time.sleep(0.1)
		used = (cpu() - before) / 100 / (time.monotonic() - began)
		assert used < 0.5, f"{used:.0%} of a core"
		# one of them begins to read: all five answers are there
		s = held[0]
		s.settimeout(20)
		got = 0
		while got < 5 * 1000011:
		    n = len(s.recv(1 << 20))
		    assert n, "the connection ended early"
		    got += n
	PY
}

@test "50,000 container names: bounded memory, quick answers" {
	start
	/usr/bin/python3 - >&9 <<-'PY'
		import json, time
		for batch in range(50):
		    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
		    names = [{"name": f"c{batch * 1000 + i}", "status": "running", "cpu": 1.5, "memory": {"usage_mb": 10}} for i in range(1000)]
		    print(json.dumps({"type": "containers", "timestamp": stamp, "data": {"containers": names, "aggregated": {}}}))
		print(json.dumps({"type": "sessions", "data": {"active_count": 1, "total_count": 1}}))
	PY
	wait_for 60 is_status 200 "$API/sessions/count"
	[ "$(get "$API/system/stats?minutes=1440" | jq '[.time_series | keys[] | select(startswith("container."))] | length')" = 512 ]
	get "$URL/metrics" | grep -c '^kato_live_container_cpu_percent{' | grep -qx 1000
	if [ -z "${SAN-}" ]; then
		[ "$(awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of b)/status")" -lt 60000 ]
	fi
}

@test "thousands of requests leave no memory behind" {
	[ -z "${SAN-}" ] || skip 'the sanitizer keeps what was freed'
	start
	feed "$(metrics)" "$(containers)"
	knows system/container-stats
	burst() { for i in $(seq 500); do printf 'url = "%s/snapshot?n=%d"\noutput = /dev/null\n' "$API" "$i"; done | curl -s -K - 9>&-; }
	rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of b)/status"; }
	burst
	before=$(rss)
	for _ in 1 2 3 4; do burst; done
	[ "$(rss)" -le $((before + 1024)) ]
}
