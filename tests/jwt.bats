#!/usr/bin/env bats
# Tokens: who is let in, what is seen, and when it ends.
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # run sets stderr; each test is a subshell of its own

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=$ROOT/tests/tools:$PATH
	printf 'a secret of more than thirty-two bytes, all told\n' >secret
}
teardown() { stop_all; }

# serve KEYFILE [option…]: a broadcaster with that key, fed by descriptor 7; PORT
serve() {
	local key=$1
	shift
	[ -p feed ] || mkfifo feed
	exec 7<>feed
	SPAWN_STDIN=feed spawn server broadcaster --port 0 --jwt-key-file "$key" "$@" 7>&-
	PORT=$(port_of server)
}

keys() { # an RSA key and one of P-256, with their public halves
	openssl genrsa -out rsa.pem 2048 2>/dev/null
	openssl ecparam -genkey -name prime256v1 -noout -out ec.pem
	for k in rsa ec; do openssl pkey -in $k.pem -pubout -out $k.pub; done
}

state() { printf '{"type":"%s","timestamp":"2026-11-20T22:00:00.000Z","source":"t","data":%s}\n' "$1" "$2" >&7; }
event() { printf '{"type":"%s","timestamp":"2026-11-20T22:00:00.000Z","source":"t","id":"%s","data":{}}\n' "$1" "$2" >&7; }
fill() { # one of each, and it is known
	state metrics '{"resources":{"cpu_percent":1}}'
	state sessions '{"active_count":5,"total_count":9}'
	state containers '{"containers":[{"name":"a","cpu_percent":1},{"name":"b","cpu_percent":2}],"aggregated":{"total_cpu_percent":3}}'
	state source_status '{"status":"up"}'
	event session_event e1
	event system_alert e2
	event weather e3
	wait_for 10 known
}
known() { [ "$(curl -s -H "Authorization: Bearer $(token)" "http://127.0.0.1:$PORT/api/v1/events" | jq .offset)" = 3 ]; }

token() { katoctl token --key-file "${KEY:-secret}" "$@"; }
now() { date +%s; }
code() { # TOKEN PATH
	curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $1" "http://127.0.0.1:$PORT$2"
}
door() { odd-token knock "$PORT" "$@"; } # the status stands in the first line

@test "without a token: 401 with a challenge, before the upgrade, and the open routes stay open" {
	serve secret
	run -0 door /ws
	[ "${lines[0]}" = 401 ]
	[[ "$output" == *'WWW-Authenticate: Bearer realm="kato-live"'* ]]
	for p in /ws /events /metrics /health /api/v1/health /api/v1/state /api/v1/no/such /api/v1/ws/stats; do
		[ "$(curl -s -o body -D head -w '%{http_code}' "http://127.0.0.1:$PORT$p")" = 401 ] || { echo "$p"; return 1; }
		[ "$(jq -r .status body)" = 401 ]
		grep -qi '^content-type: application/problem+json' head
		grep -qi '^www-authenticate: Bearer' head
	done
	for p in /healthz /readyz /config.json / /live.js; do
		[ "$(curl -s -o body -w '%{http_code}' "http://127.0.0.1:$PORT$p")" = 200 ] || { echo "$p"; return 1; }
	done
	[ "$(curl -s -o body -w '%{http_code}' -X OPTIONS "http://127.0.0.1:$PORT/api/v1/state")" = 204 ]
}

@test "a token is taken from the header, the query and the subprotocol, which is not echoed" {
	local t
	serve secret
	t=$(token)
	for how in "/ws|Authorization: Bearer $t" "/ws|authorization: bearer   $t" "/ws?subscribe=x&token=$t|Accept: */*" \
		"/ws|Sec-WebSocket-Protocol: bearer.$t" "/ws|Authorization: Basic YTpi, Bearer $t"; do
		run -0 door "${how%%|*}" "${how#*|}"
		[ "${lines[0]}" = 101 ] || { echo "$how: $output"; return 1; }
		[[ "$output" != *'Sec-WebSocket-Protocol'* ]]
		[[ "$output" != *"$t"* ]]
	done
	for offer in "kato.v1+json, bearer.$t" "bearer.$t,kato.v1+json"; do
		run -0 door /ws "Sec-WebSocket-Protocol: $offer"
		[ "${lines[0]}" = 101 ]
		[[ "$output" == *'Sec-WebSocket-Protocol: kato.v1+json'* ]]
		[[ "$output" != *bearer* ]]
	done
	run -0 door /ws "Sec-WebSocket-Protocol: kato.v1+json" "Sec-WebSocket-Protocol: bearer.$t"
	[ "${lines[0]}" = 101 ]
	[ "$(curl -s -o body -w '%{http_code}' "http://127.0.0.1:$PORT/health?token=$t")" = 200 ]
}

@test "several tokens must be the same" {
	local t u
	serve secret
	t=$(token)
	u=$(token --ttl 77)
	run -0 door "/ws?token=$t" "Authorization: Bearer $t" "Sec-WebSocket-Protocol: bearer.$t"
	[ "${lines[0]}" = 101 ]
	for how in "Authorization: Bearer $u" "Sec-WebSocket-Protocol: bearer.$u" "Authorization: Bearer"$'\r\n'"Authorization: Bearer $u"; do
		run -0 door "/ws?token=$t" "$how"
		[ "${lines[0]}" = 400 ]
		[[ "$output" == *'error="invalid_request"'* ]]
	done
	run -0 door /ws "Authorization: Bearer $t" "Authorization: Bearer $u"
	[ "${lines[0]}" = 400 ]
}

@test "RS256 and ES256 with a public key, by the kind of key" {
	keys
	for k in rsa ec; do
		serve $k.pub
		KEY=$k.pem
		run -0 door /ws "Authorization: Bearer $(token)"
		[ "${lines[0]}" = 101 ]
		run -0 door /ws "Authorization: Bearer $(odd-token make "$([ $k = rsa ] && echo RS256 || echo ES256)" $k.pem '{}')"
		[ "${lines[0]}" = 101 ]
		stop server
	done
}

@test "another algorithm than the key's is refused, whatever the token says" {
	local t
	keys
	serve rsa.pub
	for t in "$(odd-token make HS256 rsa.pub '{}')" "$(odd-token make none - '{}')" "$(odd-token make none - '{}' '{"alg":"None"}')" \
		"$(odd-token make ES256 ec.pem '{}')" "$(odd-token make RS256 rsa.pem '{}' '{"alg":"HS256"}')" \
		"$(odd-token make RS256 rsa.pem '{}' '{"alg":"rs256"}')" "$(odd-token make RS256 rsa.pem '{}' '{"alg":null}')" \
		"$(odd-token make RS256 rsa.pem '{}' '{"alg":["RS256"]}')" "$(odd-token make RS256 rsa.pem '{}' '{"alg":"RS512"}')"; do
		[ "$(code "$t" /health)" = 401 ] || { echo "$t"; return 1; }
		run -0 door /ws "Authorization: Bearer $t"
		[ "${lines[0]}" = 401 ]
	done
	stop server
	serve secret
	for t in "$(odd-token make none - '{}')" "$(odd-token make none - '{}')e30" "$(odd-token make HS256 secret '{}' '{"alg":"HS512"}')" \
		"$(odd-token make HS256 secret '{}' '{"alg":"none"}')" "$(odd-token make RS256 rsa.pem '{}')"; do
		[ "$(code "$t" /health)" = 401 ] || { echo "$t"; return 1; }
	done
	[ "$(code "$(odd-token make HS256 secret '{}')" /health)" = 200 ]
}

@test "a signature that is not right is refused, to its last bit" {
	local t last
	keys
	for key in secret:HS256:secret rsa.pub:RS256:rsa.pem ec.pub:ES256:ec.pem; do
		IFS=: read -r file alg signer <<<"$key"
		serve "$file"
		t=$(odd-token make "$alg" "$signer" '{"topics":["metrics"]}')
		[ "$(code "$t" /health)" = 200 ]
		last=$(printf %s "${t: -1}" | tr 'A-Za-z0-9_-' 'B-ZAb-za1-90\-_')
		for bad in "${t%?}$last" "${t}A" "$t=" "$t." "${t%?}" "${t%.*}." "${t%.*}" "$t.$t" "$t!" \
			"${t%%.*}.$(printf '{"topics":["*"]}' | base64 -w0 | tr -d =).${t##*.}" "$(odd-token make "$alg" "$signer" '{}' | cut -d. -f1,2).${t##*.}"; do
			[ "$(code "$bad" /health)" = 401 ] || { echo "$alg: $bad"; return 1; }
		done
		stop server
	done
}

@test "exp, nbf and aud: run out, not yet, for somebody else, and what is none of them" {
	local n
	n=$(now)
	serve secret
	cat >good <<-END
		{}
		{"exp":$((n + 60))}
		{"exp":$((n + 60)).5}
		{"exp":1e300}
		{"nbf":$n}
		{"nbf":$((n - 5)),"exp":$((n + 60)),"iat":$((n + 99))}
		{"aud":"kato-live"}
		{"aud":["x","kato-live"]}
		{"sub":"me","aud":"kato-live"}
	END
	cat >bad <<-END
		{"exp":$((n - 1))}
		{"exp":$n}
		{"exp":0}
		{"exp":-1}
		{"exp":"9999999999"}
		{"exp":null}
		{"exp":true}
		{"exp":[9999999999]}
		{"exp":$((n + 60)),"exp":$((n - 60))}
		{"nbf":$((n + 60))}
		{"nbf":"1"}
		{"nbf":1e300}
		{"aud":"kato"}
		{"aud":"KATO-LIVE"}
		{"aud":[]}
		{"aud":["x"]}
		{"aud":null}
		{"aud":7}
		{"aud":["kato-live",7]}
		{"topics":7}
		{"topics":null}
		{"topics":{"metrics":true}}
		{"topics":["metrics",7]}
		{"topics":["Not One"]}
		{"topics":["metrics",""]}
		{"topics":["metrics\u0000"]}
		[]
		"text"
		7
		{
		null

	END
	for kind in good:200 bad:401; do
		paste -d' ' <(odd-token many secret <${kind%:*}) ${kind%:*} >tokens
		while read -r t claims; do
			[ "$(code "$t" /health)" = "${kind#*:}" ] || { echo "$claims"; return 1; }
			[ "${kind#*:}" = 200 ] || jq -e '.status == 401 and (.detail | length > 10)' body
		done <tokens
	done
	stop server
	serve secret --jwt-audience ours
	[ "$(code "$(token --audience ours)" /health)" = 200 ]
	[ "$(code "$(token --audience kato-live)" /health)" = 401 ]
	[ "$(code "$(token)" /health)" = 200 ]
}

@test "garbage of every kind is refused, and the server lives on" {
	local t giant
	serve secret
	giant=$(head -c 3073 /dev/zero | tr '\0' a)
	for t in . .. ... a.b.c 'e30.e30.e30' '%00' 'ä.ö.ü' "$(printf 'e30.\xff\xfe.e30')" "$giant" "a.$giant.b" "${giant:0:1000}.${giant:0:1000}.${giant:0:1000}" \
		"$(odd-token make HS256 secret '{}' '{"crit":["b64"],"b64":false}')" "$(odd-token make HS256 secret '{}' '{"typ":"at+jwt"}')"; do
		[ "$(code "$t" /health)" = 401 ] || { echo "${t:0:80}"; return 1; }
		run -0 door /ws "Authorization: Bearer $t"
		[ "${lines[0]}" = 401 ] || { echo "${t:0:80}: $output"; return 1; }
		run -0 door /ws "Sec-WebSocket-Protocol: kato.v1+json, bearer.$t"
		[[ "${lines[0]}" = 40[01] ]] || { echo "${t:0:80}: $output"; return 1; }
	done
	run door /ws "Authorization: Bearer $giant$giant$giant"
	[[ "${lines[0]}" != 101 ]]
	[ "$(code "$(token)" /health)" = 200 ]
}

@test "topics limit what a WebSocket client gets: by default, by name, and by *" {
	serve secret
	fill
	token --topics metrics,session_events,containers.b,weather >t
	export KATO_LIVE_TOKEN_FILE=t
	spawn plain katoctl tail "127.0.0.1:$PORT"
	spawn star katoctl tail "127.0.0.1:$PORT" --subscribe '*'
	spawn beyond katoctl tail "127.0.0.1:$PORT" --subscribe 'metrics,sessions,containers,containers.b,containers.a,boo'
	for c in plain star beyond; do wait_for 10 out_has $c '"realtime_update"'; done
	[ "$(head -n 1 plain.out | jq -c .topics)" = '["metrics","containers","session_events","weather"]' ]
	for c in session_event weather system_alert; do event "$c" "live-$c"; done
	wait_for 10 out_has star live-weather
	wait_for 10 out_has plain live-session_event
	state sessions '{"active_count":6}'
	state metrics '{"resources":{"cpu_percent":2}}'
	for c in plain star beyond; do wait_for 10 out_has $c '"cpu_percent":2'; done
	for c in plain star beyond; do run ! grep -E 'active_count|"name":"a"|total_cpu|system_alert"|source_status|live-system' $c.out; done
	run ! out_has plain live-weather
	jq -se 'map(select(.type == "subscribed"))[0].subscriptions == ["containers.b","metrics","session_events","weather"]' star.out
	jq -se 'map(select(.type == "error"))[0] | .code == "forbidden" and .detail == ["sessions","containers","containers.a","boo"]' beyond.out
	jq -se 'map(select(.type == "subscribed"))[0].subscriptions == ["containers.b","metrics"]' beyond.out
}

@test "topics limit what HTTP tells: its own, 403 for the rest" {
	local t
	serve secret
	fill
	t=$(token --topics metrics,session_events,containers.b)
	for p in /api/v1/system/metrics /api/v1/system/container-stats/b /api/v1/state /api/v1/snapshot /api/v1/events '/api/v1/events?type=session_events' \
		/api/v1/analytics/overview /api/v1/system/stats /health '/api/v1/state?topics=metrics,sessions'; do
		[ "$(code "$t" "$p")" = 200 ] || { echo "$p"; return 1; }
		run ! grep -E 'active_count|"name":"a"|container\.a|total_cpu|system_alert|source_status|weather|containers_cpu' body
	done
	for p in /api/v1/system/container-stats /api/v1/system/container-stats/a /api/v1/sessions/count '/api/v1/events?type=system_alert' '/api/v1/events?type=system_alerts' \
		/api/v1/alerts /metrics /api/v1/ws/stats /api/v1/ws/subscriptions '/api/v1/state?topics=sessions,containers.a'; do
		[ "$(code "$t" "$p")" = 403 ] || { echo "$p"; return 1; }
		[ "$(jq -r .title body)" = Forbidden ]
	done
	curl -s -o body -D head -H "Authorization: Bearer $t" "http://127.0.0.1:$PORT/metrics"
	grep -qi '^www-authenticate: Bearer .*insufficient_scope' head
	for p in /metrics /api/v1/ws/stats /api/v1/ws/subscriptions /api/v1/sessions/count; do
		[ "$(code "$(token)" "$p")" = 200 ] || { echo "$p"; return 1; }
		[ "$(code "$(token --topics '*')" "$p")" = 200 ] || { echo "$p"; return 1; }
	done
	[ "$(code "$(odd-token make HS256 secret '{"topics":"metrics, sessions"}')" /api/v1/sessions/count)" = 200 ]
	[ "$(code "$(odd-token make HS256 secret '{"topics":[]}')" /api/v1/snapshot)" = 403 ]
}

@test "an answer that was kept for one is not given to another" {
	serve secret
	fill
	for _ in 1 2 3; do
		[ "$(code "$(token)" /api/v1/state)" = 200 ]
		grep -q active_count body
		[ "$(code "$(token --topics metrics)" /api/v1/state)" = 200 ]
		run ! grep active_count body
		[ "$(code x /api/v1/state)" = 401 ]
	done
}

@test "a token that runs out closes its WebSocket with 4001 and ends its stream, not before" {
	local began
	serve secret
	token --ttl 3 >short
	began=$(date +%s%N)
	spawn stream curl -sN -H "Authorization: Bearer $(cat short)" "http://127.0.0.1:$PORT/events"
	spawn other katoctl tail "ws://127.0.0.1:$PORT/ws?token=$(token)"
	run -1 --separate-stderr katoctl tail "ws://127.0.0.1:$PORT/ws?token=$(cat short)"
	[[ "$stderr" == *4001* ]]
	[ $((($(date +%s%N) - began) / 1000000)) -ge 1900 ]
	wait_for 5 gone stream
	event weather e9
	wait_for 10 has_lines other 1
	[ "$(code "$(cat short)" /health)" = 401 ]
}
gone() { ! kill -0 "$(pid_of "$1")" 2>/dev/null; }

@test "streams of events obey the same rules" {
	serve secret
	fill
	run -0 curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/events?token=x"
	[ "$output" = 401 ]
	spawn stream curl -sN "http://127.0.0.1:$PORT/events?subscribe=*&token=$(token --topics metrics)"
	wait_for 10 out_has stream '"cpu_percent":1'
	run ! grep -E 'active_count|total_cpu|weather' stream.out
}

@test "tail shows the token of its file, comes back with a fresh one after 4001, and stops at 401" {
	serve secret
	token --ttl 2 >t
	KATO_LIVE_TOKEN_FILE=t spawn tail katoctl tail "127.0.0.1:$PORT"
	wait_for 10 has_lines tail 1
	token >t
	wait_for 10 err_has tail 'connected again'
	stop tail
	token --ttl 1 >t
	run -2 --separate-stderr katoctl tail --token-file t "127.0.0.1:$PORT"
	[[ "$stderr" == *'HTTP 401: it does not take our token'* ]]
	run -2 --separate-stderr katoctl tail "127.0.0.1:$PORT"
	[[ "$stderr" == *'HTTP 401: it wants a token: --token-file FILE'* ]]
	for bad in /no/such /dev/null; do run -2 katoctl tail --token-file $bad "127.0.0.1:$PORT"; done
	mkdir credentials
	token >credentials/token
	CREDENTIALS_DIRECTORY=$PWD/credentials spawn again katoctl tail "127.0.0.1:$PORT"
	wait_for 10 has_lines again 1
}

@test "a key that cannot be used ends the start with 2, and says why" {
	keys
	openssl genrsa -out small.pem 1024 2>/dev/null
	openssl pkey -in small.pem -pubout -out small.pub
	openssl ecparam -genkey -name secp384r1 -noout | openssl pkey -pubout -out p384.pub
	openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out ed.pub
	openssl pkey -in rsa.pem -pubout -outform DER -out rsa.der
	head -c 200 rsa.pub >cut.pub
	: >empty
	echo >newline
	for k in no-such empty newline rsa.pem ec.pem small.pub p384.pub ed.pub rsa.der cut.pub .; do
		run -2 --separate-stderr broadcaster --port 0 --jwt-key-file "$k" </dev/null
		[[ "$stderr" == *"--jwt-key-file $k: "* ]] || { echo "$k: $stderr"; return 1; }
		[[ "$stderr" != *listening* ]]
	done
	run -2 --separate-stderr env KATO_LIVE_JWT_KEY_FILE=no-such broadcaster --port 0 </dev/null
}

@test "HUP reads the key again: the same one drops nobody, a broken one changes nothing, another closes with 4001" {
	serve secret
	token >t
	spawn tail katoctl tail --token-file t "127.0.0.1:$PORT"
	wait_for 10 has_lines tail 1
	kill -HUP "$(pid_of server)"
	wait_for 10 err_has server 'settings read again'
	: >secret.new && cp secret keep && cp secret.new secret
	kill -HUP "$(pid_of server)"
	wait_for 10 err_has server 'the key stays as it was'
	[ "$(code "$(KEY=keep token)" /health)" = 200 ]
	run ! err_has tail closed
	echo 'another secret that is more than thirty-two bytes' >secret
	token >t
	kill -HUP "$(pid_of server)"
	wait_for 10 err_has server 'the key has changed'
	wait_for 10 err_has tail 4001
	wait_for 10 err_has tail 'connected again'
	[ "$(code "$(KEY=keep token)" /health)" = 401 ]
}

@test "no token stands in the log, the metrics, the list of clients, an answer or the arguments of tail" {
	local t
	serve secret --log-level debug
	fill
	t=$(token)
	echo "$t" >t
	spawn tail katoctl tail --token-file t "127.0.0.1:$PORT"
	wait_for 10 has_lines tail 1
	door "/ws?token=$t" "Sec-WebSocket-Protocol: kato.v1+json, bearer.$t" >seen
	for p in /metrics /api/v1/ws/subscriptions /api/v1/ws/stats "/api/v1/no/such?token=$t" "/api/v1/events?type=X&token=$t" "/ws?token=$t" "/api/v1/state?token=$t&topics=X"; do
		code "$t" "$p" >>seen
		cat body >>seen
	done
	tr '\0' ' ' <"/proc/$(pid_of tail)/cmdline" >>seen
	run ! grep -F "${t##*.}" seen server.err
	run ! grep -F "${t%%.*}." seen server.err
	run ! grep -F 'a secret of' seen server.err
}

@test "without a key nobody is asked: a token is let be, and listening wider is warned of" {
	SPAWN_STDIN=/dev/null spawn server broadcaster --port 0
	PORT=$(port_of server)
	run -0 door /ws "Sec-WebSocket-Protocol: kato.v1+json, bearer.whatever" "Authorization: Bearer x"
	[ "${lines[0]}" = 101 ]
	[[ "$output" == *'Sec-WebSocket-Protocol: kato.v1+json'* ]]
	stop server
	SPAWN_STDIN=/dev/null spawn wide broadcaster --host 0.0.0.0 --port 0
	wait_for 10 err_has wide 'nobody is asked for a token'
	SPAWN_STDIN=/dev/null spawn kept broadcaster --host 0.0.0.0 --port 0 --jwt-key-file secret
	wait_for 10 err_has kept 'listening on'
	wait_for 10 err_has kept 'the input has ended'
	run ! err_has kept 'nobody is asked'
}

@test "an empty Origin is refused like a foreign one" {
	serve secret
	for o in 'Origin:' 'Origin: ' 'Origin: null' 'Origin: http://evil.example' "Origin: http://127.0.0.1:$PORT"$'\r\n'"Origin: http://127.0.0.1:$PORT"; do
		run -0 door /ws "$o" "Authorization: Bearer $(token)"
		[ "${lines[0]}" = 403 ] || { echo "$o: $output"; return 1; }
	done
	run -0 door /ws "Origin: http://127.0.0.1:$PORT" "Authorization: Bearer $(token)"
	[ "${lines[0]}" = 101 ]
}

@test "token signs with a secret and with private keys, and says what it cannot use" {
	keys
	for k in secret rsa.pem ec.pem; do
		KEY=$k run -0 --separate-stderr token --topics a,b --topics c --audience x --ttl 9
		[ "${#lines[@]}" -eq 1 ]
		[ -z "$stderr" ]
		cut -d. -f2 <<<"$output" | tr _- /+ | base64 -d 2>/dev/null | jq -e '.topics == ["a","b","c"] and .aud == "x" and .exp - .iat == 9'
	done
	KEY=secret run -0 token --ttl 0
	cut -d. -f2 <<<"$output" | base64 -d 2>/dev/null | jq -e 'has("exp") or has("topics") or has("aud") | not'
	openssl genrsa -aes128 -passout pass:x -out locked.pem 2048 2>/dev/null
	: >empty
	for k in rsa.pub empty no-such locked.pem; do KEY=$k run -2 token; done
	run -2 katoctl token
}
