# Who a client is when proxies stand before the broadcaster: --trusted-proxy and X-Forwarded-For.
# wsclient is the proxy's side, 127.0.0.1; who looks on is 127.0.0.3, of this machine and trusted by nobody.
# shellcheck shell=bats disable=SC2016,SC2030,SC2031 # what eval gets is for later

bats_require_minimum_version 1.5.0
load helper

teardown() {
	stop_all
}

start() {
	spawn b broadcaster --port 0 --log-level debug "$@"
	PORT=$(port_of b)
}
# client NAME OPTION...: in the background, once its upgrade is through
client() {
	local name=$1
	shift
	spawn "$name" wsclient --hold --seconds 30 "$@" "$PORT"
	wait_for 20 err_has "$name" '^open '
}
look() { curl -s --interface 127.0.0.3 "http://127.0.0.1:$PORT/api/v1/ws/subscriptions" "$@"; }
addresses() { look | jq -r '.connections[].address' | sort | paste -sd' '; }
xff() { printf '%s' "X-Forwarded-For: $1"; }

@test "nobody is believed unless said so" {
	start
	client a --header "$(xff 192.0.2.7)"
	[ "$(addresses)" = 127.0.0.1 ]
}

@test "of a trusted proxy the last address that is no proxy's counts" {
	start --trusted-proxy 127.0.0.1 --trusted-proxy 10.0.0.0/8 --trusted-proxy fd00::/8
	client a --header "$(xff 192.0.2.7)"
	client b1 --header "$(xff '6.6.6.6, 192.0.2.8, 10.1.2.3')"
	client c --header "$(xff '[2001:db8::9]:4711, fd00::1')"
	client d --header "$(xff '192.0.2.10:80')"
	client e --header "$(xff 6.6.6.6)" --header "$(xff 192.0.2.11)"
	[ "$(addresses)" = "192.0.2.10 192.0.2.11 192.0.2.7 192.0.2.8 2001:db8::9" ]
}

@test "what is no address is not believed, and neither is what stands before it" {
	start --trusted-proxy 127.0.0.1 --trusted-proxy 10.0.0.0/8
	client a --header "$(xff 'unknown')"
	client b1 --header "$(xff '192.0.2.1, _hidden, 10.0.0.5')"
	client c --header "$(xff '127.0.0.1; DROP')"
	client d
	[ "$(addresses)" = "10.0.0.5 127.0.0.1 127.0.0.1 127.0.0.1" ]
}

@test "a proxy that is not trusted may say what it likes" {
	start --trusted-proxy 127.0.0.9
	client a --header "$(xff 192.0.2.7)" --header 'X-Real-IP: 192.0.2.7' --header 'Forwarded: for=192.0.2.7'
	[ "$(addresses)" = 127.0.0.1 ]
}

@test "the log names the client, not the proxy" {
	start --trusted-proxy 127.0.0.1
	wsclient --header "$(xff 192.0.2.7)" --count 1 "$PORT"
	wait_for 5 err_has b 'client 192.0.2.7 left'
	run -1 wsclient --header "$(xff 192.0.2.8)" --origin http://evil.example "$PORT"
	err_has b 'client 192.0.2.8 refused: 403'
}

@test "clients of an address are counted behind a proxy, each for itself" {
	start --trusted-proxy 127.0.0.1 --max-clients-per-address 2
	client a --clients 2 --header "$(xff 192.0.2.7)"
	client b1 --clients 2 --header "$(xff 192.0.2.8)"
	run -1 wsclient --header "$(xff 192.0.2.7)" "$PORT"
	grep -q 'HTTP/1.1 429' <<<"$output"
	# a forged address in front is no way round
	run -1 wsclient --header "$(xff '192.0.2.99, 192.0.2.7')" "$PORT"
	grep -q 'HTTP/1.1 429' <<<"$output"
	run stop a
	wait_for 5 wsclient --count 1 --header "$(xff 192.0.2.7)" "$PORT"
}

@test "connects of an address are counted behind a proxy" {
	start --trusted-proxy 127.0.0.1 --connect-rate 1
	wsclient --count 1 --header "$(xff 192.0.2.7)" "$PORT"
	wsclient --count 1 --header "$(xff 192.0.2.7)" "$PORT"
	run -1 wsclient --count 1 --header "$(xff 192.0.2.7)" "$PORT"
	grep -q 'HTTP/1.1 429' <<<"$output"
	wsclient --count 1 --header "$(xff 192.0.2.8)" "$PORT"
}

@test "an address told by a proxy is never this machine's own" {
	start --trusted-proxy 127.0.0.1
	# more than the limit of any other address: this machine's own has none unless set
	client own --clients 1
	spawn flood wsclient --clients 1100 --hold --seconds 30 --quiet --header "$(xff 127.0.0.1)" "$PORT"
	wait_for 20 err_has flood '^open'
	[ "$(look | jq .connected_clients)" -le 1001 ]
	grep -q 'HTTP/1.1 429' "$BATS_TEST_TMPDIR/flood.err"
}

@test "addresses are shown to this machine's own, and to nothing that was forwarded" {
	start --trusted-proxy 127.0.0.1
	client a
	[ "$(addresses)" = 127.0.0.1 ]
	shown() { look "$@" | jq -r '.connections[0].address // "none"'; }
	for h in "$(xff 192.0.2.1)" "$(xff 127.0.0.1)" 'Forwarded: for=127.0.0.1' 'X-Real-IP: 127.0.0.1' 'Via: 1.1 proxy' 'X-Forwarded-Proto: http' 'x-forwarded-host: localhost'; do
		[ "$(shown -H "$h")" = none ]
	done
	# and through the trusted proxy not even if that forgot to say so
	[ "$(curl -s "http://127.0.0.1:$PORT/api/v1/ws/subscriptions" | jq -r '.connections[0].address // "none"')" = none ]
}

@test "a browser's https: page behind a trusted proxy is our own, an http: page is not" {
	start --trusted-proxy 127.0.0.1 --server-name live.example
	wsclient --count 1 --header 'Host: live.example' --header 'X-Forwarded-Proto: https' --origin https://live.example "$PORT"
	run -1 wsclient --header 'Host: live.example' --header 'X-Forwarded-Proto: https' --origin http://live.example "$PORT"
	grep -q 'HTTP/1.1 403' <<<"$output"
	# where nobody says what the browser speaks, either will do
	wsclient --count 1 --header 'Host: live.example' --origin https://live.example "$PORT"
	wsclient --count 1 --header 'Host: live.example' --origin http://live.example "$PORT"
}

@test "HUP changes who is trusted" {
	echo 'KATO_LIVE_TRUSTED_PROXIES=10.0.0.1' >"$BATS_TEST_TMPDIR/env"
	start --settings "$BATS_TEST_TMPDIR/env"
	client a --header "$(xff 192.0.2.7)"
	[ "$(addresses)" = 127.0.0.1 ]
	echo 'KATO_LIVE_TRUSTED_PROXIES=10.0.0.1,127.0.0.1' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 5 err_has b 'settings read again'
	client b1 --header "$(xff 192.0.2.7)"
	[ "$(addresses)" = "127.0.0.1 192.0.2.7" ]
	echo 'KATO_LIVE_TRUSTED_PROXIES=10.0.0.1/99' >"$BATS_TEST_TMPDIR/env"
	kill -HUP "$(pid_of b)"
	wait_for 5 err_has b 'settings not changed: --trusted-proxy 10.0.0.1/99: not an address'
}

@test "what is no address is refused at start" {
	for bad in localhost 10.0.0.1/33 '10.0.0.1;10.0.0.2' 1.2.3.4:80; do
		run -2 broadcaster --port 0 --trusted-proxy "$bad" </dev/null
		grep -qF -- "--trusted-proxy $bad: not an address" <<<"$output"
	done
}

@test "through nginx: the client's address, and its own try to be another is in vain" {
	start --trusted-proxy 127.0.0.1
	mkdir -p "$BATS_TEST_TMPDIR/nginx"
	local port
	port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >"$BATS_TEST_TMPDIR/nginx.conf" <<-END
		daemon off; pid $BATS_TEST_TMPDIR/nginx/pid; error_log stderr; worker_processes 1;
		events {}
		http {
			access_log off; client_body_temp_path $BATS_TEST_TMPDIR/nginx; proxy_temp_path $BATS_TEST_TMPDIR/nginx;
			fastcgi_temp_path $BATS_TEST_TMPDIR/nginx; uwsgi_temp_path $BATS_TEST_TMPDIR/nginx; scgi_temp_path $BATS_TEST_TMPDIR/nginx;
			server {
				listen 127.0.0.1:$port;
				location / {
					proxy_pass http://127.0.0.1:$PORT; proxy_http_version 1.1;
					proxy_set_header Host \$http_host; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade;
					proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
				}
			}
		}
	END
	spawn n nginx -c "$BATS_TEST_TMPDIR/nginx.conf"
	wait_for 10 curl -sf -o /dev/null "http://127.0.0.1:$port/healthz"
	spawn c curl -s -N --interface 127.0.0.5 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'X-Forwarded-For: 192.0.2.1' "http://127.0.0.1:$port/ws" -o /dev/null
	wait_for 10 eval '[ "$(addresses)" = 127.0.0.5 ]'
}
