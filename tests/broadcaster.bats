# The live half of broadcaster: its input, /ws, limits, signals. HTTP is in http.bats.
# shellcheck shell=bats disable=SC2030,SC2031,SC2016 # what eval gets is for later

load helper
load broadcaster

hex() { od -An -v -tx1 | tr -d ' \n'; }
out() { cat "$BATS_TEST_TMPDIR/$1.out"; }

STAMP='"timestamp":"2026-11-20T22:04:45.219Z"'
METRICS='{"type":"metrics",'$STAMP',"source":"t","data":{"sessions":{"active":5,"total":127},"requests":{"total":15234,"per_second":12.5},"resources":{"cpu_percent":45.2,"memory_percent":62.1},"performance":{"total_requests":15234,"total_errors":3,"error_rate":0.002,"average_response_time":0.012}}}'
SESSIONS='{"type":"sessions",'$STAMP',"source":"t","data":{"active_count":5,"total_count":127}}'
CONTAINERS='{"type":"containers",'$STAMP',"source":"t","data":{"aggregated":{"container_count":2},"containers":[{"name":"kato","cpu":1.5},{"name":"kato-redis","cpu":0.1}]}}'
alert() { echo '{"type":"system_alert","id":"alert_'"$1"'_1",'"$STAMP"',"source":"alertd","alerts":[{"level":"info","type":"t","message":"m","state":"firing","since":"2026-11-20T22:04:45.219Z","key":"k"}]}'; }
session() { echo '{"type":"session_event","id":"'"$1"'","event_type":"session_created",'"$STAMP"',"source":"session-watch","data":{"current_count":1,"previous_count":0,"delta":1,"time_since_last_event":1.5}}'; }
status_of() { echo '{"type":"source_status","id":"'"$1"'",'"$STAMP"',"source":"'"$1"'","data":{"source":"'"$1"'","status":"up","since":"2026-11-20T22:04:45.219Z","duration_ms":3,"interval_ms":3000}}'; }

@test "the first line of stderr says where it listens" {
	start
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/b.err")" = "broadcaster: listening on http://127.0.0.1:$PORT" ]
}

@test "the ready descriptor gets its newline when serving" {
	mkfifo "$BATS_TEST_TMPDIR/ready"
	exec 8<>"$BATS_TEST_TMPDIR/ready"
	start --ready-fd 8
	read -r -t 10 -u 8
	exec 8>&-
}

@test "connected comes at once, with epoch, offset, topics and flags" {
	start
	ws --count 1 >"$BATS_TEST_TMPDIR/out"
	valid --wire "$BATS_TEST_TMPDIR/out"
	jq -e '.type == "connected" and .offset == 0 and .topics == [] and .flags.enabled and (.server | startswith("kato-live/"))' "$BATS_TEST_TMPDIR/out"
}

@test "the state known comes right behind connected" {
	start
	feed "$METRICS" "$SESSIONS" "$(status_of kato-metrics)"
	wait_for 10 eval 'ws --count 1 | grep -q source_status'
	ws --count 3 >"$BATS_TEST_TMPDIR/c.out"
	[ "$(types c)" = 'connected realtime_update source_status' ]
	out c | jq -se '.[1].data | .metrics.sessions.active == 5 and .sessions.total_count == 127 and (has("containers") | not)'
}

@test "what is known says when it was read, however old it is" {
	start
	feed '{"type":"metrics","timestamp":"2026-11-20T22:04:45.219Z","demo":true,"data":{"a":1}}' '{"type":"sessions","timestamp":"2026-11-20T23:00:00.000Z","data":{"active_count":1,"total_count":1}}'
	wait_for 10 curl -sf "http://127.0.0.1:$PORT/api/v1/sessions/count"
	ws --count 2 | jq -se '.[1] | .times == {"metrics":"2026-11-20T22:04:45.219Z","sessions":"2026-11-20T23:00:00.000Z"} and .demo
		and .timestamp != .times.metrics and .timestamp != .times.sessions'
}

@test "records of three collectors that tick together are one message" {
	start
	client c --count 2
	for i in "$METRICS" "$CONTAINERS" "$SESSIONS"; do feed "$i"; done
	ended c
	out c | jq -se '.[1].data | keys == ["containers", "metrics", "sessions"]'
}

@test "the members of data are the record's own bytes" {
	start
	client c --count 2
	feed '{"type":"metrics",'"$STAMP"',"data":{ "big":9007199254740993, "e":1e400 ,"z":[1.0,"\u00e4"]}}'
	ended c
	out c | grep -F '"metrics":{ "big":9007199254740993, "e":1e400 ,"z":[1.0,"\u00e4"]}}'
}

@test "an event is the record itself, with its offset, as it happens" {
	start
	client c --count 3
	feed "$(alert 1)"
	feed "$(session s1)"
	ended c
	valid --wire "$BATS_TEST_TMPDIR/c.out"
	[ "$(out c | sed -n 2p)" = "$(alert 1 | sed 's/}$/,"offset":1}/')" ]
	[ "$(out c | jq -r .offset | paste -sd' ')" = '0 1 2' ]
}

@test "an event id is taken once" {
	start
	client c --count 3
	feed "$(alert 1)" "$(alert 1)" "$(alert 2)"
	ended c
	[ "$(out c | jq -r 'select(.id).id' | paste -sd' ')" = 'alert_1_1 alert_2_1' ]
}

@test "what a demo says is marked so" {
	start
	client c --count 3
	feed '{"type":"metrics",'"$STAMP"',"demo":true,"data":{"a":1}}'
	wait_for 10 has_lines c 2
	feed '{"type":"session_event","id":"d",'"$STAMP"',"demo":true,"source":"s","data":{}}'
	ended c
	out c | jq -se '.[1].demo and .[2].demo and (.[0] | has("demo") | not)'
}

@test "a record without a time stamp is stamped" {
	start
	client c --count 2
	feed '{"type":"my_event","id":"x"}'
	client d --send '{"type":"subscribe","subscriptions":["my_event"]}' --count 3
	wait_for 10 out_has d subscribed
	feed '{"type":"my_event","id":"y"}'
	ended d
	out d | jq -se '.[2].timestamp | test("^2[0-9-]{9}T[0-9:.]{12}Z$")'
}

@test "subscribe replaces the default set, then adds; subscribed lists the whole" {
	start
	feed "$METRICS" "$SESSIONS"
	ws --send '{"type":"subscribe","subscriptions":["metric"]}' --send '{"type":"subscribe","subscriptions":["session_event","containers.kato"]}' \
		--until containers.kato >"$BATS_TEST_TMPDIR/c.out"
	valid --wire "$BATS_TEST_TMPDIR/c.out"
	[ "$(jq -c 'select(.type == "subscribed").subscriptions' "$BATS_TEST_TMPDIR/c.out" | paste -sd' ')" = '["metrics"] ["containers.kato","metrics","session_events"]' ]
}

@test "only subscribed sections are sent, and only to who subscribed" {
	start
	client m --send '{"type":"subscribe","subscriptions":["metrics"]}' --until '"offset":3'
	client a --send '{"type":"subscribe","subscriptions":["system_alerts"]}' --until '"offset":3'
	wait_for 10 has_lines a 2
	wait_for 10 has_lines m 2
	feed "$METRICS" "$SESSIONS" "$(alert 1)" "$(session s1)"
	wait_for 10 out_has m realtime_update
	feed "$(alert 2)"
	ended a
	stop m || true
	[ "$(types a)" = 'connected subscribed system_alert system_alert' ]
	out m | jq -se '[.[] | select(.type == "realtime_update").data | keys[]] == ["metrics"] and (map(.type) | index("system_alert")) == null'
}

@test "a subscribe that adds nothing is answered by subscribed alone" {
	start
	feed "$METRICS"
	wait_for 10 eval 'ws --count 1 | grep -q metrics'
	ws --send '{"type":"subscribe","subscriptions":["metrics"]}' --send '{"type":"subscribe","subscriptions":["metrics"]}' --send ping \
		--until heartbeat >"$BATS_TEST_TMPDIR/c.out"
	[ "$(types c)" = 'connected realtime_update subscribed subscribed heartbeat' ]
}

@test "the two alternating lists of the old dashboard lose nothing and loop nothing" {
	start
	feed "$METRICS" "$CONTAINERS"
	for i in 1 2 3; do
		echo '{"type":"subscribe","subscriptions":["system_alerts"]}'
		echo '{"type":"subscribe","subscriptions":["metrics","containers","system_alerts"]}'
	done >"$BATS_TEST_TMPDIR/lists"
	client c --send "@$BATS_TEST_TMPDIR/lists" --seconds 30
	wait_for 10 has_lines c 8
	for i in 1 2 3 4 5; do
		feed "$METRICS" "$CONTAINERS"
		wait_for 10 eval "[ \$(grep -c realtime_update '$BATS_TEST_TMPDIR/c.out') -ge $((i + 1)) ]"
	done
	stop c || true
	[ "$(grep -c '"subscribed"' "$BATS_TEST_TMPDIR/c.out")" -eq 6 ]
	[ "$(grep -c realtime_update "$BATS_TEST_TMPDIR/c.out")" -le 7 ]
}

@test "unsubscribe takes away" {
	start
	ws --send '{"type":"unsubscribe","subscriptions":["metrics","sessions"]}' --count 2 | jq -se '.[1].subscriptions | index("metrics") == null and index("containers") != null'
}

@test "mode replace replaces, and shows only what is new" {
	start
	feed "$METRICS" "$SESSIONS"
	wait_for 10 eval 'ws --count 1 | grep -q sessions'
	ws --send '{"type":"subscribe","subscriptions":["metrics"]}' --send '{"type":"subscribe","subscriptions":["sessions"],"mode":"replace"}' \
		--send ping --until heartbeat >"$BATS_TEST_TMPDIR/c.out"
	[ "$(types c)" = 'connected realtime_update subscribed subscribed realtime_update heartbeat' ]
	out c | jq -se '.[3].subscriptions == ["sessions"] and (.[4].data | keys == ["sessions"])'
}

@test "containers.NAME is that container alone" {
	start
	feed "$CONTAINERS"
	wait_for 10 eval 'ws --count 1 | grep -q containers'
	ws --path '/ws?subscribe=containers.kato-redis' --count 3 | jq -se '.[2].data == {"containers":{"containers":[{"name":"kato-redis","cpu":0.1}]}}'
}

@test "any type can be subscribed to by name, and one thing of it by id" {
	start
	client all --path '/ws?subscribe=services' --count 4
	client one --path '/ws?subscribe=services.db' --count 3
	feed '{"type":"services","id":"api",'"$STAMP"',"data":{"x":1}}' '{"type":"services","id":"db",'"$STAMP"',"data":{"x":2}}'
	ended all
	ended one
	out all | jq -se '.[2:] | map(.id) | sort == ["api", "db"]'
	out one | jq -se '.[2] | .type == "services" and .id == "db" and .data.x == 2'
}

@test "the star is everything" {
	start
	client c --path '/ws?subscribe=*' --count 6
	feed "$METRICS" '{"type":"my_thing_event","id":"1",'"$STAMP"'}' '{"type":"services","id":"api",'"$STAMP"',"data":{}}' "$(session s)"
	ended c
	[ "$(jq -r .type "$BATS_TEST_TMPDIR/c.out" | sort | paste -sd' ')" = 'connected my_thing_event realtime_update services session_event subscribed' ]
}

@test "--state makes the last value of a type count" {
	start --state weather
	feed '{"type":"weather",'"$STAMP"',"data":{"t":1}}' '{"type":"weather",'"$STAMP"',"data":{"t":2}}'
	wait_for 10 eval 'ws --path "/ws?subscribe=weather" --count 3 --seconds 1 | grep -q "\"t\":2"'
}

@test "ping as text is answered by heartbeat, as JSON by pong" {
	start
	ws --send ping --send '{"type":"ping"}' --count 3 >"$BATS_TEST_TMPDIR/c.out"
	valid --wire "$BATS_TEST_TMPDIR/c.out"
	[ "$(types c)" = 'connected heartbeat pong' ]
}

@test "get_snapshot gives all known sections to the asker" {
	start
	feed "$METRICS" "$SESSIONS"
	wait_for 10 eval 'ws --count 1 | grep -q sessions'
	ws --path '/ws?subscribe=sessions' --send '{"type":"get_snapshot"}' --count 4 | jq -se '.[3].data | keys == ["sessions"]'
}

@test "bad messages get an error that says what is wrong; the connection stays" {
	start
	ws --send hello --send '[1]' --send '{"type":"dance"}' --send '{"type":"subscribe","subscriptions":["no such","metrics"]}' \
		--send '{"type":"subscribe","subscriptions":7}' --send '{"type":"subscribe","subscriptions":[],"every":0}' --send ping --until heartbeat \
		>"$BATS_TEST_TMPDIR/c.out"
	valid --wire "$BATS_TEST_TMPDIR/c.out"
	[ "$(jq -r 'select(.type == "error").code' "$BATS_TEST_TMPDIR/c.out" | paste -sd' ')" = 'bad_json bad_message unknown_type bad_topic bad_message bad_every' ]
	grep -q 'not a topic: no such' "$BATS_TEST_TMPDIR/c.out"
	jq -se 'map(select(.type == "subscribed"))[0].subscriptions == ["metrics"]' "$BATS_TEST_TMPDIR/c.out"
}

@test "every N: the newest value, never oftener, on one grid for all" {
	start
	client e1 --path '/ws?subscribe=metrics&every=0.5' --stamp --seconds 6 --count 5
	client e2 --path '/ws?subscribe=metrics&every=0.5' --stamp --seconds 6 --count 5
	for i in $(seq 200); do
		feed '{"type":"metrics",'"$STAMP"',"data":{"n":'"$i"'}}'
		kill -0 "$(pid_of e1)" 2>/dev/null || kill -0 "$(pid_of e2)" 2>/dev/null || break
		sleep 0.02
	done
	ended e1
	ended e2
	for c in e1 e2; do
		[ "$(grep -c realtime_update "$BATS_TEST_TMPDIR/$c.out")" -ge 2 ]
		awk -F'\t' '/realtime_update/ { if (last && $1 - last < 450000) exit 1; last = $1 }' "$BATS_TEST_TMPDIR/$c.out"
	done
	# both saw the same values
	[ "$(grep -o '"n":[0-9]*' "$BATS_TEST_TMPDIR/e1.out" | sort -u | comm -12 - <(grep -o '"n":[0-9]*' "$BATS_TEST_TMPDIR/e2.out" | sort -u) | wc -l)" -ge 2 ]
}

@test "since replays the events of the subscribed topics, then live, none twice" {
	start
	feed "$(alert 1)" "$(session s1)" "$(alert 2)" "$(alert 3)"
	wait_for 10 eval 'ws --count 1 | grep -q "\"offset\":4"'
	epoch=$(ws --count 1 | jq -r .epoch)
	client c --send '{"type":"subscribe","subscriptions":["system_alerts"],"since":{"epoch":"'"$epoch"'","offset":1}}' --until '"id":"alert_4_1"'
	wait_for 10 out_has c '"id":"alert_3_1"'
	feed "$(alert 4)"
	ended c
	[ "$(out c | jq -r 'select(.id).id' | paste -sd' ')" = 'alert_2_1 alert_3_1 alert_4_1' ]
	out c | jq -se '.[1].recovered and .[1].replayed == 2'
	ws --path "/ws?subscribe=system_alerts&epoch=$epoch&offset=3" --count 3 | jq -se '.[1].recovered and .[2].id == "alert_3_1"'
}

@test "an unknown epoch, a future offset or a short history is recovered:false and no replay" {
	start --history 2
	feed "$(alert 1)" "$(alert 2)" "$(alert 3)" "$(alert 4)"
	wait_for 10 eval 'ws --count 1 | grep -q "\"offset\":4"'
	epoch=$(ws --count 1 | jq -r .epoch)
	for since in 'other 3' "$epoch 5" "$epoch 1"; do
		read -r e o <<<"$since"
		ws --path "/ws?epoch=$e&offset=$o" --send ping --until heartbeat >"$BATS_TEST_TMPDIR/c.out"
		[ "$(types c)" = 'connected subscribed heartbeat' ]
		jq -se '.[1].recovered == false and .[1].replayed == 0' "$BATS_TEST_TMPDIR/c.out"
	done
	ws --path "/ws?epoch=$epoch&offset=x" --send ping --until heartbeat | jq -se 'map(.type) == ["connected", "error", "heartbeat"]'
}

@test "broken lines are counted, said with their number, and cost nothing else" {
	start
	client c --count 2
	feed '{"type":"metrics"' 'noise' '{"no":"type"}' '' '{"type":"metrics","data":null}'
	printf '\000\377\n' >&9
	head -c 1200000 /dev/zero | tr '\0' x >&9
	feed '' "$METRICS"
	ended c
	wait_for 10 err_has b 'line 1: .*dropped'
	wait_for 10 err_has b 'longer than 1 MiB'
	[ "$(grep -c 'dropped' "$BATS_TEST_TMPDIR/b.err")" -le 4 ]
	[ "$(counter lines_bad_total)" -ge 4 ]
}

@test "--ack-fd counts the lines taken" {
	mkfifo "$BATS_TEST_TMPDIR/ack"
	exec 8<>"$BATS_TEST_TMPDIR/ack"
	start --ack-fd 8
	feed "$METRICS" noise '' "$(alert 1)"
	printf 'half' >&9
	local n=0
	while [ "$n" -lt 4 ]; do read -r -t 10 -u 8 n || break; done
	exec 8>&-
	[ "$n" -eq 4 ]
}

@test "when the input ends it serves on, and says so" {
	start
	feed "$METRICS"
	printf '%s' "$SESSIONS" >&9	# a last line without newline counts
	exec 9>&-
	wait_for 10 err_has b 'input has ended'
	ws --count 2 | jq -se '.[1].data | keys == ["metrics", "sessions"]'
	[ "$(ps -o time= -p "$(pid_of b)" | tr -d ' ')" = 00:00:00 ]
}

@test "--exit-on-eof closes clients with 1001 and exits 0" {
	start --exit-on-eof
	client c --closes
	exec 9>&-
	ended c
	out c | grep -q '^close 1001 '
	wait_for 5 eval '! kill -0 "$(pid_of b)"'
	wait "$(pid_of b)"
}

@test "input from a file, from /dev/null and closed is taken to its end without spinning" {
	printf '%s\n' "$METRICS" "$(alert 1)" >"$BATS_TEST_TMPDIR/file"
	SPAWN_STDIN=$BATS_TEST_TMPDIR/file spawn b broadcaster --port 0
	PORT=$(port_of b)
	wait_for 10 err_has b 'input has ended'
	ws --count 2 | jq -se '.[0].offset == 1 and .[1].data.metrics'
	spawn n broadcaster --port 0
	wait_for 10 err_has n 'input has ended'
	spawn x bash -c 'exec <&-; exec broadcaster --port 0'
	wait_for 10 err_has x 'listening'
	sleep 0.5
	for p in b n x; do [ "$(ps -o time= -p "$(pid_of $p)" | tr -d ' ')" = 00:00:00 ]; done
}

@test "TERM closes clients with 1012 and exits 0 within two seconds" {
	start
	client c --clients 20 --closes --quiet
	local began=$EPOCHREALTIME
	stop b
	ended c
	[ "$(grep -c '^close 1012 ' "$BATS_TEST_TMPDIR/c.out")" -eq 20 ]
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 2) }'
}

@test "TERM does not wait for clients that do not answer" {
	start
	client c --no-read --seconds 20
	local began=$EPOCHREALTIME
	stop b
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 2.5) }'
}

@test "HUP re-reads the flags: no client is dropped, all are told" {
	printf 'WEBSOCKET_SYSTEM_ALERTS=true\n' >"$BATS_TEST_TMPDIR/env"
	start --settings "$BATS_TEST_TMPDIR/env"
	client c --until '"offset":2'
	printf 'WEBSOCKET_SYSTEM_ALERTS=false\n' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 10 has_lines c 2
	feed "$(alert 1)" "$(session s1)"
	ended c
	[ "$(types c)" = 'connected connected session_event' ]
	out c | jq -se '.[1].flags.system_alerts == false'
	printf 'WEBSOCKET_SYSTEM_ALERTS=perhaps\n' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 10 err_has b 'perhaps'
	ws --count 1
}

@test "WEBSOCKET_ENABLED=false answers 503 on /ws and serves the rest" {
	WEBSOCKET_ENABLED=false start
	run ws --status
	[[ $output == *' 503 '*application/problem+json*WEBSOCKET_ENABLED* ]]
	curl -sf "http://127.0.0.1:$PORT/healthz" 9>&-
}

@test "the flags keep sections and events from being pushed" {
	WEBSOCKET_CONTAINER_STATS=false WEBSOCKET_SESSION_EVENTS=false start
	client c --until '"offset":2'
	feed "$METRICS" "$CONTAINERS" "$SESSIONS" "$(session s1)"
	wait_for 10 out_has c realtime_update
	feed "$(alert 1)"
	ended c
	out c | jq -se '.[1].data | keys == ["metrics"]'
	[ "$(types c)" = 'connected realtime_update system_alert' ]
}

@test "WEBSOCKET_SELECTIVE_SUBSCRIPTIONS=false: every client gets everything" {
	WEBSOCKET_SELECTIVE_SUBSCRIPTIONS=false start
	client c --send '{"type":"subscribe","subscriptions":["metrics"]}' --until '"offset":1'
	wait_for 10 has_lines c 2
	feed "$(session s1)"
	ended c
}

@test "the port of the old dashboard: taken and not set means the next one, said" {
	/usr/bin/python3 -c 'import socket,time
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(("127.0.0.1",8080)); s.listen()
except OSError: pass
print("held", flush=True); time.sleep(60)' >"$BATS_TEST_TMPDIR/holder.out" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/holder.pid"
	wait_for 10 out_has holder held
	spawn b broadcaster
	PORT=$(port_of b)
	[ "$PORT" -gt 8080 ]
	wait_for 5 err_has b 'port 8080 is taken'
	run broadcaster --port "$PORT" </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *"port $PORT: the port is taken"* ]]
}

@test "--listen opens more ports" {
	start --listen 0 --listen 127.0.0.1:0
	wait_for 5 eval '[ "$(grep -c "listening on" "$BATS_TEST_TMPDIR/b.err")" -eq 3 ]'
	while read -r PORT; do ws --count 1; done < <(sed -n 's|.*listening on http://127.0.0.1:||p' "$BATS_TEST_TMPDIR/b.err")
	run broadcaster --port 0 --listen x:y </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'--listen x:y'* ]]
}

@test "bound wider than this machine it warns" {
	spawn b broadcaster --port 0 --host 0.0.0.0
	wait_for 10 err_has b 'can be reached from other machines'
	run broadcaster --host 192.0.2.1 --port 0 </dev/null
	[ "$status" -eq 2 ]
	[[ $output == *192.0.2.1* ]]
}

@test "wrong settings exit 2 and name what is wrong" {
	for o in '--port 70000' '--nonsense' '--coalesce x' '--ready-fd 77' 'operand'; do
		# shellcheck disable=SC2086
		run broadcaster $o </dev/null
		[ "$status" -eq 2 ]
		[[ $output == *"${o##* }"* ]]
	done
}

@test "a page of another origin is refused, our own and those listed are let in, programs pass" {
	CORS_ORIGINS=http://good.example:3001 start
	for o in http://evil.example "http://127.0.0.1:1" null http://good.example; do
		run ws --status --origin "$o"
		[[ $output == *' 403 '*problem+json*CORS_ORIGINS* ]]
	done
	run ws --status --header 'Origin: http://good.example:3001' --header 'Origin: http://good.example:3001'
	[[ $output == *' 403 '* ]]
	ws --count 1 --origin http://good.example:3001
	ws --count 1 --origin "http://127.0.0.1:$PORT"
	ws --count 1
}

@test "a Host that is not ours is refused" {
	start --server-name kato.example
	run ws --status --header "Host: evil.example:$PORT"
	[[ $output == *' 421 '* ]]
	ws --count 1 --header "Host: kato.example:$PORT"
	ws --count 1 --header "Host: localhost:$PORT" --origin "http://localhost:$PORT"
}

@test "requests that cannot be upgraded get an answer" {
	start
	run ws --status --path /other
	[[ $output == *' 404 '* ]]
	# shellcheck disable=SC2059 # escapes are wanted
	ask() { ws --status --raw-hex "$(printf "$1" | hex)" --seconds 3; }
	local get='GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
	[[ $(ask "${get}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n") == *' 426 '* ]]
	[[ $(ask "${get}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n") == *' 400 '* ]]
	[[ $(ask "${get}Sec-WebSocket-Version: 13\r\n\r\n") == *' 400 '* ]]
	[[ $(ask "${get}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n\r\n") == *' 400 '* ]]
	[[ $(ask "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n") == *' 400 '* ]]
	[[ $(ask "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n") == *' 400 '* ]]
}

@test "the subprotocol is echoed when offered" {
	start
	run ws --status --header 'Sec-WebSocket-Protocol: other, kato.v1+json' --count 1
	[[ $output == *'Protocol: kato.v1+json'* ]]
	run ws --status --count 1
	[[ $output != *'Protocol: kato'* ]]
}

@test "too many clients: 503; too many of an address: 429; too many a second: 429" {
	start --max-clients 3
	client c --clients 3 --seconds 20
	run ws --status
	[[ $output == *' 503 '*'Retry-After'*'too many clients'* ]]
	stop c || true
	stop b
	rm "$BATS_TEST_TMPDIR/feed"
	start --max-clients-per-address 2
	client c --clients 2 --seconds 20
	run ws --status
	[[ $output == *' 429 '* ]]
	stop c || true
	stop b
	rm "$BATS_TEST_TMPDIR/feed"
	start --connect-rate 2
	run ws --status --clients 10 --count 1 --number
	[[ $output == *' 429 '*'a second'* ]]
}

@test "a binary frame is closed with 1003, bad UTF-8 with 1007, a long message with 1009" {
	start
	run ws --closes --quiet --send-hex 828100000000ff
	[[ $output == 'close 1003 '* ]]
	run ws --closes --quiet --send-hex 818200000000c328
	[[ $output == 'close 1007 '* ]]
	head -c 4097 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
	run ws --closes --quiet --send "@$BATS_TEST_TMPDIR/long"
	[[ $output == 'close 1009 '* ]]
	head -c 10000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
	run ws --closes --quiet --send "@$BATS_TEST_TMPDIR/long"
	[[ $output == 'close 1009 '* ]]
}

@test "a message in fragments, with a ping between, is put together" {
	start
	# {"type":"p | ing"} , unmasked bytes xored with a zero mask
	run ws --send-hex 018a00000000"$(printf '{"type":"p' | hex)" --send-hex 898000000000 --send-hex 808500000000"$(printf 'ing"}' | hex)" --count 2
	[[ $output == *'"pong"'* ]]
}

@test "frames that break the protocol are closed with 1002" {
	start
	for hex in 838000000000 c18000000000 098000000000 808000000000; do
		run ws --closes --quiet --send-hex $hex
		[[ $output == 'close 1002 '* ]]
	done
}

@test "a flood of messages is ignored, said once a second, then closed with 1008" {
	start
	for i in $(seq 200); do echo '{"type":"ping"}'; done >"$BATS_TEST_TMPDIR/flood"
	run ws --closes --send "@$BATS_TEST_TMPDIR/flood"
	[[ $output == *'close 1008 '* ]]
	[ "$(grep -c '"pong"' <<<"$output")" -ge 60 ]
	[ "$(grep -c rate_limited <<<"$output")" -le 3 ]
}

@test "the same subscribe again and again is not counted" {
	start
	for i in $(seq 300); do echo '{"type":"subscribe","subscriptions":["metrics"]}'; done >"$BATS_TEST_TMPDIR/again"
	[ "$(ws --send "@$BATS_TEST_TMPDIR/again" --count 301 | grep -c '"subscribed"')" -eq 300 ]
}

@test "more than 64 topics: the first 64 count, and it is said" {
	start
	local list
	list=$(printf ',"t_%d"' $(seq 70))
	ws --send '{"type":"subscribe","subscriptions":['"${list#,}"']}' --count 3 >"$BATS_TEST_TMPDIR/c.out"
	jq -se '.[1].code == "too_many_topics" and (.[2].subscriptions | length == 64)' "$BATS_TEST_TMPDIR/c.out"
}

@test "a reader that stops is closed with 4108 when its events no longer fit; nobody else notices" {
	start --queue-bytes 64K
	client slow --no-read --rcvbuf 4096 --seconds 60
	client good --quiet --clients 5 --until '"id":"last"' --seconds 60
	local text
	text=$(head -c 20000 /dev/zero | tr '\0' x)
	# no faster than those who read can read
	caught_up() { [ "$(counter websocket_queue_bytes)" -lt 65536 ]; }
	for i in $(seq 200); do
		echo '{"type":"session_event","id":"e'"$i"'",'"$STAMP"',"data":"'"$text"'"}'
		[ $((i % 10)) -ne 0 ] || wait_for 20 caught_up >&2
	done >&9
	feed '{"type":"session_event","id":"last",'"$STAMP"',"data":1}'
	ended good
	[ "$(counter websocket_slow_closes_total)" -eq 1 ]
}

@test "a slow reader gets the newest state and every event, in order" {
	start
	local text
	text=$(head -c 30000 /dev/zero | tr '\0' x)
	client slow --rcvbuf 4096 --until '"id":"last"' --seconds 60
	kill -STOP "$(pid_of slow)"
	for i in $(seq 300); do echo '{"type":"metrics",'"$STAMP"',"data":{"n":'"$i"',"x":"'"$text"'"}}'; [ $((i % 100)) -ne 0 ] || sleep 0.2; done >&9
	feed "$(session s1)" "$(session s2)"
	feed '{"type":"session_event","id":"last",'"$STAMP"',"data":1}'
	wait_for 20 eval 'ws --count 1 | grep -q "\"offset\":3"'
	kill -CONT "$(pid_of slow)"
	ended slow
	[ "$(out slow | jq -r 'select(.id).id' | paste -sd' ')" = 's1 s2 last' ]
	[ "$(out slow | grep -c realtime_update)" -lt 60 ]
}

@test "clients that send rubbish instead of a handshake cost nobody anything" {
	start
	client good --until '"id":"last"' --seconds 60
	for hex in 00 ffffffffffffffff 474554 16030100 "$(head -c 9000 /dev/zero | tr '\0' A | hex)" 434f4e4e4543542078; do
		ws --raw-hex "$hex" --clients 20 --seconds 0.3 >/dev/null || true
	done
	feed "$(session last)"
	ended good
	ws --count 1
}

@test "half a handshake is cut off after five seconds" {
	start
	local began=$SECONDS
	ws --raw-hex "$(printf 'GET /ws HTTP/1.1\r\nHost: x\r\n' | hex)" --seconds 15 --closes | tail -n 1 | grep -qE '^(eof|reset)$'
	[ $((SECONDS - began)) -le 9 ]
}

@test "the example of --help that ends by itself works" {
	local line
	line=$(broadcaster --help | sed -n 's/^  \(echo .*exit-on-eof\)$/\1/p')
	[ -n "$line" ]
	timeout 10 bash -o pipefail -c "$line"
	broadcaster --version | grep -q '^broadcaster '
}

@test "who does not answer a ping is gone within 36 seconds, who does stays" {
	start
	client good --seconds 60 --quiet
	client half --no-pong --closes --quiet --clients 3 --seconds 60
	wait_for 40 eval '[ "$(counter websocket_active_connections)" = 1 ]'
	[ "$(out half | grep -cE '^(eof|reset)$')" -eq 3 ]
	[ "$(counter websocket_ping_timeouts_total)" -eq 3 ]
	kill -0 "$(pid_of good)"
}
