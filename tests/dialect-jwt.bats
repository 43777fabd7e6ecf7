#!/usr/bin/env bats
# Tokens as TopDeck's and OpenRisk's clients bring them, and how they are told of a bad one.
# shellcheck shell=bats disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper
load broadcaster

TOPDECK=/api/v1/ws/live-diagnostics
OPENRISK=/api/v1/ws/dashboard

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf 'a secret of more than thirty-two bytes, all told\n' >secret
}

start() {
	begin --jwt-key-file secret "$@"
	cat >&9 <<-'END'
		{"type":"dashboard","timestamp":"2026-11-20T22:04:45.219Z","data":{"metrics":{"total_risks":1},"top_risks":[]}}
		{"type":"service_health","timestamp":"2026-11-20T22:04:45.219Z","id":"api","data":{"resource_id":"api","status":"healthy","health_score":99}}
		{"type":"service_health","timestamp":"2026-11-20T22:04:45.219Z","id":"db","data":{"resource_id":"db","status":"failed","health_score":9}}
		{"type":"anomaly","timestamp":"2026-11-20T22:04:45.219Z","id":"api:x","data":{"alert_id":"a","resource_id":"api","metric_name":"x","severity":"low"}}
		{"type":"overall_health","timestamp":"2026-11-20T22:04:45.219Z","data":{"status":"critical"}}
	END
	wait_for 10 known
}
known() { get "$API/live-diagnostics/snapshot?token=$(token)" | jq -e '.overall_health == "critical"'; }
token() { katoctl token --key-file "${KEY:-secret}" "$@"; }
bad_tokens() { # one a line, an empty one first
	printf 'other key, long enough to be a good one, all told\n' >other
	echo
	echo nonsense
	KEY=other token
	odd-token make HS256 secret '{"exp":1}'
	odd-token make none secret '{}'
	odd-token make HS256 secret '{"aud":"somebody"}'
}

@test "OpenRisk: no good token is HTTP 401 before the upgrade, with an error in JSON" {
	start
	run -0 odd-token knock "$PORT" $OPENRISK
	[ "${lines[0]}" = 401 ]
	jq -e '.error == "unauthorized" and (.detail | length > 10)' <<<"${lines[-1]}"
	bad_tokens >bad
	while read -r bad; do
		run -0 odd-token knock "$PORT" "$OPENRISK?token=$bad"
		[ "${lines[0]}" = 401 ]
		jq -e '.error == "unauthorized"' <<<"${lines[-1]}"
		run -0 odd-token knock "$PORT" $OPENRISK "Authorization: Bearer $bad"
		[ "${lines[0]}" = 401 ]
	done < <(cat bad)
}

@test "OpenRisk: a good token is taken from the query and from the header" {
	start
	ws --path "$OPENRISK?token=$(token)" --count 1 | jq -e '.type == "dashboard_update" and .data.metrics.total_risks == 1'
	ws --path "$OPENRISK?token=" --header "Authorization: Bearer $(token)" --count 1 | jq -e '.data.metrics.total_risks == 1'
	ws --path "$OPENRISK" --header "Authorization: Bearer $(token)" --count 1 | jq -e '.data.metrics.total_risks == 1'
}

@test "TopDeck: no good token is accepted and closed with 1008, a reason, and not a word more" {
	start
	bad_tokens >bad
	while read -r bad; do
		for p in $TOPDECK /ws/live-diagnostics; do
			run -0 ws --closes --path "$p?update_interval=1&token=$bad"
			[[ $output =~ ^close\ 1008\ [a-z].{10,} ]]
			[ "${#lines[@]}" -eq 1 ]
		done
	done < <(cat bad)
	run -0 ws --closes --path $TOPDECK
	[[ $output == 'close 1008 '*token* ]]
	[ "$(curl -s -H "Authorization: Bearer $(token)" "http://127.0.0.1:$PORT/metrics" | sed -n 's/^kato_live_refused_total{reason="token"} //p')" -ge 13 ]
}

@test "TopDeck: a good token is taken from the query and from the header" {
	start
	ws --path "$TOPDECK?update_interval=5&token=$(token)" --count 2 | jq -se 'map(.type)[:2] == ["connected","snapshot_update"] and .[0].update_interval == 5'
	ws --path "$TOPDECK?token=" --header "Authorization: Bearer $(token)" --count 1 | jq -se '.[0].type == "connected"'
}

gone() { [ "$(get -H "Authorization: Bearer $(token)" "$API/ws/stats" | jq .active_connections)" = 0 ] && [ "$(clients)" = 0 ]; }
clients() { get -H "Authorization: Bearer $(token)" "http://127.0.0.1:$PORT/metrics" | sed -n 's/^websocket_active_connections //p'; }

@test "TopDeck: who has a bad token, says much and reads nothing is gone within seconds, and meanwhile counts as a client" {
	start --max-clients 3
	local request=$'GET /ws/live-diagnostics HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
	exec 5<>"/dev/tcp/127.0.0.1/$PORT" 6<>"/dev/tcp/127.0.0.1/$PORT"
	printf %s "$request" >&5
	printf %s "$request" >&6
	# a ping and a get_snapshot, masked with nothing
	for _ in 1 2 3; do printf '\x89\x80\x00\x00\x00\x00\x81\x97\x00\x00\x00\x00{"type":"get_snapshot"}' >&5; done
	wait_for 15 gone
	timeout 10 cat <&5 >said # the server ended it
	[ "$(grep -ac 1008 said)" = 0 ]
	[ "$(head -c 13 said)" = 'HTTP/1.1 101 ' ]
	grep -aq '"' said && return 1
	exec 5>&- 6>&-
	[ "$(odd-token knock "$PORT" "/ws?token=$(token)" | head -n 1)" = 101 ]
}

@test "over HTTP both take a token from the header and the query, and say 401 in their shapes" {
	start
	for p in dashboard/complete dashboard/top-risks; do
		[ "$(status "$API/$p")" = 401 ]
		get "$API/$p" | jq -e '.error == "unauthorized"'
		get "$API/$p?token=x" | jq -e '.error == "unauthorized"'
		[ "$(status "$API/$p?token=$(token)")" = 200 ]
		[ "$(status -H "Authorization: Bearer $(token)" "$API/$p?token=")" = 200 ]
	done
	for p in live-diagnostics/snapshot live-diagnostics/anomalies live-diagnostics/services/api/health live-diagnostics/health ws/live-diagnostics/health ../../ws/live-diagnostics/health; do
		[ "$(status --path-as-is "http://127.0.0.1:$PORT/api/v1/$p")" = 401 ] || [[ $p == ..* ]]
	done
	[ "$(status "http://127.0.0.1:$PORT/ws/live-diagnostics/health")" = 401 ]
	get "$API/live-diagnostics/snapshot" | jq -e 'keys == ["detail"]'
	[ "$(status "$API/live-diagnostics/snapshot?token=$(token)")" = 200 ]
	[ "$(status -H "Authorization: Bearer $(token)" "$API/live-diagnostics/health")" = 200 ]
	[ "$(status "$API/ws/stats")" = 401 ]
}

@test "a token's topics limit what the routes show" {
	start
	t=$(token --topics service_health,overall_health)
	get "$API/live-diagnostics/snapshot?token=$t" | jq -e '(.services | length) == 2 and .anomalies == []'
	[ "$(status "$API/live-diagnostics/anomalies?token=$t")" = 403 ]
	get "$API/live-diagnostics/anomalies?token=$t" | jq -e '.detail | contains("does not allow anomaly")'
	[ "$(status "$API/dashboard/complete?token=$t")" = 403 ]
	get "$API/dashboard/top-risks?token=$t" | jq -e '.error | contains("does not allow dashboard")'
	t=$(token --topics service_health.api)
	[ "$(get "$API/live-diagnostics/snapshot?token=$t" | jq -c '.services | map(.resource_id)')" = '["api"]' ]
	[ "$(status "$API/live-diagnostics/services/api/health?token=$t")" = 200 ]
	[ "$(status "$API/live-diagnostics/services/db/health?token=$t")" = 404 ]
	t=$(token --topics dashboard)
	[ "$(status "$API/live-diagnostics/snapshot?token=$t")" = 403 ]
	[ "$(get "$API/dashboard/metrics?token=$t")" = '{"total_risks":1}' ]
	# what one may see is never what another gets
	[ "$(get "$API/live-diagnostics/snapshot?token=$(token)" | jq -c '[(.services | length), (.anomalies | length)]')" = '[2,1]' ]
}

@test "a token that runs out ends the connection with 4001, in both" {
	start
	t=$(token --ttl 3)
	run -0 ws --closes --path "$TOPDECK?token=$t"
	[[ $output == *'close 4001 '* ]]
	t=$(token --ttl 3)
	run -0 ws --closes --path "$OPENRISK?token=$t"
	[[ $output == *'close 4001 '* ]]
}

@test "without a key an empty or any token is fine" {
	printf '' >none
	mkfifo feed
	exec 9<>feed
	SPAWN_STDIN=feed spawn b bash -c 'exec 9>&-; exec "$@"' - broadcaster --port 0
	PORT=$(port_of b)
	for p in "$TOPDECK?token=" "$TOPDECK?token=x.y.z" "$TOPDECK"; do ws --path "$p" --count 1 | jq -se '.[0].type == "connected"'; done
	for p in "$OPENRISK?token=" "$OPENRISK?token=x.y.z" "$OPENRISK"; do
		ws --path "$p" --send '{"action":"ping"}' --count 1 | jq -e '. == {"type":"pong"}'
	done
	[ "$(status "http://127.0.0.1:$PORT/api/v1/live-diagnostics/snapshot?token=")" = 200 ]
}
