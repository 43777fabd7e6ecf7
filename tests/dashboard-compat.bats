# What an unmodified KATO dashboard front end needs of a server, need by need, through alertd and broadcaster.
# shellcheck shell=bats disable=SC2030,SC2031,SC2016,SC2034 # what eval gets is for later

load helper
load broadcaster

HELD=(--seconds 60)

# start [OPTION...]: alertd | broadcaster, named b, fed by feed LINE...
start() {
	[ -p "$BATS_TEST_TMPDIR/feed" ] || mkfifo "$BATS_TEST_TMPDIR/feed" "$BATS_TEST_TMPDIR/judged"
	exec 9<>"$BATS_TEST_TMPDIR/feed" 8<>"$BATS_TEST_TMPDIR/judged"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/feed spawn a bash -c 'exec 9>&- 8>&-; exec alertd >"$1"' - "$BATS_TEST_TMPDIR/judged"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/judged spawn b bash -c 'exec 9>&- 8>&-; exec "$@"' - broadcaster --port "${P-0}" "$@"
	exec 8>&-
	PORT=$(port_of b)
	URL=http://127.0.0.1:$PORT
	API=$URL/api/v1
}

now() { date -u +%Y-%m-%dT%H:%M:%S.000Z; }
metrics() { # [ACTIVE]
	echo '{"type":"metrics","timestamp":"'"$(now)"'","source":"kato-metrics","data":{"sessions":{"active":'"${1-42}"'},"requests":{"total":1234,"per_second":0.4},"performance":{"total_requests":1234,"total_errors":0,"error_rate":0.002,"average_response_time":0.012},"resources":{"cpu_percent":1.2,"memory_percent":44.9},"rates":{"requests_per_second":0.4},"processor_manager":{"total_processors":3,"max_processors":100,"eviction_ttl_seconds":3600}}}'
}
containers() { # CPU STATUS
	local t
	t=$(now)
	echo '{"type":"containers","timestamp":"'"$t"'","source":"docker-stats","data":{"aggregated":{"total_cpu_percent":'"$1"',"host_cpu_percent":'"$1"',"online_cpus":2,"total_memory_mb":10.5,"total_memory_limit_mb":1000,"total_memory_percent":1.05,"container_count":1,"timestamp":"'"$t"'"},"containers":[{"name":"kato","id":"0123456789ab","image":"kato:1","status":"'"$2"'","cpu":'"$1"',"memory":{"usage_bytes":11010048,"limit_bytes":1048576000,"usage_mb":10.5,"limit_mb":1000,"usage_percent":1.05},"network":{"rx_bytes":1,"tx_bytes":2,"rx_mb":0,"tx_mb":0,"rx_bytes_per_second":0,"tx_bytes_per_second":0},"block_io":{"read_bytes":1,"write_bytes":2,"read_mb":0,"write_mb":0},"timestamp":"'"$t"'"}]}}'
}
DASHBOARD='{"type":"subscribe","subscriptions":["metrics","containers","system_alerts"]}'
LAYOUT='{"type":"subscribe","subscriptions":["system_alerts"]}'

@test "1: the WebSocket is at /ws on the page's own port, without a subprotocol or extension" {
	start
	ws --count 1 --header 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits' | jq -e '.type == "connected"'
	is_status 200 "$URL/"
}

@test "2: the page's origin is accepted, also that of the old development server" {
	start
	ws --origin "$URL" --count 1
	ws --origin http://localhost:3001 --count 1
	ws --origin http://localhost:8080 --count 1
	ws --origin http://evil.example --status --count 1 --seconds 3 | grep -q ' 403 '
}

@test "3: each frame is one JSON object with a string type" {
	start
	feed "$(metrics)" "$(containers 99 running)"
	wait_for 10 is_status 200 "$API/system/container-stats"
	client c --send ping --send '{"type":"ping"}' --send nonsense --send "$DASHBOARD"
	wait_for 10 got c 'map(.type) | contains(["connected","realtime_update","heartbeat","pong","error","subscribed"])'
	got c 'all(type == "object" and (.type | type == "string") and (.timestamp | test("Z$")))'
	valid --wire "$BATS_TEST_TMPDIR/c.out"
}

@test "4: the bare text ping gets a heartbeat" {
	start
	client c --send ping
	wait_for 10 got c 'map(select(.type == "heartbeat")) | length == 1'
	got c 'map(select(.type == "error")) == []'
}

@test "5: subscribe is taken at any time, and answered with no type the page knows" {
	start
	client c --send "$DASHBOARD" --send "$LAYOUT"
	wait_for 10 got c 'map(select(.type == "subscribed")) | length == 2'
	got c 'map(.type) - ["connected","subscribed"] == []'
}

@test "6: the two lists of Layout and Dashboard add up: no update is lost to either" {
	start
	client c --send "$DASHBOARD" --send "$LAYOUT" --send "$DASHBOARD" --send "$LAYOUT"
	wait_for 10 got c 'map(select(.type == "subscribed")) | length == 4'
	for i in $(seq 14); do
		feed "$(metrics "$i")"
		wait_for 10 got c 'map(select(.type == "realtime_update").data.metrics.sessions.active) | index('"$i"') != null'
	done
	feed "$(containers 99 running)"
	wait_for 10 got c 'map(select(.type == "system_alert")) | length == 1'
}

@test "7: the subscribe storm of the real page is neither limited nor closed" {
	start
	storm=()
	for _ in $(seq 30); do storm+=(--send "$DASHBOARD" --send "$LAYOUT"); done
	client c "${storm[@]}" --send ping
	wait_for 10 got c 'map(select(.type == "heartbeat")) | length == 1'
	got c 'map(select(.type == "error")) == [] and (map(select(.type == "subscribed")) | length == 60)'
	feed "$(metrics)"
	wait_for 10 got c 'map(select(.type == "realtime_update")) | length == 1'
}

@test "8: realtime_update has the fields the page reads, as numbers, and no section that is not known" {
	start
	feed "$(metrics)"
	client c
	wait_for 10 got c 'map(select(.type == "realtime_update")) | length == 1'
	got c 'map(select(.type == "realtime_update"))[0] | (.timestamp | test("^[0-9-]+T[0-9:.]+Z$")) and (.data | keys == ["metrics"])
		and (.data.metrics | [.sessions.active, .performance.total_requests, .performance.error_rate, .processor_manager.total_processors,
			.processor_manager.max_processors, .processor_manager.eviction_ttl_seconds] | all(type == "number"))'
	feed "$(containers 1.5 running)"
	wait_for 10 got c 'map(select(.type == "realtime_update" and .data.containers)) | length == 1'
	got c 'map(select(.data.containers))[0].data.containers | (.containers | length == 1)
		and (.containers[0] | (.name, .status | type == "string") and ([.cpu, .memory.usage_mb] | all(type == "number")))
		and (.aggregated | [.total_cpu_percent, .total_memory_percent, .total_memory_mb, .total_memory_limit_mb] | all(type == "number"))'
}

@test "8: a reading that failed leaves the last good values alone" {
	start
	feed "$(metrics 7)" '{"type":"metrics","data":null}' '{"type":"metrics"}' '{"type":"metrics","data":[]}'
	wait_for 10 is_status 200 "$API/system/metrics"
	client c
	wait_for 10 got c 'map(select(.type == "realtime_update")) | length == 1'
	got c 'map(select(.type == "realtime_update"))[0].data.metrics.sessions.active == 7'
}

@test "9: the last values are sent at once on connecting" {
	start
	feed "$(metrics)" "$(containers 1.5 running)"
	wait_for 10 is_status 200 "$API/system/container-stats"
	wait_for 10 eval 'get "$API/snapshot" | jq -e ".data | has(\"containers\") and has(\"metrics\")"'
	ws --count 2 | jq -se '.[1] | .type == "realtime_update" and (.data | keys == ["containers","metrics"])'
}

@test "10: system_alert has a unique id and what the sidebar and the toasts read" {
	start
	client c --send "$LAYOUT"
	wait_for 10 got c 'map(select(.type == "subscribed")) | length == 1'
	feed "$(containers 99 running)" "$(containers 99 exited)"
	wait_for 10 got c 'map(select(.type == "system_alert")) | length == 2'
	got c 'map(select(.type == "system_alert")) | (map(.id) | unique | length == 2) and all((.alerts | length > 0) and (.timestamp | test("Z$")))
		and all(.[].alerts[]; (.level | IN("info","warning","error")) and (.type | length > 0) and (.message | length > 0)
			and ((.threshold // 0), (.value // 0) | type == "number"))
		and .[0].alerts[0].type == "high_cpu" and .[0].alerts[0].level == "error"
		and any(.[1].alerts[]; .type == "container_down" and .container_name == "kato" and .status == "exited")'
	valid --wire "$BATS_TEST_TMPDIR/c.out"
}

@test "11: session_event reaches the client as it is" {
	start
	client c
	feed '{"type":"session_event","id":"s1","event_type":"session_created","timestamp":"2026-11-20T22:04:45.219Z","source":"session-watch","data":{"current_count":5,"previous_count":4,"delta":1,"time_since_last_event":1.5}}'
	wait_for 10 got c 'map(select(.type == "session_event")) | length == 1'
	got c 'map(select(.type == "session_event"))[0] | .event_type == "session_created" and .timestamp == "2026-11-20T22:04:45.219Z"
		and .data == {"current_count":5,"previous_count":4,"delta":1,"time_since_last_event":1.5}'
}

@test "12: /api/v1/system/stats answers at once, before anything is known too" {
	start
	get --max-time 1 "$API/system/stats?minutes=10&use_cache=true" | jq -e '.time_series.kato_cpu_usage_percent == []'
	feed "$(metrics)"
	wait_for 10 eval 'get "$API/system/stats?minutes=10" | jq -e ".time_series.kato_cpu_usage_percent | length == 1"'
	get "$API/system/stats?minutes=10" | jq -e '.time_series | (.kato_cpu_usage_percent, .kato_memory_usage_percent)[0] | (.timestamp | . > 1e9 and . < 1e10) and (.value | type == "number")'
}

@test "13: the polling fallback gets the latest data, whatever its query says" {
	start
	feed "$(metrics 1)" "$(containers 2.5 running)" "$(metrics 2)"
	wait_for 10 eval 'get "$API/system/metrics?use_cache=false" | jq -e ".sessions.active == 2"'
	get "$API/system/container-stats?use_cache=false&_=123" | jq -e '.containers[0].cpu == 2.5 and .aggregated.total_memory_limit_mb == 1000'
}

@test "14: the overview is what was measured, and a quick 404 before" {
	start
	[ "$(status "$API/analytics/overview")" = 404 ]
	feed "$(metrics)"
	wait_for 10 is_status 200 "$API/analytics/overview"
	get "$API/analytics/overview" | jq -e '.processors.total == 3'
}

@test "15: a page on another port may read the answers, and its preflight is answered" {
	start
	get -D - -o /dev/null -H 'Origin: http://localhost:3001' "$API/system/stats" | grep -qi '^access-control-allow-origin: http://localhost:3001'
	get -D - -X OPTIONS -H 'Origin: http://localhost:3001' -H 'Access-Control-Request-Headers: content-type' "$API/system/stats" >"$BATS_TEST_TMPDIR/pre"
	grep -q ' 204 ' "$BATS_TEST_TMPDIR/pre"
	grep -qi '^access-control-allow-headers: content-type' "$BATS_TEST_TMPDIR/pre"
}

@test "16: a built front end is served, with its index for its own paths" {
	mkdir -p "$BATS_TEST_TMPDIR/dist/assets"
	echo '<!doctype html><div id="root"></div>' >"$BATS_TEST_TMPDIR/dist/index.html"
	echo 'export {}' >"$BATS_TEST_TMPDIR/dist/assets/index-1a2b3c.js"
	start --dashboard "$BATS_TEST_TMPDIR/dist"
	get "$URL/sessions" | grep -q 'id="root"'
	[ "$(get "$URL/assets/index-1a2b3c.js")" = 'export {}' ]
	get -D - -o /dev/null "$URL/assets/index-1a2b3c.js" | grep -qi '^content-type: text/javascript'
	is_status 404 "$URL/assets/gone.js"
	is_status 404 "$API/gone"
}

@test "17: after a restart on the same port open tabs are accepted again" {
	start
	client c --closes
	P=$PORT
	stop a
	stop b
	wait "$(pid_of c)" || true
	rm -f "$BATS_TEST_TMPDIR/c.pid"
	out_has c 'close 1012'
	exec 9>&-
	start
	[ "$PORT" = "$P" ]
	ws --count 1
}

@test "18: who is not wanted is told so before the upgrade, not closed after it" {
	WEBSOCKET_ENABLED=false start
	ws --status --count 1 --seconds 3 | head -n 1 | grep -q ' 503 '
	is_status 200 "$API/system/stats"
}
