#!/usr/bin/env bats
# What kato-operations(7) tells an operator: rolling out and back, beside an old dashboard, looking and mending.
# shellcheck shell=bash

load helper
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state KATO_CONTROL=$BATS_TEST_TMPDIR/control
}
teardown() { stop_all; }

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The configuration of share/nginx as it stands, but for the three addresses and the time after which silence is a hang.
nginx_conf() { # LISTEN KATO_LIVE OLD [READ_TIMEOUT]
	mkdir -p conf.d
	sed -e "s/listen 80;/listen 127.0.0.1:$1;/" -e "s/127\.0\.0\.1:8090/127.0.0.1:$2/" -e "s/127\.0\.0\.1:8080/127.0.0.1:$3/" \
		-e "s/proxy_read_timeout 60s/proxy_read_timeout ${4:-60s}/" "$ROOT/share/nginx/kato-live.conf" >conf.d/kato-live.conf
	local user=''
	[ "$(id -u)" != 0 ] || user='user root;'
	cat >nginx.conf <<-EOF
		daemon off; $user worker_processes 1; pid $PWD/nginx.pid; error_log stderr warn;
		events { worker_connections 256; }
		http {
		    access_log off;
		    client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
		    include $PWD/conf.d/*.conf;
		}
	EOF
}

nginx_start() { # [READ_TIMEOUT]: WEB, LIVE and OLD are the ports
	spawn old old-backend
	wait_for 10 out_has old '^[0-9]'
	OLD=$(cat old.out) LIVE=$(free_port) WEB=$(free_port)
	nginx_conf "$WEB" "$LIVE" "$OLD" "$@"
	spawn nginx nginx -p "$PWD/" -c "$PWD/nginx.conf" -e stderr
	wait_for 10 curl -s -o /dev/null "http://127.0.0.1:$WEB/"
}

live_start() { # a broadcaster on $LIVE, with all the demo's records
	[ -p feed ] || mkfifo feed
	SPAWN_STDIN=feed spawn broadcaster env KATO_LIVE_SERVER_NAMES=ops.example.org broadcaster --port "$LIVE"
	spawn replay sh -c "katoctl replay --retime --loop --speed 20 '$ROOT/share/demo/kato.ndjson' >feed"
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/api/v1/snapshot"
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/api/v1/sessions/count"
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/api/v1/system/container-stats"
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/api/v1/system/metrics"
}

web() { curl -s --max-time 10 -H 'Host: ops.example.org' "http://127.0.0.1:$WEB$1"; }
status_of() { curl -s --max-time 10 -o /dev/null -w '%{http_code}' -H 'Host: ops.example.org' "http://127.0.0.1:$WEB$1"; }
is_status() { [ "$(status_of "$1")" = "$2" ]; }

@test "nginx takes the configuration without a word" {
	nginx_conf 8000 8090 8080
	run nginx -q -t -p "$PWD/" -c "$PWD/nginx.conf" -e stderr
	[ "$status" -eq 0 ]
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "nginx sends the real-time routes to KATO Live and the rest to the old dashboard" {
	nginx_start
	live_start
	for route in system/metrics system/container-stats system/container-stats/kato 'system/stats?minutes=10' sessions/count snapshot \
		events alerts ws/stats ws/subscriptions; do
		web "/api/v1/$route" >answer
		jq -e 'type == "object" and has("old") == false and has("detail") == false' answer || { echo "$route"; cat answer; return 1; }
	done
	[ "$(status_of /readyz)" = 200 ]
	web /metrics | grep -q '^kato_live_'
	for route in / /sessions /api/v1/analytics/overview /api/v1/sessions /api/v1/sessions/abc /api/v1/databases/redis/keys /health \
		/api/v1/system/cache-stats; do
		web "$route" | jq -e --arg r "$route" '.old and .path == $r and .host == "ops.example.org"'
	done
}

# upgrade ORIGIN: the status line that a WebSocket handshake from a page of that origin gets, as a browser asks
upgrade() {
	curl -s -i -m 2 --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H "Origin: $1" \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'Host: ops.example.org' "http://127.0.0.1:$WEB/ws" | head -n 1 | tr -d '\r'
}

@test "a WebSocket through nginx: greeting, state, commands; pages of other origins and other names are refused" {
	nginx_start
	live_start
	wsclient --send '{"type":"get_snapshot"}' --send ping --until heartbeat "$WEB" >messages
	head -n 1 messages | jq -e '.type == "connected"'
	grep -q '"type":"realtime_update"' messages
	valid --wire messages
	[[ $(upgrade https://ops.example.org) == *' 101 '* ]]
	[[ $(upgrade http://ops.example.org) == *' 101 '* ]]
	[[ $(upgrade https://elsewhere.example) == *' 403 '* ]]
	[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: elsewhere.example' "http://127.0.0.1:$WEB/api/v1/ws/stats")" = 421 ]
	[ "$(status_of /ws)" = 426 ]
}

@test "through nginx nobody is a local user: no client's address is shown" {
	nginx_start
	live_start
	spawn client wsclient --hold --seconds 60 "$WEB"
	wait_for 10 err_has client 'open 1'
	web /api/v1/ws/subscriptions | jq -e '[.. | objects | has("address")] | any | not'
	curl -s "http://127.0.0.1:$LIVE/api/v1/ws/subscriptions" | jq -e '[.. | objects | has("address")] | any'
}

@test "a broadcaster that is killed: 502 on /ws, the old dashboard answers what it can, and all is well again after a restart" {
	nginx_start
	live_start
	spawn client wsclient --hold --closes --seconds 60 "$WEB"
	wait_for 10 out_has client connected
	kill -KILL "$(pid_of broadcaster)"
	wait_for 10 out_has client '^eof\|^reset\|^close'
	[ "$(status_of /ws)" = 502 ]
	[ "$(status_of /api/v1/snapshot)" = 502 ]
	for route in system/metrics system/container-stats 'system/stats?minutes=10' sessions/count; do
		web "/api/v1/$route" | jq -e .old
	done
	stop broadcaster || true
	stop replay || true
	live_start
	wsclient --until '"connected"' "$WEB" >/dev/null
	web /api/v1/system/metrics | jq -e 'has("old") == false'
}

@test "a client that says nothing stays connected for longer than nginx would wait" {
	nginx_start 28s
	mkfifo feed
	SPAWN_STDIN=feed spawn broadcaster env KATO_LIVE_SERVER_NAMES=ops.example.org broadcaster --port "$LIVE"
	exec 8>feed
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/healthz"
	spawn client wsclient --closes --seconds 32 "$WEB"
	wait "$(pid_of client)" || true
	rm -f client.pid
	exec 8>&-
	out_has client connected
	run ! grep '^eof\|^reset\|^close' client.out
}

@test "rolled out and back by the old dashboard's flags: all clients stay, each is told, HTTP serves on" {
	: >settings
	KATO_LIVE_PORT=0 spawn run katoctl run --demo --settings "$PWD/settings"
	wait_for 20 katoctl status
	port=$(port_of run)
	spawn client wsclient --hold --seconds 100 "$port"
	wait_for 10 out_has client '"realtime_update"'
	flag() { # NAME MEMBER: off, and what the next greeting says
		echo "$1=false" >>settings
		kill -HUP "$(pid_of run)"
		wait_for 10 sh -c "grep '\"connected\"' client.out | tail -n 1 | jq -e '.flags.$2 == false'"
	}
	flag WEBSOCKET_CONTAINER_STATS container_stats
	flag WEBSOCKET_SESSION_EVENTS session_events
	flag WEBSOCKET_SYSTEM_ALERTS system_alerts
	flag WEBSOCKET_SELECTIVE_SUBSCRIPTIONS selective_subscriptions
	wsclient --send '{"type":"get_snapshot"}' --until realtime_update "$port" >snapshot
	grep '"realtime_update"' snapshot | jq -e '.data | has("containers") or has("sessions") | not'
	flag WEBSOCKET_ENABLED enabled
	[ "$(wsclient --status "$port" | head -n 1 | cut -d ' ' -f 2)" = 503 ]
	for route in system/metrics system/container-stats sessions/count 'system/stats?minutes=10'; do
		curl -sf "http://127.0.0.1:$port/api/v1/$route" >answer
		jq -e 'type == "object"' answer
	done
	: >settings
	kill -HUP "$(pid_of run)"
	wait_for 10 sh -c "grep '\"connected\"' client.out | tail -n 1 | jq -e '[.flags[]] | all'"
	wsclient --send '{"type":"get_snapshot"}' --until containers "$port" >/dev/null
	kill -0 "$(pid_of client)"
}

@test "the old dashboard's .env is taken as it is" {
	port=$(free_port)
	cat >settings <<-EOF
		# Application
		APP_NAME=kato-dashboard
		HOST=127.0.0.1
		PORT=$port
		LOG_LEVEL=WARNING
		KATO_API_URL=http://127.0.0.1:1
		CACHE_TTL_SECONDS=30
		MAX_CACHE_SIZE=1000
		CORS_ORIGINS=http://localhost:3001,http://localhost:8080
		REDIS_URL=redis://:secret@kato-redis:6379
		ADMIN_PASSWORD=change"me
		DATABASE_READ_ONLY=true
		WEBSOCKET_ENABLED=true
		WEBSOCKET_CONTAINER_STATS=false
		ALERT_CPU_THRESHOLD=80.0
		ALERT_MEMORY_THRESHOLD=85.0
		ALERT_ERROR_RATE_THRESHOLD=0.05
		ALERT_COOLDOWN_SECONDS=60
	EOF
	spawn run katoctl run --no-demo --settings "$PWD/settings"
	wait_for 20 katoctl status
	wait_for 20 sh -c "katoctl status --json | jq -e '[.stages[].state == \"running\"] | all'"
	wsclient --until '"connected"' "$port" >messages
	head -n 1 messages | jq -e '.flags.container_stats == false and .flags.enabled'
	run ! grep -i 'setting\|secret' run.err
}

@test "LOG_LEVEL holds from the next HUP on" {
	mkfifo feed
	echo LOG_LEVEL=warning >settings
	SPAWN_STDIN=feed spawn broadcaster broadcaster --host 127.0.0.1 --port "${LIVE:=$(free_port)}" --settings "$PWD/settings"
	exec 8>feed
	wait_for 10 curl -sf "http://127.0.0.1:$LIVE/healthz"
	wsclient --until '"connected"' "$LIVE" >/dev/null
	run ! grep client broadcaster.err
	echo LOG_LEVEL=debug >settings
	kill -HUP "$(pid_of broadcaster)"
	again() { wsclient --until '"connected"' "$LIVE" >/dev/null && err_has broadcaster client; }
	wait_for 10 again
	exec 8>&-
}
