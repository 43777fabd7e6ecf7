#!/usr/bin/env bats
# The stand-in for KATO answers as the captures in tests/fixtures/kato do: what the other tests build on.
# shellcheck shell=bash

load helper

teardown() { stop_all; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	kato
}

kato() { # OPTION...
	[ ! -e kato.pid ] || stop kato || true
	rm -f kato.out
	spawn kato kato-standin "$@"
	wait_for 10 out_has kato '^[0-9]*$'
	url=http://127.0.0.1:$(head -n 1 kato.out)
}

# Numbers, hexadecimal words and the digits of times do not matter, everything else does.
shape() { sed -E 's/session-[0-9a-f]{32}-[0-9]+/ID/g; s/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/0/g' "$@"; }
same_shape() { diff <(curl -s "$url$1" | shape) <(shape "$FIXTURES/kato/$2"); }

@test "the metrics, the health and the count have the bytes of the captures but for the numbers" {
	same_shape /metrics metrics.json
	same_shape /health health.json
	same_shape /sessions/count sessions-count.json
	[ "$(curl -s "$url/sessions/count")" = "$(cat "$FIXTURES/kato/sessions-count.json")" ]
}

@test "the statistics have the members of the capture in their order" {
	diff <(curl -s "$url/stats" | jq -c '[paths(type != "array") | map(select(type == "string"))] | unique_by(.) | map(select(.[0] != "time_series"))') \
		<(jq -c '[paths(type != "array") | map(select(type == "string"))] | unique_by(.) | map(select(.[0] != "time_series"))' "$FIXTURES/kato/stats.json")
	diff <(curl -s "$url/stats" | jq -c '.time_series | keys_unsorted') <(jq -c '.time_series | keys_unsorted' "$FIXTURES/kato/stats.json")
}

@test "it serves with the headers of uvicorn" {
	curl -si "$url/metrics" | tr -d '\r' | sed '/^$/q' | sed 's/:.*//' >headers
	[ "$(sed -n 1p headers)" = 'HTTP/1.1 200 OK' ]
	[ "$(sed -n '2,5p' headers | paste -sd' ')" = 'date server content-length content-type' ]
}

@test "a session's life is told with the bytes of the captures" {
	/usr/bin/python3 - "${url##*:}" >events <<-'END'
		import base64, json, os, socket, sys, urllib.request
		port = int(sys.argv[1])
		s = socket.create_connection(("127.0.0.1", port), timeout=10)
		s.sendall(b"GET /ws/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		          b"Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) + b"\r\n\r\n")
		f = s.makefile("rb")
		while f.readline() != b"\r\n":
		    pass

		def message():
		    first, n = f.read(2)
		    assert first == 0x81
		    if n == 126:
		        n = int.from_bytes(f.read(2), "big")
		    return f.read(n).decode()

		def ask(method, path, body=None):
		    q = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, data=body)
		    return json.load(urllib.request.urlopen(q, timeout=10))

		print(message())
		made = ask("POST", "/sessions", b'{"node_id":"n2"}')
		print(message())
		ask("DELETE", "/sessions/" + made["session_id"])
		print(message())
		s.sendall(b"\x81\x84abcd" + bytes(a ^ b for a, b in zip(b"ping", b"abcd")))
		assert message() == "pong"
	END
	diff <(shape events) <(shape "$FIXTURES/kato/ws-events.ndjson")
}

@test "each connection belongs to one worker, with counters and caches of its own" {
	kato --workers 4 --assign round-robin --first-requests 100
	for n in 100 200 300 400; do
		[ "$(curl -s "$url/metrics" "$url/metrics" | jq -s 'map(.performance.total_requests) | unique')" = "[
  $n
]" ]
	done
	[ "$(curl -s "$url/metrics/kato_requests_total?minutes=60" | jq .statistics.count)" = 2 ]
}

@test "an answer is cached for its time, a connection closed when it was idle" {
	kato --cache-ttl 0.2 --keep-alive 0.3
	first=$(curl -s "$url/metrics" | jq .timestamp)
	other() { [ "$(curl -s "$url/metrics" | jq .timestamp)" != "$first" ]; }
	wait_for 5 other
	exec 7<>"/dev/tcp/127.0.0.1/${url##*:}"
	printf 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n' >&7
	timeout 5 cat <&7 | grep -q '"status":"healthy"'
}

@test "failures are told as KATO tells them" {
	[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/metrics/kato_requests_failed?minutes=60")" = 404 ]
	# that was one
	[ "$(curl -s "$url/metrics/kato_requests_failed?minutes=60" | jq -r '.data_points[0].labels | .path + " " + .status')" = '/metrics/kato_requests_failed 404' ]
	[ "$(curl -s -X DELETE "$url/sessions/none" | jq -r .error.code)" = SESSION_NOT_FOUND ]
	[ "$(curl -s "$url/metrics/x?minutes=y" | jq -r '.detail[0].loc[1]')" = minutes ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/sessions")" = 405 ]
	curl -s "$url/status" | jq -e '.sessions.redis_url | contains("secret")'
}
